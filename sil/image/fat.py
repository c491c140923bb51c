"""The boot partition: a FAT32 file system, made and filled without mounting it, the same bits for the same files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sil.image.errors import ImageError
from sil.image.recipe import BOOT_BYTES, BOOT_LABEL
from sil.image.tools import run

VOLUME_ID: Final = "52414849"


def make_fat(files: Mapping[str, bytes], out: Path, time_s: int, size_bytes: int = BOOT_BYTES) -> None:
    """A file system with these files in its root folder, all of one time.

    Raises:
        ImageError: a name is not a plain one, or they do not fit.
    """
    if wrong := [name for name in files if "/" in name]:
        raise ImageError(f"the boot partition is flat, {wrong[0]} is in a folder")
    out.unlink(missing_ok=True)
    with out.open("wb") as file:
        file.truncate(size_bytes)
    run("mkfs.vfat", "--invariant", "-F", "32", "-n", BOOT_LABEL, "-i", VOLUME_ID, out)
    put(out, files, time_s)


def put(fat: Path, files: Mapping[str, bytes], time_s: int, offset_bytes: int = 0) -> None:
    """Write files into a FAT that begins at `offset_bytes` of a file, over those of the same name.

    Raises:
        ImageError: they do not fit.
    """
    stage = fat.with_name(fat.name + ".files")
    stage.mkdir(exist_ok=True)
    paths = [stage / name for name in sorted(files)]
    try:
        for path in paths:
            path.write_bytes(files[path.name])
            os.utime(path, (time_s, time_s))
        # Creation times come from the clock otherwise.
        run("mcopy", "-m", "-o", "-i", _at(fat, offset_bytes), *paths, "::/", env={"SOURCE_DATE_EPOCH": str(time_s)})
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
        stage.rmdir()


def get(fat: Path, name: str, out: Path, offset_bytes: int = 0) -> None:
    """Copy one file out of a FAT.

    Raises:
        ImageError: there is no such file.
    """
    run("mcopy", "-n", "-o", "-i", _at(fat, offset_bytes), f"::/{name}", out)


def _at(fat: Path, offset_bytes: int) -> str:
    return f"{fat}@@{offset_bytes}" if offset_bytes else str(fat)
