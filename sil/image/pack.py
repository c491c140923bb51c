"""What is handed out: NAME.img.xz, its block map for bmaptool, and its SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from sil.image.tools import run

_BLOCK_BYTES: Final = 1 << 20


def pack(image: Path) -> list[Path]:
    """Compress `image` and write the two files beside it; the image itself stays.

    Raises:
        ImageError: a tool failed, or the disk is full.
    """
    packed, block_map = image.with_suffix(".img.xz"), image.with_suffix(".img.bmap")
    run("bmaptool", "--quiet", "create", "-o", block_map, image)
    # Level 0, since most of it is compressed already. Two threads, whatever this machine has: they decide the bits.
    run("xz", "--keep", "--force", "--threads=2", "-0", image)
    sums = image.with_suffix(".img.xz.sha256")
    sums.write_text(f"{sha256(packed)}  {packed.name}\n")
    return [packed, block_map, sums]


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
