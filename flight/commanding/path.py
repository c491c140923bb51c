"""What the telecommand path keeps for one boot; it outlives rebuilt rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.execution import Verification
from flight.commanding.queue import CommandQueue
from flight.context import EventSink
from flight.link.counters import LinkCounters


class ReceiveCounters:
    """What the receive row counts."""

    __slots__ = ("accepted", "bad_packets", "rejected", "stops")

    def __init__(self) -> None:
        self.accepted = 0
        self.rejected = 0
        self.bad_packets = 0
        self.stops = 0


@dataclass(frozen=True, kw_only=True)
class CommandPath:
    """From reception to the queue."""

    checks: AcceptanceChecks
    duplicates: DuplicateWindows
    arming: Arming
    verification: Verification
    events: EventSink
    queue: CommandQueue = field(default_factory=CommandQueue)
    received: ReceiveCounters = field(default_factory=ReceiveCounters)
    links: LinkCounters = field(default_factory=LinkCounters)
