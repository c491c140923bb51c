"""The packet store: records every report within a budget a cycle, and sends them again when ground asks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from flight.context import EventSink
from flight.edges import Edges
from flight.persistence import Backoff
from flight.store.log import PacketLog
from flight.store.retrieval import Retrieval
from flight.telemetry.outbox import Priority
from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas import store as area

CYCLE_BYTES: Final = 16_384
"""Most that is appended in one cycle."""
BUFFER_BYTES: Final = 131_072
"""Most that waits between report and storage."""
SYNC_NS: Final = NS_PER_S // 2
"""A sync is asked for this often while there is something to sync: with the cycle, at most a second is lost."""
MAX_RETRIEVALS: Final = 8


class PacketStore:
    """The `Recorder` of the outbox and the row `store`.  Meets storage errors itself; what fails is tried again."""

    def __init__(self, storage: Storage, events: EventSink, capacity_bytes: int, ready: Callable[[], bool]) -> None:
        """`ready` says that the counts of this boot are reserved: before, nothing may be written."""
        self._storage = storage
        self._events = events
        self._edges = Edges(events)
        self.log = PacketLog(storage, capacity_bytes)
        self._buffers: tuple[deque[bytes], ...] = tuple(deque() for _ in Priority)
        self._buffered_bytes = 0
        self._backoff = Backoff(NS_PER_S, 60 * NS_PER_S)
        self._loaded = False
        self._ready = ready
        self._synced_ns = 0
        self._awaiting: deque[tuple[int, int]] = deque()
        self.retrievals: deque[Retrieval] = deque()
        self._dropped_before = 0
        self.recording = True
        self.failed = False
        self.recorded = self.durable = self.dropped = self.errors = self.sent = 0

    def recorded_until_ns(self) -> int | None:
        """On-board time of the newest packet of earlier boots; None if there is none or storage does not answer."""
        try:
            self._load()
            return self.log.last_ns()
        except DeviceError:
            self.errors += 1
            return None

    def _load(self) -> None:
        if not self._loaded:
            self.log.load()
            self._loaded = True

    # From the outbox.

    def record(self, priority: Priority, packet: bytes) -> bool:
        """Take a packet into the buffer; False while nothing is being recorded."""
        if not self.recording or self.failed:
            return False
        self._buffers[priority].append(packet)
        self._buffered_bytes += len(packet)
        if self._buffered_bytes > BUFFER_BYTES:
            self._drop_one()
        return True

    def _drop_one(self) -> None:
        for buffer in reversed(self._buffers):
            if buffer:
                self._buffered_bytes -= len(buffer.popleft())
                self.dropped += 1
                return

    # The row.

    def tick(self, now_ns: int) -> None:
        """One cycle's share of the work: append, sync, read at most one segment, evict at most one."""
        if not self._ready() or not self._backoff.due(now_ns):
            return
        try:
            self._work(now_ns)
        except DeviceError:
            self.errors += 1
            self._backoff.failed(now_ns)
            self.failed = self._backoff.failures > 1
        else:
            self._backoff.succeeded()
            self.failed = False
        self._edges.report(self.failed, area.FAILED, area.RECOVERED)

    def make_safe(self) -> None:
        """Storage needs nothing."""

    def _work(self, now_ns: int) -> None:
        self._load()
        if self._buffered_bytes:
            self._append()
        if self._awaiting:
            self._sync(now_ns)
        if not self._retrieve():
            self.log.index_one()
        self._evict()
        self._edges.report(self.dropped != self._dropped_before, area.DROPPED, None, area.Dropped(packets=self.dropped))
        self._dropped_before = self.dropped

    def _append(self) -> None:
        room = CYCLE_BYTES
        for priority, buffer in enumerate(self._buffers):
            batch: list[bytes] = []
            while buffer and room > 0:
                batch.append(buffer.popleft())
                room -= len(batch[-1])
            if batch:
                self._append_batch(priority, batch)

    def _append_batch(self, priority: int, batch: list[bytes]) -> None:
        try:
            ticket = self.log.append(priority, batch)
        except DeviceError:
            self._buffers[priority].extendleft(reversed(batch))
            raise
        self._buffered_bytes -= sum(map(len, batch))
        self.recorded += len(batch)
        self._awaiting.append((ticket, len(batch)))

    def _sync(self, now_ns: int) -> None:
        through = self._storage.synced_through()
        while self._awaiting and self._awaiting[0][0] <= through:
            self.durable += self._awaiting.popleft()[1]
        if self._awaiting and now_ns - self._synced_ns >= SYNC_NS:
            self._synced_ns = now_ns
            self._storage.request_sync()

    def _evict(self) -> None:
        before = tuple(self.log.evicted_packets)
        if self.log.evict_one() is None:
            return
        for priority, packets in enumerate(self.log.evicted_packets):
            if packets != before[priority]:
                self._events.emit(area.EVICTED, area.Evicted(priority=priority, packets=packets))

    def _retrieve(self) -> bool:
        """Look after the retrieval whose turn it is; whether it has read a segment."""
        if not self.retrievals:
            return False
        retrieval = self.retrievals[0]
        if retrieval.done:
            self.retrievals.popleft()
            retrieval.end()
            return False
        try:
            return retrieval.load()
        except DeviceError:  # recording goes on, and so does the retrieval with the rest
            self.errors += 1
            return True

    # Towards the link.

    def peek(self) -> bytes | None:
        """The next recorded packet to send again."""
        return self.retrievals[0].peek() if self.retrievals else None

    def take(self) -> bytes:
        """It is being sent."""
        self.sent += 1
        return self.retrievals[0].take()

    def housekeeping(self) -> msgspec.Struct:
        """State of the store."""
        return area.StoreHk(
            recording=self.recording,
            failed=self.failed,
            recorded=self.recorded,
            durable=self.durable,
            dropped=self.dropped,
            evicted=tuple(self.log.evicted_packets),
            errors=self.errors,
            used_bytes=self.log.used_bytes,
            segments=sum(1 for _ in self.log.segments()),
            retrievals=len(self.retrievals),
            sent=self.sent,
        )
