"""What Linux says about a disk, read from sysfs and /proc: enough to tell a card from the disk one would miss."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SECTOR_BYTES = 512


@dataclass(frozen=True, kw_only=True)
class Roots:
    """Where to look; a test has a tree of its own."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")
    mounts: Path = Path("/proc/self/mounts")
    swaps: Path = Path("/proc/swaps")


@dataclass(frozen=True, kw_only=True)
class Disk:
    """One block device as found."""

    name: str
    """Of the kernel: `sdb`, `mmcblk0`."""
    path: Path
    size_bytes: int
    model: str
    is_partition: bool
    removable: bool
    """By the kernel's flag, or because it hangs on USB or is an SD card: USB card readers often lack the flag."""
    read_only: bool
    mounts: tuple[str, ...]
    """Where the disk or anything on it (partitions, volumes made of them) is mounted."""
    swap: tuple[str, ...]
    holders: tuple[str, ...]
    """Volumes (RAID, LVM, encryption) that are made of it."""
    is_system: bool
    """Whether the running system's root, /usr, /boot or swap lies on it."""


SYSTEM_MOUNTS = ("/", "/usr", "/boot", "/boot/efi", "/boot/firmware", "/home", "/var")


def find_disk(device: str, roots: Roots | None = None) -> Disk | None:
    """The disk at a path of /dev, links followed; None if there is no such block device."""
    where = roots or Roots()
    path = Path(os.path.realpath(device))
    folder = where.sys / "class/block" / path.name
    if path.parent != Path(os.path.realpath(where.dev)) or not folder.exists():
        return None
    real = folder.resolve()
    family = sorted(set(_family(where, real)))
    mounts = tuple(point for name in family for point in _mounts(where, name))
    swap = tuple(name for name in family if f"/dev/{name}" in _swaps(where))
    return Disk(
        name=path.name,
        path=path,
        size_bytes=int(_text(real / "size") or 0) * SECTOR_BYTES,
        model=" ".join(_text(real / "device" / part) for part in ("vendor", "model", "name")).strip() or "no name",
        is_partition=(real / "partition").exists(),
        removable=_removable(real),
        read_only=_text(real / "ro") == "1",
        mounts=mounts,
        swap=swap,
        holders=tuple(name for name in family if name not in _parts(real) and name != path.name),
        is_system=bool(swap) or any(point in SYSTEM_MOUNTS for point in mounts),
    )


def is_block_device(path: Path) -> bool:
    """Whether it is one; a plain file is not."""
    try:
        return stat.S_ISBLK(path.stat().st_mode)
    except OSError:
        return False


def _removable(folder: Path) -> bool:
    card = _text(folder / "device/type") == "SD"  # an eMMC, soldered in, is of type MMC
    return card or _text(folder / "removable") == "1" or "/usb" in str(folder)


def _parts(folder: Path) -> list[str]:
    return [child.name for child in folder.iterdir() if (child / "partition").exists()]


def _family(where: Roots, folder: Path) -> Iterator[str]:
    """The disk, its partitions, and whatever is made of them, however deep."""
    yield folder.name
    holders = folder / "holders"
    for name in [*_parts(folder), *(sorted(os.listdir(holders)) if holders.is_dir() else [])]:
        yield from _family(where, (where.sys / "class/block" / name).resolve())


def _mounts(where: Roots, name: str) -> list[str]:
    """Mount points of a block device; one under its own name in /dev/mapper is found by its number."""
    found = []
    for line in _text(where.mounts).splitlines():
        source, point = line.split()[:2]
        if os.path.realpath(_unescaped(source)) == str(where.dev / name):
            found.append(_unescaped(point))
    return found


def _swaps(where: Roots) -> list[str]:
    lines = _text(where.swaps).splitlines()[1:]
    return [f"/dev/{Path(os.path.realpath(_unescaped(line.split()[0]))).name}" for line in lines if line.strip()]


def _unescaped(text: str) -> str:
    """The kernel writes blanks in these tables as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), text)


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
