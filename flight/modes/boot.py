"""Which mode a boot leads to."""

from __future__ import annotations

from flight.boot import AFTER_TIME_OFF
from flight.modes.table import RESUMED
from hal.api.values import ResetCause
from telemetry_defs.definitions import Mode


def mode_after_boot(cause: ResetCause, last_mode: Mode | None, minimal: bool) -> Mode:
    """The mode to leave INIT for."""
    if minimal:
        return Mode.SAFE
    if cause in AFTER_TIME_OFF or last_mode is Mode.HIBERNATE:
        return Mode.WAKE
    return last_mode if last_mode in RESUMED and last_mode is not None else Mode.SAFE
