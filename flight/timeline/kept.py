"""What of the timeline survives a restart."""

from __future__ import annotations

from typing import Final

import msgspec

from flight.kept_file import KeptFile
from hal.api.storage import Storage
from telemetry_defs.areas import timeline as area
from telemetry_defs.packets import PacketError, parse_tc

FILE: Final = "schedule"
VERSION: Final = 1


class Entry(msgspec.Struct, frozen=True, order=True):
    """One waiting telecommand; entries sort as they are released."""

    release_ns: int
    """On-board time, ns since the GPS epoch."""
    number: int
    """Order of insertion, for equal times."""
    packet: bytes


class KeptTimeline(msgspec.Struct, frozen=True, kw_only=True):
    """The whole timeline."""

    enabled: bool = True
    held: bool = False
    entries: tuple[Entry, ...] = ()


def timeline_file(storage: Storage) -> KeptFile[KeptTimeline]:
    """Where it is kept, in two copies."""
    return KeptFile(storage, FILE, VERSION, KeptTimeline, _plausible)


def _plausible(kept: KeptTimeline) -> bool:
    try:
        for entry in kept.entries:
            parse_tc(entry.packet)
    except PacketError:
        return False
    return len(kept.entries) <= area.MAX_ENTRIES
