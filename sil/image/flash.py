"""Write an image to a card: checked before, written by bmaptool or rpi-imager, read back after."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sil.image.block_map import BlockMap, differences, read_map
from sil.image.disks import Disk, find_disk, is_block_device
from sil.image.errors import ImageError, Unusable
from sil.image.flash_checks import refusals
from sil.image.pack import sha256
from sil.image.tools import find

LONGEST_NAME: Final = 200

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Image:
    """What is to be written, with what says that it is whole."""

    path: Path
    block_map: Path
    sha256: str
    """As its .sha256 file says."""


def find_image(path: Path) -> Image:
    """An image and the two files beside it.

    Raises:
        Unusable: one of them is missing or says something else.
    """
    if not path.name or len(path.name) > LONGEST_NAME:
        raise Unusable(f"{str(path)[:80]!r} is no name of an image")
    sums = path.with_name(path.name + ".sha256")
    block_map = path.with_name(path.name.removesuffix(".xz") + ".bmap")
    for needed in (path, sums, block_map):
        if not needed.is_file():
            raise Unusable(f"{needed}: no such file; NAME.img.xz, NAME.img.xz.sha256 and NAME.img.bmap belong together")
    words = sums.read_text(errors="replace").split()
    if len(words) != 2 or len(words[0]) != 64 or words[1].lstrip("*") != path.name:
        raise Unusable(f"{sums} does not give the SHA-256 of {path.name}")
    return Image(path=path, block_map=block_map, sha256=words[0].lower())


def check_image(image: Image) -> BlockMap:
    """Compare the image with its sum and read its map.

    Raises:
        ImageError: it is damaged.
    """
    found = sha256(image.path)
    if found != image.sha256:
        raise ImageError(f"{image.path} is damaged: SHA-256 {found[:12]}..., its file says {image.sha256[:12]}...")
    return read_map(image.block_map)


def check_disk(device: str, image_bytes: int, *, force_fixed: bool) -> Disk:
    """The disk, once nothing speaks against it.

    Raises:
        Unusable: with every reason.
    """
    disk = find_disk(device)
    if disk is None or not is_block_device(disk.path):
        raise Unusable(f"{device} is no disk of this computer; lsblk lists them")
    reasons = refusals(disk, image_bytes, force_fixed=force_fixed)
    if reasons:
        raise Unusable("; ".join(reasons))
    return disk


def check_access(disk: Disk) -> None:
    """See that this user may write to it.

    Raises:
        Unusable: not without sudo.
    """
    if not os.access(disk.path, os.R_OK | os.W_OK):
        raise Unusable(f"you may not write to {disk.path}: run this command with sudo")


def writer(image: Image, disk: Disk) -> list[str]:
    """The command that writes: bmaptool, which writes only what matters, else rpi-imager.

    Raises:
        Unusable: neither is here.
    """
    bmaptool, imager = find("bmaptool"), find("rpi-imager")
    if bmaptool is not None:
        return [bmaptool, "copy", "--bmap", str(image.block_map), str(image.path), str(disk.path)]
    if imager is not None:
        return [imager, "--cli", str(image.path), str(disk.path)]
    raise Unusable("neither bmaptool nor rpi-imager is here; install one with: sudo apt install bmap-tools")


def write(command: list[str]) -> None:
    """Run the writer with the terminal's own output.

    Raises:
        ImageError: it failed.
    """
    status = subprocess.run(command, check=False).returncode
    if status != 0:
        raise ImageError(f"{Path(command[0]).name} ended with {status}; the card is not usable")


def read_back(disk: Disk, expected: BlockMap, told: Callable[[int], None] = lambda _bytes: None) -> None:
    """Read what was written from the card itself, not from memory.

    Raises:
        ImageError: it is not what the image has.
    """
    with disk.path.open("rb", buffering=0) as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        wrong = differences(expected, file, told)
    if wrong:
        at = wrong[0].first * expected.block_bytes
        raise ImageError(f"{disk.path} does not hold what was written (first at byte {at}): the card may be failing")
