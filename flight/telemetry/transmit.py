"""The transmit row: as many packets as the chosen link takes in one cycle, most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from flight.link.counters import LinkCounters
from flight.telemetry.outbox import Outbox
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import TM_OVERHEAD_BYTES


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


FRAME_OVERHEAD_BYTES = TM_OVERHEAD_BYTES + 6
"""Headers, CRC, COBS code bytes and delimiter: what a report grows by on its way to the radio, at most."""
BULK_BYTES = 1_030


class Transmit:
    """Moves reports from the outbox to the radio."""

    def __init__(
        self, *, outbox: Outbox, downlink: Downlink, bulk: Callable[[], BulkSource | None], counters: LinkCounters
    ) -> None:
        self._outbox = outbox
        self._downlink = downlink
        self._bulk = bulk
        self._counters = counters

    def tick(self, now_ns: int) -> None:
        """Send while the link takes more."""
        route = self._downlink.downlink()
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

    def _next_packet(self, room_bytes: int) -> bytes | None:
        report = self._outbox.peek()
        if report is not None:
            fits = len(report.data) + FRAME_OVERHEAD_BYTES <= room_bytes
            return self._outbox.take() if fits else None
        bulk = self._bulk() if room_bytes >= BULK_BYTES else None
        part = None if bulk is None else bulk.next_bulk()
        return None if part is None else self._outbox.build_now(*part)
