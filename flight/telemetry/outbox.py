"""Reports waiting for a link: one bounded queue per priority, oldest dropped first, every drop counted.

Counters and CRC are put on when a packet leaves, so a dropped report leaves no gap in the sequence counts.
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import Final, NamedTuple

from flight.onboard_time import OnboardTime
from telemetry_defs.packets import build_tm


class Priority(IntEnum):
    """Order in which reports leave."""

    VERIFICATION = 0
    ALERT = 1
    REPORT = 2
    HOUSEKEEPING = 3


LIMITS: Final = (512, 128, 256, 256)
"""Reports held per priority: some minutes of each kind without a link."""


class Report(NamedTuple):
    """A telemetry packet before it has its counters."""

    apid: int
    service: int
    subtype: int
    data: bytes
    time_ns: int
    quality: int


class Outbox:
    """Where every part of flight puts its reports."""

    def __init__(self, time: OnboardTime) -> None:
        self._time = time
        self._queues: tuple[deque[Report], ...] = tuple(deque() for _ in Priority)
        self._sequence_counts: dict[int, int] = {}
        self._message_counts: dict[tuple[int, int, int], int] = {}
        self.dropped = 0

    def put(self, priority: Priority, apid: int, service: int, subtype: int, data: bytes) -> None:
        """Queue a report, stamped with the time now."""
        queue = self._queues[priority]
        if len(queue) >= LIMITS[priority]:
            queue.popleft()
            self.dropped += 1
        queue.append(Report(apid, service, subtype, data, self._time.gps_ns(), self._time.quality))

    def waiting(self) -> int:
        """Reports in all queues."""
        return sum(map(len, self._queues))

    def peek(self) -> Report | None:
        """The report to send next."""
        for queue in self._queues:
            if queue:
                return queue[0]
        return None

    def take(self) -> bytes | None:
        """The next packet, counters and CRC on, or None when nothing waits."""
        for queue in self._queues:
            if queue:
                return self._build(queue.popleft())
        return None

    def build_now(self, apid: int, service: int, subtype: int, data: bytes) -> bytes:
        """A packet past the queues, for bulk data that is only made when there is room for it."""
        return self._build(Report(apid, service, subtype, data, self._time.gps_ns(), self._time.quality))

    def _build(self, report: Report) -> bytes:
        apid, service, subtype, data, time_ns, quality = report
        sequence_count = self._sequence_counts.get(apid, 0)
        self._sequence_counts[apid] = (sequence_count + 1) & 0x3FFF
        kind = (apid, service, subtype)
        message_count = self._message_counts.get(kind, 0)
        self._message_counts[kind] = (message_count + 1) & 0xFFFF
        return build_tm(apid, service, subtype, sequence_count, message_count, time_ns, quality, data)
