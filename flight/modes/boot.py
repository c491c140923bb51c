"""Which mode a boot leads to."""

from __future__ import annotations

from typing import Final

from flight.modes.table import RESUMED
from hal.api.values import ResetCause
from telemetry_defs.definitions import Mode

_WAKES: Final = (ResetCause.WAKE_ARRAY, ResetCause.WAKE_TIMER, ResetCause.WAKE_UPLINK, ResetCause.DEAD_BUS)


def mode_after_boot(cause: ResetCause, last_mode: Mode | None, minimal: bool) -> Mode:
    """The mode to leave INIT for."""
    if minimal:
        return Mode.SAFE
    if cause in _WAKES or last_mode is Mode.HIBERNATE:
        return Mode.WAKE
    return last_mode if last_mode in RESUMED and last_mode is not None else Mode.SAFE
