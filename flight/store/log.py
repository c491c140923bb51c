"""The log: appends records to open segments, knows what the closed ones hold, evicts whole segments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flight.store.segments import (
    RECORD_OVERHEAD_BYTES,
    SEGMENT_BYTES,
    SegmentName,
    encode_record,
    packet_time_ns,
    segment_names,
    split_records,
)
from flight.telemetry.outbox import Priority
from hal.api.storage import Storage


class Segment:
    """What is known of one segment without reading it."""

    __slots__ = ("bytes", "indexed", "name", "newest_ns", "oldest_ns", "packets")

    def __init__(self, name: SegmentName, *, indexed: bool) -> None:
        self.name = name
        self.indexed = indexed
        """False for one of an earlier boot that has not been looked into yet, or could not be read."""
        self.bytes = 0
        self.packets = 0
        self.oldest_ns: int | None = None
        self.newest_ns: int | None = None

    def note(self, packet: bytes, size: int) -> None:
        """One more record of `size` bytes."""
        time_ns = packet_time_ns(packet)
        self.oldest_ns = time_ns if self.oldest_ns is None else min(self.oldest_ns, time_ns)
        self.newest_ns = time_ns if self.newest_ns is None else max(self.newest_ns, time_ns)
        self.packets += 1
        self.bytes += size

    def overlaps(self, from_ns: int, to_ns: int) -> bool:
        """Whether it may hold packets of these times; one not looked into may hold anything."""
        if not self.indexed:
            return True
        if self.oldest_ns is None or self.newest_ns is None:
            return False
        return self.oldest_ns <= to_ns and self.newest_ns >= from_ns


NEWEST_SEGMENTS: Final = 3
"""Segments of each class that are searched for the packet recorded last: the newest may have been torn whole."""
SPARE_SEGMENTS: Final = 512
"""So many more than full ones may there be: each boot begins new ones, and a thousand short boots must not leave
thousands of files."""


class PacketLog:
    """All segments of all classes.  Every method may raise `DeviceError`."""

    def __init__(self, storage: Storage, capacity_bytes: int) -> None:
        self._storage = storage
        self._capacity_bytes = capacity_bytes
        self._most_segments = capacity_bytes // SEGMENT_BYTES + SPARE_SEGMENTS
        self._segments: tuple[list[Segment], ...] = tuple([] for _ in Priority)
        self._open: list[Segment | None] = [None for _ in Priority]
        self._next_number = [0 for _ in Priority]
        self._unindexed: list[Segment] = []
        self.evicted_packets = [0 for _ in Priority]
        self.used_bytes = 0

    def load(self) -> None:
        """Find the segments of earlier boots.  They are never appended to: their ends may be torn."""
        for name in segment_names(self._storage.list()):
            segment = Segment(name, indexed=False)
            self._segments[name.priority].append(segment)
            self._unindexed.append(segment)
            self._next_number[name.priority] = name.number + 1

    def last_ns(self) -> int | None:
        """On-board time of the packet recorded last, from the newest segments of each class; None if they hold none."""
        times = [self._last_of(of_class) for of_class in self._segments]
        return max((time_ns for time_ns in times if time_ns is not None), default=None)

    def _last_of(self, of_class: list[Segment]) -> int | None:
        for segment in of_class[: -NEWEST_SEGMENTS - 1 : -1]:
            if packets := self.read(segment):
                return packet_time_ns(packets[-1])
        return None

    def segments(self) -> Iterable[Segment]:
        """All, most urgent class first, oldest first."""
        for of_class in self._segments:
            yield from of_class

    def of_class(self, priority: int) -> tuple[Segment, ...]:
        """Those of one class, oldest first."""
        return tuple(self._segments[priority])

    def append(self, priority: int, packets: list[bytes]) -> int:
        """Append records, less than a segment, to the open segment of a class or to a new one; returns the ticket."""
        records = [encode_record(packet) for packet in packets]
        segment = self._with_room(priority, sum(map(len, records)))
        ticket = self._storage.append(segment.name.file, b"".join(records))
        for packet, record in zip(packets, records, strict=True):
            segment.note(packet, len(record))
            self.used_bytes += len(record)
        return ticket

    def read(self, segment: Segment) -> list[bytes]:
        """The packets of one segment."""
        return list(split_records(self._storage.read(segment.name.file)))

    def index_one(self) -> bool:
        """Look into one segment of an earlier boot; False when there is none left."""
        if not self._unindexed:
            return False
        self._index(self._unindexed[-1])
        return True

    def _index(self, segment: Segment) -> None:
        """Tried once: what cannot be read must not hold up the rest."""
        self._unindexed.remove(segment)
        for packet in self.read(segment):
            segment.note(packet, len(packet) + RECORD_OVERHEAD_BYTES)
        segment.indexed = True
        self.used_bytes += segment.bytes

    def evict_one(self) -> int | None:
        """If the log is too large, remove the oldest segment of the least urgent class; returns its packets."""
        if self.used_bytes <= self._capacity_bytes and sum(map(len, self._segments)) <= self._most_segments:
            return None
        segment = next(of_class[0] for of_class in reversed(self._segments) if of_class)
        if segment in self._unindexed:
            self._index(segment)
        self.remove(segment)
        self.evicted_packets[segment.name.priority] += segment.packets
        return segment.packets

    def oldest_before(self, limit_ns: int) -> Segment | None:
        """A segment that holds nothing at or after `limit_ns`."""
        for segment in self.segments():
            if segment.indexed and segment.newest_ns is not None and segment.newest_ns < limit_ns:
                return segment
        return None

    def remove(self, segment: Segment) -> None:
        """Take a segment off storage."""
        self._storage.remove(segment.name.file)
        priority = segment.name.priority
        self._segments[priority].remove(segment)
        if segment in self._unindexed:
            self._unindexed.remove(segment)
        if self._open[priority] is segment:
            self._open[priority] = None
        self.used_bytes -= segment.bytes

    def _with_room(self, priority: int, size: int) -> Segment:
        is_open = self._open[priority]
        if is_open is not None and is_open.bytes + size <= SEGMENT_BYTES:
            return is_open
        segment = Segment(SegmentName(priority, self._next_number[priority]), indexed=True)
        self._next_number[priority] += 1
        self._segments[priority].append(segment)
        self._open[priority] = segment
        return segment
