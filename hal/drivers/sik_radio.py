"""A SiK-class modem as a radio: a transparent pipe that is fed no faster than it can send.

Such a modem has no transmitter switch, so the gate is here: while the transmitter is "off" nothing reaches the modem.
Nor does it tell its signal strength in passing: asking needs its command mode, in which it is deaf for about 3 s.  The
driver never does that by itself, since a deaf rover is worse than an unknown strength; `start_probe` is for the
check-out, and `rssi_dbm` is None but for a while after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock, seconds
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.api.hold import Held
from hal.api.values import RadioStatus
from hal.api.wiring import RadioWiring
from hal.buses.api import BusBusy, BusError, SerialBus
from hal.drivers.sik_probe import ModemReport, SikProbe

DEVICE: Final = "radio_local"
TX_BUFFER_BYTES: Final = 24_576
RX_BUFFER_BYTES: Final = 65_536
MAX_HOLD_NS: Final = 60 * NS_PER_S
CREDIT_S: Final = 0.15
"""How far it is fed ahead: a cycle and a half, so that its own buffer stays short."""
LEAST_CREDIT_BYTES: Final = 64
READ_BYTES: Final = 4096
ESCAPE_PAUSE_NS: Final = 500 * NS_PER_MS
"""After half the modem's guard time of silence the next bytes might be taken for its escape sequence."""
RSSI_NS: Final = 60 * NS_PER_S
"""How long a signal strength is worth telling."""


class SikRadio:
    """Implements `hal.api.devices.Radio`; `rx_overflow_bytes` counts what this driver had no room for."""

    def __init__(self, bus: SerialBus, wiring: RadioWiring, clock: Clock, powered: Callable[[], bool]) -> None:
        self._bus = bus
        self._clock = clock
        self._powered = powered
        self._rate_bit_s = wiring.rate_bit_s
        self._lock_ns = seconds(wiring.lock_s)
        self._byte_s = min(NS_PER_S / bus.byte_ns, wiring.rate_bit_s / 8.0)
        self._most_bytes = max(float(LEAST_CREDIT_BYTES), self._byte_s * CREDIT_S)
        self._on = Held(False, MAX_HOLD_NS)
        self._receiver_on = True
        self._tx = bytearray()
        self._rx = bytearray()
        self._rx_overflow = 0
        self._credit_bytes = 0.0
        self._credit_ns = self._sent_ns = clock.now_ns()
        self._heard_ns: int | None = None
        self._probe: SikProbe | None = None
        self._report: ModemReport | None = None
        self._report_ns = 0

    def send(self, data: bytes) -> int:
        self._pump()
        taken = data[: TX_BUFFER_BYTES - len(self._tx)]
        self._tx += taken
        self._transmit(self._clock.now_ns())
        return len(taken)

    def receive(self, max_bytes: int) -> bytes:
        self._pump()
        data = bytes(self._rx[:max_bytes])
        del self._rx[:max_bytes]
        return data

    def set_transmitter(self, on: bool, rate_bit_s: float, hold_ns: int) -> None:
        now_ns = self._need_power()
        if on and rate_bit_s != self._rate_bit_s:
            raise BadReading(DEVICE, f"no rate {rate_bit_s} bit/s, only {self._rate_bit_s}")
        self._on.set(on, now_ns, hold_ns)

    def set_receiver(self, on: bool) -> None:
        """Off: what arrives is dropped."""
        self._pump()
        self._receiver_on = on
        if not on:
            self._rx.clear()
            self._heard_ns = None

    def status(self) -> RadioStatus:
        now_ns = self._pump()
        heard = self._heard_ns is not None and now_ns - self._heard_ns < self._lock_ns
        report = self._report if now_ns - self._report_ns < RSSI_NS else None
        return RadioStatus(
            time_ns=now_ns,
            locked=heard and self._receiver_on,
            rssi_dbm=None if report is None else report.rssi_dbm,
            tx_free_bytes=TX_BUFFER_BYTES - len(self._tx),
            tx_rate_bit_s=self._rate_bit_s if self._on.at(now_ns) else 0.0,
            rx_overflow_bytes=self._rx_overflow,
        )

    def make_safe(self) -> None:
        self._on.release()
        self._receiver_on = True

    # For the check-out.

    def start_probe(self) -> None:
        """Ask the modem who it is and how it hears; it is deaf for about 3 s.

        Raises:
            NotReady: unpowered, already asking, or there is traffic that this would cut off.
        """
        now_ns = self._pump()
        if self._probe is not None:
            raise NotReady(DEVICE, "already being asked")
        if self._on.at(now_ns) and self._tx:
            raise NotReady(DEVICE, "busy sending")
        self._probe = SikProbe(self._bus, self._clock, self._sent_ns)

    def poll_probe(self) -> ModemReport | None:
        """What the modem told, once it has.

        Raises:
            DeviceTimeout: it did not answer, or the bus failed.
            NotReady: unpowered, or nobody asked.
        """
        now_ns = self._pump()
        if self._probe is None:
            raise NotReady(DEVICE, "was not asked")
        try:
            report = self._probe.poll()
        except BusError as error:
            self._end_probe(now_ns)
            raise self._bus_failed(error) from None
        except DeviceTimeout:
            self._end_probe(now_ns)
            raise
        if report is not None:
            self._end_probe(now_ns)
            self._report, self._report_ns = report, now_ns
        return report

    def _end_probe(self, now_ns: int) -> None:
        if self._probe is not None:
            self._rx += self._probe.rest()
        self._probe = None
        self._sent_ns = now_ns

    # Called often enough: flight asks for bytes in every cycle.

    def _need_power(self) -> int:
        now_ns = self._clock.now_ns()
        if not self._powered():
            self._forget(now_ns)
            raise NotReady(DEVICE, "unpowered")
        return now_ns

    def _forget(self, now_ns: int) -> None:
        self._on.release()
        self._receiver_on = True
        self._tx.clear()
        self._rx.clear()
        self._heard_ns = self._probe = self._report = None
        self._credit_bytes, self._credit_ns = 0.0, now_ns

    def _pump(self) -> int:
        """Move bytes both ways."""
        now_ns = self._need_power()
        self._transmit(now_ns)
        try:
            data = self._bus.read(READ_BYTES, now_ns)
            if self._probe is not None:
                data = self._probe.take(data)
        except BusError as error:
            raise self._bus_failed(error) from None
        if data and self._receiver_on:
            self._heard_ns = now_ns
            room = RX_BUFFER_BYTES - len(self._rx)
            self._rx += data[:room]
            self._rx_overflow += max(0, len(data) - room)
        return now_ns

    def _transmit(self, now_ns: int) -> None:
        grown = self._credit_bytes + self._byte_s * (now_ns - self._credit_ns) / NS_PER_S
        self._credit_bytes, self._credit_ns = min(self._most_bytes, grown), now_ns
        if not self._tx or self._probe is not None or not self._on.at(now_ns):
            return
        size = self._clear_of_escape(min(len(self._tx), int(self._credit_bytes)), now_ns)
        if size <= 0:
            return
        try:
            self._bus.write(bytes(self._tx[:size]))
        except BusBusy:  # its time in this cycle is used up; the next one will do
            return
        except BusError as error:
            raise self._bus_failed(error) from None
        del self._tx[:size]
        self._credit_bytes -= size
        self._sent_ns = now_ns

    def _clear_of_escape(self, size: int, now_ns: int) -> int:
        """How many bytes to send so that after a pause no run of "+" stands alone: its successor goes with it.

        The modem takes three or more "+" between two seconds of silence for its escape sequence (SiK firmware, at.c);
        any other byte on either side makes them data.  A run that has no successor yet waits for it.
        """
        if size <= 0 or now_ns - self._sent_ns < ESCAPE_PAUSE_NS:
            return size
        run = len(self._tx) - len(self._tx.lstrip(b"+"))
        if run < size:
            return size
        return 0 if run == len(self._tx) else run + 1

    def _bus_failed(self, error: BusError) -> DeviceTimeout:
        return DeviceTimeout(DEVICE, f"modem on {self._bus.name}: {error.detail}")
