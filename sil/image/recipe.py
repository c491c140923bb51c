"""What an image consists of: suites, packages, partitions, and the key under which a root file system is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

PYTHON_OF: Final = MappingProxyType({"bookworm": "3.11", "trixie": "3.13"})
"""Debian suite: its Python.  The application's compiled wheels must fit it."""
PACKAGES: Final = (
    "systemd",
    "systemd-sysv",
    "udev",
    "dbus",
    "kmod",
    "iproute2",
    "libpam-systemd",
    "python3",
    "linux-image-arm64",
    "raspi-firmware",
    "initramfs-tools",
    "zstd",
    "login",
    "passwd",
    "e2fsprogs",
    "dosfstools",
    "fdisk",
    "openssh-server",
)
INITRAMFS_MODULES: Final = (
    "ext4",
    "vfat",
    "nls_cp437",
    "nls_ascii",
    "overlay",
    "squashfs",
    "virtio_pci",
    "virtio_mmio",
    "virtio_blk",
    "mmc_block",
    "sdhci_iproc",
    "bcm2835",
    "bcm2835_wdt",
)
"""Listed, since probing for them runs thousands of programs, which takes for ever under an emulated processor."""

MIB: Final = 1 << 20
DISK_ID: Final = 0x52414849
"""MBR disk signature, "RAHI"; partitions are found by it whatever the disk is called."""
ALIGN_BYTES: Final = MIB
BOOT_BYTES: Final = 256 * MIB
ROOT_BYTES: Final = 512 * MIB
DATA_BYTES: Final = 16 * MIB
"""Grown to the end of the card before it is formatted, at the first boot."""
BOOT_LABEL: Final = "RAHI-BOOT"
BOOT_PART: Final = 1
ROOT_PART: Final = 2
DATA_PART: Final = 3


def partition_uuid(number: int) -> str:
    """PARTUUID of a partition on a disk with an MBR: the disk signature and the number, as Linux forms it."""
    return f"{DISK_ID:08x}-{number:02d}"


@dataclass(frozen=True, kw_only=True)
class RootRecipe:
    """Everything that a Debian root file system depends on."""

    suite: str
    mirror: str
    security_mirror: str
    date_s: int
    """Unix time of the newest package index of the mirror: its state, and the time stamp of what is built."""
    packages: tuple[str, ...] = PACKAGES
    initramfs_modules: tuple[str, ...] = INITRAMFS_MODULES

    @property
    def sources(self) -> tuple[str, str]:
        """Lines of an apt sources list."""
        areas = "main non-free-firmware"
        return (
            f"deb {self.mirror} {self.suite} {areas}",
            f"deb {self.security_mirror} {self.suite}-security {areas}",
        )

    @property
    def key(self) -> str:
        """Hash of the recipe: the name under which the result is kept."""
        text = "\n".join((*self.sources, str(self.date_s), *self.packages, "", *self.initramfs_modules))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
