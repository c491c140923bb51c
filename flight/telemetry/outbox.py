"""Reports on their way out: each gets its count and CRC at once, is recorded, and waits for the live link.

One bounded queue per priority, oldest dropped first.  What is recorded in the packet store and not sent is not lost:
ground asks for it.  While there is no link nothing waits here; only the store takes it.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import Final, Protocol

from flight.onboard_time import OnboardTime
from flight.telemetry.counters import SequenceCounters
from telemetry_defs.packets import build_tm


class Priority(IntEnum):
    """Order in which reports leave, and in which the store keeps them."""

    VERIFICATION = 0
    ALERT = 1
    REPORT = 2
    HOUSEKEEPING = 3


LIMITS: Final = (512, 128, 256, 256)
"""Reports held per priority: some minutes of each kind."""


class Recorder(Protocol):
    """Takes every report; the packet store does."""

    def record(self, priority: Priority, packet: bytes) -> bool:
        """Record one packet; False if it will not be kept."""
        ...


class NoRecorder:
    """A rover without a packet store."""

    def record(self, priority: Priority, packet: bytes) -> bool:
        """Keeps nothing."""
        return False


class Outbox:
    """Where every part of flight puts its reports."""

    def __init__(self, time: OnboardTime, counters: SequenceCounters, recorder: Recorder | None = None) -> None:
        self._time = time
        self._queues: tuple[deque[bytes], ...] = tuple(deque() for _ in Priority)
        self._message_counts: dict[tuple[int, int, int], int] = {}
        self.counters = counters
        self.recorder: Recorder = recorder or NoRecorder()
        self.live = True
        """Whether somebody may hear: without, what the store takes does not wait here too."""
        self.dropped = 0
        """Reports dropped here that the store has not got either."""

    def put(self, priority: Priority, apid: int, service: int, subtype: int, data: bytes) -> None:
        """Make a report, stamped with the time now; record it and queue it for the link."""
        packet = self._build(apid, service, subtype, data)
        recorded = self.recorder.record(priority, packet)
        if recorded and not self.live:
            return
        queue = self._queues[priority]
        if len(queue) >= LIMITS[priority]:
            queue.popleft()
            if not recorded:
                self.dropped += 1
        queue.append(packet)

    def waiting(self) -> int:
        """Reports in all queues."""
        return sum(map(len, self._queues))

    def peek(self) -> bytes | None:
        """The packet to send next."""
        for queue in self._queues:
            if queue:
                return queue[0]
        return None

    def take(self) -> bytes | None:
        """The next packet, or None when nothing waits."""
        for queue in self._queues:
            if queue:
                return queue.popleft()
        return None

    def build_now(self, apid: int, service: int, subtype: int, data: bytes, recorded: Priority | None = None) -> bytes:
        """A packet past the queues: beacons are of the moment; parts of products are asked for by number, and past the
        store too.  `recorded` is the class in which the store keeps it.
        """
        packet = self._build(apid, service, subtype, data)
        if recorded is not None:
            self.recorder.record(recorded, packet)
        return packet

    def _build(self, apid: int, service: int, subtype: int, data: bytes) -> bytes:
        kind = (apid, service, subtype)
        message_count = self._message_counts.get(kind, 0)
        self._message_counts[kind] = (message_count + 1) & 0xFFFF
        time = self._time
        sequence_count = self.counters.take(apid)
        return build_tm(apid, service, subtype, sequence_count, message_count, time.gps_ns(), time.quality, data)
