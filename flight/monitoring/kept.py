"""What of monitors and actions survives a restart: the states that ground has given them."""

from __future__ import annotations

from typing import Final

import msgspec

from flight.kept_file import KeptFile
from hal.api.storage import Storage
from telemetry_defs.monitor_reports import MonitorState

FILE: Final = "monitors"
VERSION: Final = 1


class KeptMonitors(msgspec.Struct, frozen=True, kw_only=True):
    """Only what differs from the rover file, by id."""

    states: dict[int, MonitorState] = {}
    actions: dict[int, bool] = {}
    """Which are enabled."""


def monitors_file(storage: Storage) -> KeptFile[KeptMonitors]:
    """Where it is kept, in two copies; ids that the rover file no longer has are of no interest."""
    return KeptFile(storage, FILE, VERSION, KeptMonitors)
