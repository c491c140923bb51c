"""The libraries that flight needs on arm64, as wheels: downloaded on this desktop, unpacked without running them."""

from __future__ import annotations

import hashlib
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sil.image.errors import ImageError
from sil.image.tools import run

LIBRARIES: Final = ("msgspec", "pyserial", "transitions", "six", "smbus2", "gpiod")
SIMULATION_LIBRARIES: Final = ("astronomy-engine",)
SOURCES: Final = ("crcmod",)
"""Published without wheels; the pure Python part of the source is taken."""
_PLATFORMS: Final = ("manylinux2014_aarch64", "manylinux_2_28_aarch64")


def gather(python: str, names: Sequence[str], cache: Path) -> dict[str, bytes]:
    """The files of these packages for a Python on arm64, by their path on PYTHONPATH; downloaded once.

    Raises:
        ImageError: a package cannot be had for it.
    """
    folder = cache / f"wheels-{python}-{hashlib.sha256(' '.join((*names, *SOURCES)).encode()).hexdigest()[:12]}"
    done = folder / "complete"
    if not done.exists():
        _download(python, names, folder)
        done.touch()
    found: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".whl":
            found.update(wheel_files(path))
        elif path.name.endswith(".tar.gz"):
            found.update(pure_source_files(path))
    return found


def _download(python: str, names: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download", "--no-deps", "--dest"]
    tag = "cp" + python.replace(".", "")
    platforms = [word for name in _PLATFORMS for word in ("--platform", name)]
    fits = ["--implementation", "cp", "--python-version", python, "--abi", tag, "--abi", "abi3", "--abi", "none"]
    run(*pip, folder, *platforms, *fits, "--only-binary=:all:", *names)
    run(*pip, folder, "--no-binary=:all:", "--no-build-isolation", *SOURCES)


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """What a wheel puts on PYTHONPATH (binary distribution format, PEP 427); its scripts are left out.

    Raises:
        ImageError: it is no wheel, or a name in it leads out of the folder.
    """
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                path = _library_path(name)
                if path is not None:
                    found[_inside(path, wheel)] = archive.read(name)
    except zipfile.BadZipFile:
        raise ImageError(f"{wheel} is no wheel") from None
    return found


def _library_path(name: str) -> str | None:
    top, _, rest = name.partition("/")
    if name.endswith("/"):
        return None
    if top.endswith(".data"):
        kind, _, path = rest.partition("/")
        return path if kind in ("purelib", "platlib") else None
    return name


def pure_source_files(archive: Path) -> dict[str, bytes]:
    """The Python 3 package in crcmod's source archive, without its C extension.

    Raises:
        ImageError: there is none.
    """
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as source:
        for member in source:
            _, mark, path = member.name.partition("/python3/")
            if mark and member.isreg() and path.endswith(".py"):
                file = source.extractfile(member)
                found[_inside(path, archive)] = file.read() if file is not None else b""
    if not found:
        raise ImageError(f"{archive} holds no folder python3")
    return found


def _inside(path: str, source: Path) -> str:
    if path.startswith("/") or ".." in path.split("/") or "\\" in path:
        raise ImageError(f"{source} holds the name {path!r}, which leads out of its folder")
    return path
