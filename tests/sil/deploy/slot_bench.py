"""A rover's slots on a disk in memory, and what systemd and the desktop do to them."""

from __future__ import annotations

import io
import platform
from pathlib import Path

from sil.deploy.target.disk import Disk
from sil.deploy.target.loading import Loading
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.target.slots import Slots
from sil.deploy.target.state import FACTORY, Places

PYTHON = "3.11"
FACTORY_VERSION = "0"


def contents(version: str) -> dict[str, bytes]:
    """A small version of the flight software: some of it as in every other, some new, two files equal."""
    return {
        "flight/__init__.py": b"",
        "flight/empty.py": b"",
        "flight/main.py": f"VERSION = {version!r}\n".encode(),
        "msgspec/core.so": b"\x7fELF the same in every version",
        "data/table.toml": b"x = 1\n" * len(version),
    }


def manifest_of(files: dict[str, bytes], version: str = "1", python: str = PYTHON) -> Manifest:
    """What the desktop would say of these files."""
    named = {path: (digest(data), len(data)) for path, data in files.items()}
    return Manifest(version, python, platform.machine(), named)


class Bench:
    """Operations as they come from outside, each of which the power may cut."""

    def __init__(self, disk: Disk, root: Path) -> None:
        self.disk = disk
        self.places = Places(root / "opt", root / "opt" / FACTORY, root / "run")
        self.slots = Slots(disk, self.places, PYTHON)
        self.loading = Loading(self.slots)
        for folder in (root, self.places.base, self.places.run):
            disk.make_folder(folder)
        disk.sync_all()

    def install_factory(self) -> None:
        """As an image has it."""
        folder = self.places.factory
        for path, data in contents(FACTORY_VERSION).items():
            target = folder / "lib" / path
            for parent in reversed([parent for parent in target.parents if parent.is_relative_to(folder)]):
                self.disk.make_folder(parent)
            self.disk.write(target, data)
        self.disk.write(folder / "manifest.json", manifest_of(contents(FACTORY_VERSION), FACTORY_VERSION).to_json())
        self.disk.sync_all()

    def deploy(self, version: str) -> str:
        """What `rahi deploy` does up to the restart; the slot."""
        files = contents(version)
        manifest = manifest_of(files, version)
        name = self.slots.free()
        self.loading.receive(name, self.upload(name, manifest, files))
        self.loading.stage(name, manifest)
        return name

    def upload(self, name: str, manifest: Manifest, files: dict[str, bytes]) -> io.BytesIO:
        """The stream that brings what is missing."""
        by_content = {digest(data): data for data in files.values()}
        stream = io.BytesIO()
        for item in self.loading.have(name, manifest):
            header = f"{item['sha256']} {item['size']} {item['offset']}\n"
            stream.write(header.encode() + by_content[item["sha256"]][item["offset"] :])
        stream.seek(0)
        return stream

    def version(self, name: str) -> str:
        """Which whole version lies in a slot; fails if what lies there is none."""
        lib = self.slots.folder(name) / "lib"
        version = self.slots.manifest(name).rahi
        assert {path: self.disk.read(lib / path) for path in contents(version)} == contents(version)
        return version


def proven(bench: Bench, version: str) -> str:
    """A version that is good; its slot."""
    name = bench.deploy(version)
    assert bench.slots.select() == name
    bench.slots.good()
    return name
