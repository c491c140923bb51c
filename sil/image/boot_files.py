"""The files of the boot partition: the Pi's firmware, kernel, initrd, device trees, and what tells them what to do."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sil.image.device_tree import free_uart
from sil.image.errors import ImageError
from sil.image.recipe import ROOT_PART, partition_uuid
from sil.image.system_layer import target_text

KERNEL: Final = "vmlinuz"
INITRD: Final = "initrd.img"
FIRST_BOOT_FILE: Final = "rahi.toml"
ROOT_ARGUMENTS: Final = f"root=PARTUUID={partition_uuid(ROOT_PART)} rootfstype=squashfs ro rootwait"
COMMAND_LINE: Final = f"console=tty1 {ROOT_ARGUMENTS} cma=64M net.ifnames=0 panic=10\n"
"""A kernel that panics restarts by itself after 10 s; one that hangs is left to the watchdog."""
CONFIG: Final = f"""# Read by the Pi's firmware. Debian's kernel brings its own device trees.
arm_64bit=1
enable_uart=1
upstream_kernel=1
kernel={KERNEL}
initramfs {INITRD}
"""


def boot_files(firmware: Mapping[str, bytes], change: Callable[[Path], bool] = free_uart) -> dict[str, bytes]:
    """From Debian's /boot/firmware to what the card carries.

    Raises:
        ImageError: a kernel, an initrd or the firmware is missing, or a device tree is not as expected.
    """
    found = {name: data for name, data in firmware.items() if name.endswith((".dat", ".elf", ".bin"))}
    found[KERNEL] = _only(firmware, "vmlinuz-")
    found[INITRD] = _only(firmware, "initrd.img-")
    if not {"start.elf", "bootcode.bin"} <= found.keys():
        raise ImageError("the root file system holds no Raspberry Pi firmware")
    found.update(_device_trees(firmware, change))
    found["cmdline.txt"] = COMMAND_LINE.encode()
    found["config.txt"] = CONFIG.encode()
    found[FIRST_BOOT_FILE] = target_text(FIRST_BOOT_FILE).encode()
    return dict(sorted(found.items()))


def _only(firmware: Mapping[str, bytes], prefix: str) -> bytes:
    names = [name for name in firmware if name.startswith(prefix)]
    if len(names) != 1:
        raise ImageError(f"expected one {prefix}... in the root file system, found {len(names)}")
    return firmware[names[0]]


def _device_trees(firmware: Mapping[str, bytes], change: Callable[[Path], bool]) -> dict[str, bytes]:
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, data in firmware.items():
            if name.endswith(".dtb"):
                path = Path(folder) / name
                path.write_bytes(data)
                change(path)
                found[name] = path.read_bytes()
    return found
