"""A tree of files as the kernel shows them."""

from __future__ import annotations

from pathlib import Path


def kernel_files(root: Path, boot_id: str = "one", bootstatus: str | None = None, pm_rsts: int | None = None) -> Path:
    """Write them under `root`, which is returned; None: this computer has no such file."""
    _write(root / "proc/sys/kernel/random/boot_id", f"{boot_id}\n".encode())
    if bootstatus is not None:
        _write(root / "sys/class/watchdog/watchdog0/bootstatus", f"{bootstatus}\n".encode())
    if pm_rsts is not None:
        _write(root / "proc/device-tree/chosen/bootloader/pm_rsts", pm_rsts.to_bytes(4, "big"))
    return root


def put(root: Path, name: str, text: str) -> None:
    """One more file."""
    _write(root / name, text.encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
