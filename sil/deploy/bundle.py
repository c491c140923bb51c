"""A slot as the desktop builds it: our packages, those of others and a manifest, kept in a cache by content."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final

from flight.version import VERSION
from sil.deploy.errors import DeployError
from sil.deploy.facts import Facts
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.wheels import FLIGHT_NEEDS, SIMULATION_NEEDS, gather

FLIGHT_PACKAGES: Final = ("flight", "hal", "telemetry_defs")
SIMULATION_PACKAGES: Final = ("sim_hal",)
KEPT_SUFFIXES: Final = (".py", ".toml", ".typed")
KEPT_BUNDLES: Final = 5


@dataclass(frozen=True)
class Sources:
    """Where a slot comes from; the defaults are this installation and the package index."""

    with_sim: bool = False
    wheels: Path | None = None
    """Take wheels only from this folder."""
    packages: Path | None = None
    """Take our packages from this folder instead of this installation."""
    version: str = ".".join(map(str, VERSION))


@dataclass(frozen=True)
class Bundle:
    """A slot in the cache."""

    manifest: Manifest
    lib: Path

    def contents(self) -> Mapping[str, Path]:
        """Where which content lies."""
        return {sha256: self.lib / path for path, (sha256, _) in self.manifest.files.items()}


def default_cache() -> Path:
    """Of this user (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rahi" / "deploy"


def build(facts: Facts, sources: Sources, cache: Path) -> Bundle:
    """The slot for such a target; raises `DeployError`."""
    needs = FLIGHT_NEEDS + (SIMULATION_NEEDS if sources.with_sim else ())
    wheels = gather(needs, facts, cache, sources.wheels)
    (cache / "slots").mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=cache / "slots"))
    try:
        _fill(fresh, wheels, sources)
        manifest = Manifest(sources.version, facts.python, facts.machine, dict(_listed(fresh)))
        lib = cache / "slots" / manifest.content
        shutil.rmtree(lib, ignore_errors=True)  # it may have been cut short
        fresh.replace(lib)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    os.utime(lib)
    _prune(cache / "slots")
    return Bundle(manifest, lib)


def _fill(lib: Path, wheels: Iterable[Path], sources: Sources) -> None:
    for wheel in wheels:
        _unpack(wheel, lib)
    _copy_package("crcmod", lib, None, (".py",))  # its C extension is for this computer, and flight does without it
    for package in FLIGHT_PACKAGES + (SIMULATION_PACKAGES if sources.with_sim else ()):
        _copy_package(package, lib, sources.packages, KEPT_SUFFIXES)
    _write_boards(lib, sources.version)


def _unpack(wheel: Path, lib: Path) -> None:
    """Without scripts, whose first line would name this computer's Python. Raises `DeployError`."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                path = _installed_path(name)
                if path is not None:
                    (lib / path).parent.mkdir(parents=True, exist_ok=True)
                    (lib / path).write_bytes(archive.read(name))
    except (zipfile.BadZipFile, OSError) as error:
        raise DeployError(f"{wheel.name} cannot be unpacked: {error}") from None


def _installed_path(name: str) -> PurePosixPath | None:
    """Where a wheel's member belongs (PEP 427), None if nowhere; raises `DeployError` if outside."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name:
        raise DeployError(f"a wheel wants to write {name!r}")
    if name.endswith("/") or "__pycache__" in parts:
        return None
    if parts[0].endswith(".data"):
        return PurePosixPath(*parts[2:]) if parts[1] in ("purelib", "platlib") else None
    return PurePosixPath(*parts)


def _copy_package(name: str, lib: Path, source: Path | None, suffixes: Sequence[str]) -> None:
    folder = _installed(name) if source is None else source / name
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
            target = lib / name / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def _installed(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise DeployError(f"{name} is not installed on this computer: pip install 'rahi[sim]'")
    return Path(spec.submodule_search_locations[0])


def _write_boards(lib: Path, version: str) -> None:
    """Flight finds its board by entry point, and those lie in the distribution's metadata."""
    folder = lib / f"rahi-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: rahi\nVersion: {version}\n")
    boards = sorted({f"{entry.name} = {entry.value}\n" for entry in entry_points(group="rahi.hal")})
    (folder / "entry_points.txt").write_text("".join(["[rahi.hal]\n", *boards]))


def _listed(lib: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    for path in sorted(lib.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield path.relative_to(lib).as_posix(), (digest(data), len(data))


def _prune(folder: Path) -> None:
    """Keep the newest few."""
    bundles = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for path in sorted(bundles, key=lambda path: path.stat().st_mtime)[:-KEPT_BUNDLES]:
        shutil.rmtree(path, ignore_errors=True)
