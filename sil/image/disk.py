"""The disk: a master boot record, which the Pi's firmware wants, and three partitions in one sparse file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sil.image.errors import ImageError
from sil.image.recipe import ALIGN_BYTES, BOOT_BYTES, DATA_BYTES, DISK_ID, MIB, ROOT_BYTES

SECTOR_BYTES: Final = 512
FAT32_LBA: Final = 0x0C
LINUX: Final = 0x83
CLEARED_BYTES: Final = MIB
"""Written as zeros at the head of the data partition, so that a card's former content is not taken for ours."""
_BY_LBA: Final = b"\xfe\xff\xff"
"""Cylinder, head and sector of what is addressed by block number only."""
_COPY_BYTES: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Partition:
    """One row of the partition table."""

    kind: int
    start_bytes: int
    size_bytes: int


def layout() -> tuple[Partition, Partition, Partition]:
    """Boot, root and data, one behind the other."""
    boot = Partition(kind=FAT32_LBA, start_bytes=ALIGN_BYTES, size_bytes=BOOT_BYTES)
    root = Partition(kind=LINUX, start_bytes=boot.start_bytes + boot.size_bytes, size_bytes=ROOT_BYTES)
    data = Partition(kind=LINUX, start_bytes=root.start_bytes + root.size_bytes, size_bytes=DATA_BYTES)
    return boot, root, data


def boot_record(partitions: Sequence[Partition], disk_id: int = DISK_ID) -> bytes:
    """The first sector: no boot code, the disk signature, up to four partitions (field offsets: UEFI 2.10, 5.2.1).

    Raises:
        ValueError: more than four partitions, or one that is not on whole sectors or beyond 2 TiB.
    """
    if len(partitions) > 4:
        raise ValueError(f"{len(partitions)} partitions, at most 4 fit a master boot record")
    rows = b"".join(_row(item) for item in partitions)
    return bytes(440) + struct.pack("<IH", disk_id, 0) + rows.ljust(64, b"\x00") + b"\x55\xaa"


def _row(item: Partition) -> bytes:
    if item.start_bytes % SECTOR_BYTES or item.size_bytes % SECTOR_BYTES or item.size_bytes <= 0:
        raise ValueError(f"a partition must lie on whole sectors: {item}")
    start, size = item.start_bytes // SECTOR_BYTES, item.size_bytes // SECTOR_BYTES
    if start + size > 1 << 32:
        raise ValueError(f"a master boot record ends at 2 TiB: {item}")
    return struct.pack("<B3sB3sII", 0, _BY_LBA, item.kind, _BY_LBA, start, size)


def write_disk(out: Path, boot: Path, root: Path) -> None:
    """Put the parts together; what nobody wrote stays a hole.

    Raises:
        ImageError: a part does not fit its partition.
    """
    first, second, data = layout()
    with out.open("wb") as file:
        file.write(boot_record((first, second, data)))
        for name, part, partition in (("boot", boot, first), ("root", root, second)):
            if part.stat().st_size > partition.size_bytes:
                raise ImageError(
                    f"the {name} file system has {part.stat().st_size} bytes, its partition {partition.size_bytes}"
                )
            file.seek(partition.start_bytes)
            _copy(part, file)
        file.seek(data.start_bytes)
        file.write(bytes(CLEARED_BYTES))
        file.truncate(data.start_bytes + data.size_bytes)


def _copy(part: Path, file: IO[bytes]) -> None:
    """All of a file but the zeros at its end.  Zeros between count: an allocation table's say that space is free."""
    zeros = 0
    with part.open("rb") as source:
        while block := source.read(_COPY_BYTES):
            if not block.strip(b"\x00"):
                zeros += len(block)
                continue
            file.write(bytes(zeros) + block)
            zeros = 0
