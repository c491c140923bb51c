"""Whether an image may be written to a disk: every reason against it, decided from facts alone."""

from __future__ import annotations

import shlex

from sil.image.disks import Disk

LARGEST_CARD_BYTES = 2 << 40
"""No card is larger; a disk that is may hold what nobody wants to lose."""


def refusals(disk: Disk, image_bytes: int, *, force_fixed: bool = False) -> list[str]:
    """Each reason in one sentence; empty if it may be written.

    `force_fixed` lifts only the refusal of a disk that is not removable.
    """
    reasons = []
    if disk.is_partition:
        reasons.append(f"{disk.path} is a partition; name the whole disk")
    if disk.is_system:
        reasons.append(f"{disk.path} holds the system that runs here")
    elif disk.mounts:
        points = ", ".join(disk.mounts)
        reasons.append(f"{disk.path} is mounted at {points}; unmount it first: sudo umount {shlex.join(disk.mounts)}")
    if disk.holders:
        reasons.append(f"{disk.path} is part of {', '.join(disk.holders)}")
    if disk.read_only:
        reasons.append(f"{disk.path} is read-only (the switch on the card's side?)")
    if disk.size_bytes < image_bytes:
        reasons.append(f"{disk.path} has {size(disk.size_bytes)}, the image needs {size(image_bytes)}")
    if disk.size_bytes > LARGEST_CARD_BYTES:
        reasons.append(f"{disk.path} has {size(disk.size_bytes)}, more than any card")
    if not disk.removable and not force_fixed:
        reasons.append(f"{disk.path} is not removable; if it really is the one: --force-fixed")
    return reasons


def confirmed(disk: Disk, answer: str) -> bool:
    """Whether the operator typed the disk's name."""
    return answer.strip() in (disk.name, str(disk.path))


def size(size_bytes: int) -> str:
    """For people."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 100_000_000 else f"{size_bytes / 1e6:.1f} MB"
