"""Why the computer, or just flight, came up: from the kernel, the boot firmware and the last process's own record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hal.api.values import ResetCause
from hal.pi.life import Life

CARD_RESET: Final = 0x20
"""WDIOF_CARDRESET of linux/watchdog.h.  The Raspberry Pi's own driver never sets it."""
HAD_WATCHDOG_RESET: Final = 0x20
"""HADWRF of the PM_RSTS register (barebox, include/soc/bcm283x/wdt.h)."""
HAD_POWER_ON: Final = 0x1000
"""HADPOR of the same register."""
STATUS_BY_COMMAND: Final = (0, 75)
"""A stop that was asked for, or a restart."""
STATUS_CRASH: Final = (70, 71)
RESULTS_CRASH: Final = ("exit-code", "core-dump", "oom-kill")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the system knows of its own last start."""

    boot_id: str
    """Differs from one start of the kernel to the next."""
    card_reset: bool
    """A watchdog driver says that its chip reset the computer."""
    pm_rsts: int
    """Reset register of the Raspberry Pi as its boot loader found it, 0 if it does not say."""


def gather(root: Path = Path("/")) -> Evidence:
    """Read it; what is not there counts as not said.

    Sources: proc(5); Documentation/ABI/testing/sysfs-class-watchdog; "Firmware parameters" of the Raspberry Pi
    documentation for /chosen/bootloader/pm_rsts.  No Raspberry Pi has confirmed the last one yet.
    """
    statuses = (_text(path / "bootstatus") for path in sorted((root / "sys/class/watchdog").glob("watchdog*")))
    return Evidence(
        boot_id=_text(root / "proc/sys/kernel/random/boot_id"),
        card_reset=any(_number(status) & CARD_RESET for status in statuses),
        pm_rsts=int.from_bytes(_data(root / "proc/device-tree/chosen/bootloader/pm_rsts"), "big"),
    )


def reset_cause(last: Life | None, evidence: Evidence) -> ResetCause:
    """The cause of this start; `last` is the record of the process before it."""
    if last is None or last.boot_id != evidence.boot_id:
        return _after_kernel_start(last, evidence)
    if last.result == "watchdog":
        return ResetCause.WATCHDOG
    if last.exit_status in STATUS_CRASH or last.result in RESULTS_CRASH:
        return ResetCause.CRASH
    return ResetCause.COMMANDED if last.exit_status in STATUS_BY_COMMAND else ResetCause.UNKNOWN


def _after_kernel_start(last: Life | None, evidence: Evidence) -> ResetCause:
    """An ordinary reboot leaves the Raspberry Pi's register as its watchdog does, but lets flight end first."""
    cut_short = last is not None and last.exit_status is None
    bitten = bool(evidence.pm_rsts & HAD_WATCHDOG_RESET) and not evidence.pm_rsts & HAD_POWER_ON
    return ResetCause.WATCHDOG if evidence.card_reset or (bitten and cut_short) else ResetCause.POWER_ON


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()[:64]
    except OSError:
        return b""


def _text(path: Path) -> str:
    return _data(path).decode("ascii", "replace").strip()


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        return 0
