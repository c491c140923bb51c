"""The transmit row: as many packets as the chosen link takes in one cycle, most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from flight.link.counters import LinkCounters
from flight.telemetry.outbox import Outbox
from hal.api.clock import NS_PER_S
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from telemetry_defs.framing import encode_frame


class Downlink(Protocol):
    """Chooses the radio; comms does."""

    def downlink(self) -> tuple[Radio, int] | None:
        """The radio to send on and how many bytes it may be given now; None while there is no link."""
        ...

    def sent(self, byte_count: int) -> None:
        """How many of them were used."""
        ...

    def send_failed(self) -> None:
        """The radio raised; the choice should fall on the other one."""
        ...


class BulkSource(Protocol):
    """Makes large data (PUS 13) when there is room for it."""

    def next_bulk(self) -> tuple[int, int, int, bytes] | None:
        """APID, service, subtype and data of the next part, or None."""
        ...


class Recorded(Protocol):
    """Packets of the store that ground has asked for."""

    def peek(self) -> bytes | None:
        """The next one, None when nothing waits."""
        ...

    def take(self) -> bytes:
        """Hand it out."""
        ...


FRAME_OVERHEAD_BYTES: Final = 6
"""COBS code bytes and delimiter: what a packet grows by on its way to the radio, at most."""
BULK_BYTES: Final = 1_030
BULK_TURN: Final = 4
"""While both wait, every fourth packet is one of a product, the others come from the store."""
OUTAGE_NS: Final = 30 * NS_PER_S
"""Without a way down for this long, reports are only recorded."""


class Transmit:
    """Moves reports from the outbox to the radio."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        downlink: Downlink,
        bulk: Callable[[], BulkSource | None],
        recorded: Recorded,
        counters: LinkCounters,
        ready: Callable[[], bool],
    ) -> None:
        """`ready` says that the counts of this boot are reserved: before, nothing may leave."""
        self._outbox = outbox
        self._downlink = downlink
        self._bulk = bulk
        self._recorded = recorded
        self._counters = counters
        self._ready = ready
        self._route_ns: int | None = None
        self._turn = 0

    def tick(self, now_ns: int) -> None:
        """Send while the link takes more."""
        if not self._ready():
            return
        route = self._downlink.downlink()
        self._watch_route(route is not None, now_ns)
        if route is None:
            return
        radio, budget_bytes = route
        used = 0
        while packet := self._next_packet(budget_bytes - used):
            frame = encode_frame(packet)
            used += len(frame)
            try:
                radio.send(frame)
            except DeviceError:
                self._downlink.send_failed()
                break
            self._counters.packets_sent += 1
        if used:
            self._downlink.sent(used)

    def make_safe(self) -> None:
        """Transmitters belong to comms."""

    def _watch_route(self, open_: bool, now_ns: int) -> None:
        if open_ or self._route_ns is None:
            self._route_ns = now_ns
        self._outbox.live = now_ns - self._route_ns < OUTAGE_NS

    def _next_packet(self, room_bytes: int) -> bytes | None:
        packet = self._outbox.peek()
        if packet is not None:
            return self._outbox.take() if self._fits(packet, room_bytes) else None
        recorded = self._recorded.peek()
        self._turn += 1
        if recorded is not None and self._turn % BULK_TURN:
            return self._recorded.take() if self._fits(recorded, room_bytes) else None
        part = self._next_part(room_bytes)
        if part is None and recorded is not None and self._fits(recorded, room_bytes):
            return self._recorded.take()
        return part

    @staticmethod
    def _fits(packet: bytes, room_bytes: int) -> bool:
        return len(packet) + FRAME_OVERHEAD_BYTES <= room_bytes

    def _next_part(self, room_bytes: int) -> bytes | None:
        bulk = self._bulk() if room_bytes >= BULK_BYTES else None
        part = None if bulk is None else bulk.next_bulk()
        return None if part is None else self._outbox.build_now(*part)
