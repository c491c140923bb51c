"""What comms needs of the core besides the common context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flight.link.counters import LinkCounters
from telemetry_defs.areas.comms import CommsBeacon


@dataclass(frozen=True, kw_only=True)
class CommsPorts:
    """Handed to `Comms` by the core."""

    beacon_frame: Callable[[CommsBeacon], bytes]
    """Makes the beacon a framed telemetry packet with its counters on, ready for a radio."""
    request_restart: Callable[[], None]
    """Last stage of the command-loss timer."""
    gps_now_ns: Callable[[], int | None]
    """On-board time, or None while it is not trusted."""
    boot_count: int
    counters: LinkCounters = field(default_factory=LinkCounters)
