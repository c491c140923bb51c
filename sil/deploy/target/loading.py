"""Fill a slot with what the desktop sends: only what no slot here holds already, resumable, verified byte by byte."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from sil.deploy.target.disk import Disk
from sil.deploy.target.errors import SlotError
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.target.slots import Slots
from sil.deploy.target.state import FACTORY, SLOTS, TRIES, State

CHUNK_BYTES = 65_536
INCOMING = ".incoming"
BROKE_OFF = "the upload broke off: deploy again to go on from here"


class Loading:
    """The writing half of the slot tool."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.disk: Disk = slots.disk

    def have(self, name: str, manifest: Manifest) -> list[dict[str, Any]]:
        """What is to be sent: each content once, and how much of it came before a cut."""
        there = self._contents()
        wanted = dict(sorted(manifest.files.values()))
        return [
            {"sha256": sha256, "size": size, "offset": self.disk.size(self._part(name, sha256)) or 0}
            for sha256, size in wanted.items()
            if sha256 not in there
        ]

    def receive(self, name: str, stream: BinaryIO) -> None:
        """Blocks of `SHA256 SIZE OFFSET` and a line feed, then the bytes from that offset on, until the stream ends.

        Raises `SlotError`: not free, a stream that breaks off (what came is kept), bytes that are not those named.
        """
        self._release(name)
        self._make_folders(self.slots.folder(name) / INCOMING)
        while header := stream.readline(200):
            if not header.endswith(b"\n"):
                raise SlotError(BROKE_OFF)
            sha256, size, offset = _header(header)
            self._receive_one(self._part(name, sha256), stream, size, offset)
            if digest(self.disk.read(self._part(name, sha256))) != sha256:
                self.disk.remove(self._part(name, sha256))
                raise SlotError(f"{sha256[:12]} arrived damaged and is thrown away: deploy again")
            self.disk.rename(self._part(name, sha256), self._incoming(name, sha256))

    def stage(self, name: str, manifest: Manifest) -> None:
        """Verify every byte, then put the slot on trial; raises `SlotError` and leaves it empty if one is wrong."""
        here = (self.slots.python, platform.machine())
        if (manifest.python, manifest.machine) != here:
            raise SlotError(f"made for Python {manifest.python} on {manifest.machine}, this is {' on '.join(here)}")
        self._release(name)
        self._fill(self.slots.folder(name), manifest)
        self._remove_tree(self.slots.folder(name) / INCOMING)
        with self.disk.lock(self.slots.places.base):
            self.slots.put_state(State(self.slots.state().active, name, TRIES))

    def seal(self) -> bool:
        """Copy the active slot to the factory's place if nothing that starts is there; whether it did."""
        active = self.slots.state().active
        if active == FACTORY or self.slots.problem(FACTORY) is None:
            return False
        self._disarm(self.slots.places.factory)
        self._fill(self.slots.places.factory, self.slots.manifest(active))
        return True

    def _release(self, name: str) -> None:
        """From here on nothing refers to this slot and it cannot start: it may be written."""
        with self.disk.lock(self.slots.places.base):
            if self.slots.free() != name:
                raise SlotError(f"slot {name} is in use, {self.slots.free()} is free")
            state = self.slots.state()
            if name in (state.active, state.pending):
                active = self.slots.fallback_or_factory(without=name) if state.active == name else state.active
                pending = None if state.pending == name else state.pending
                self.slots.put_state(State(active, pending, state.tries if pending else 0))
            self._disarm(self.slots.folder(name))

    def _disarm(self, folder: Path) -> None:
        marks = [folder / mark for mark in ("good", "manifest.json") if self.disk.size(folder / mark) is not None]
        for mark in marks:
            self.disk.remove(mark)
        if marks:
            self.disk.sync(folder)

    def _receive_one(self, part: Path, stream: BinaryIO, size: int, offset: int) -> None:
        here = self.disk.size(part) or 0
        if offset != here:
            raise SlotError(f"{part.name[:12]} goes on at {here}, not {offset}: another deploy was here")
        while offset < size:
            chunk = stream.read(min(CHUNK_BYTES, size - offset))
            if not chunk:
                raise SlotError(BROKE_OFF)
            self.disk.write(part, chunk, append=True)
            offset += len(chunk)
        if size == 0:
            self.disk.write(part, b"")

    def _fill(self, folder: Path, manifest: Manifest) -> None:
        """Assemble beside the old `lib`, read it all back, and only then write the manifest that makes it a slot."""
        contents = self._contents()
        fresh = folder / ".new"
        self._remove_tree(fresh)
        self._make_folders(fresh)
        for path, (sha256, _) in manifest.files.items():
            if sha256 not in contents:
                raise SlotError(f"{path} is missing: deploy again")
            self._make_folders((fresh / path).parent)
            self.disk.write(fresh / path, self.disk.read(contents[sha256]))
        self.disk.sync_all()
        for path, (sha256, _) in manifest.files.items():
            if digest(self.disk.read(fresh / path)) != sha256:
                raise SlotError(f"{path} reads back damaged: the card may be failing")
        self._remove_tree(folder / "lib")
        self.disk.rename(fresh, folder / "lib")
        self.slots.put(folder / "manifest.json", manifest.to_json())

    def _contents(self) -> Mapping[str, Path]:
        """Where which content lies, by what the bytes are, not by what they are called."""
        folders = [self.slots.folder(name) / "lib" for name in (FACTORY, *SLOTS)]
        folders += [self.slots.folder(name) / INCOMING for name in SLOTS]
        paths = (path for folder in folders for path in self._files(folder) if path.suffix != ".part")
        return {digest(self.disk.read(path)): path for path in paths}

    def _files(self, folder: Path) -> Iterator[Path]:
        for name in self.disk.names(folder):
            if self.disk.is_folder(folder / name):
                yield from self._files(folder / name)
            elif self.disk.size(folder / name) is not None:
                yield folder / name

    def _remove_tree(self, folder: Path) -> None:
        for name in self.disk.names(folder):
            if self.disk.is_folder(folder / name):
                self._remove_tree(folder / name)
            else:
                self.disk.remove(folder / name)
        if self.disk.is_folder(folder):
            self.disk.remove_folder(folder)

    def _make_folders(self, folder: Path) -> None:
        missing = [path for path in (folder, *folder.parents) if not self.disk.is_folder(path)]
        for path in reversed(missing):
            self.disk.make_folder(path)

    def _incoming(self, name: str, sha256: str) -> Path:
        return self.slots.folder(name) / INCOMING / sha256

    def _part(self, name: str, sha256: str) -> Path:
        return self._incoming(name, sha256).with_suffix(".part")


def _header(line: bytes) -> tuple[str, int, int]:
    try:
        sha256, size, offset = line.decode("ascii").split()
        numbers = int(size), int(offset)
        right = len(sha256) == 64 and sha256 == PurePosixPath(sha256).name and 0 <= numbers[1] <= numbers[0]
    except ValueError:
        right = False
    if not right:
        raise SlotError("not an upload: expected SHA256 SIZE OFFSET")
    return sha256, *numbers
