"""A radio with a transmit buffer that drains at its rate, and faults a test can switch on."""

from __future__ import annotations

from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.api.hold import Held
from hal.api.values import RadioStatus


class FakeRadio:
    """Implements `hal.api.devices.Radio`."""

    def __init__(self, clock: Clock, rates_bit_s: tuple[float, ...], buffer_bytes: int = 32_768) -> None:
        self._clock = clock
        self._rates = rates_bit_s
        self._buffer_bytes = buffer_bytes
        self._queued = 0.0
        self._drained_ns = clock.now_ns()
        self._rate = Held(0.0, 60 * NS_PER_S)
        self.receiver_on = True
        self.locked = False
        self.rssi_dbm: float | None = -60.0
        """None: this radio does not tell."""
        self.powered = True
        self.silent = False
        """Answers nothing at all."""
        self.broken_transmitter = False
        self.broken_send = False
        self.calls = 0
        """How often it was asked anything."""
        self.rx = bytearray()
        self.sent = bytearray()

    @property
    def rate_bit_s(self) -> float:
        """Rate the transmitter really has now, 0 for off."""
        return self._rate.at(self._clock.now_ns())

    def send(self, data: bytes) -> int:
        self._answer()
        if self.broken_send:
            raise DeviceTimeout("radio", "send")
        taken = data[: int(self._free())]
        self._queued += len(taken)
        self.sent += taken
        return len(taken)

    def receive(self, max_bytes: int) -> bytes:
        self._answer()
        data = bytes(self.rx[:max_bytes])
        del self.rx[:max_bytes]
        return data

    def set_transmitter(self, on: bool, rate_bit_s: float, hold_ns: int) -> None:
        self._answer()
        self._drain()
        if on and self.broken_transmitter:
            raise DeviceTimeout("radio", "transmitter")
        if on and rate_bit_s not in self._rates:
            raise BadReading("radio", f"no rate {rate_bit_s} bit/s")
        self._rate.set(rate_bit_s if on else 0.0, self._clock.now_ns(), hold_ns)

    def set_receiver(self, on: bool) -> None:
        self._answer()
        self.receiver_on = on

    def status(self) -> RadioStatus:
        self._answer()
        return RadioStatus(
            time_ns=self._clock.now_ns(),
            locked=self.locked and self.receiver_on,
            rssi_dbm=self.rssi_dbm if self.locked else -140.0,
            tx_free_bytes=int(self._free()),
            tx_rate_bit_s=self.rate_bit_s,
            rx_overflow_bytes=0,
        )

    def make_safe(self) -> None:
        if self.silent:
            raise DeviceTimeout("radio", "no answer")
        self._rate.release()
        self.receiver_on = True

    def _answer(self) -> None:
        self.calls += 1
        if not self.powered:
            raise NotReady("radio", "unpowered")
        if self.silent:
            raise DeviceTimeout("radio", "no answer")

    def _free(self) -> float:
        self._drain()
        return self._buffer_bytes - self._queued

    def _drain(self) -> None:
        now_ns = self._clock.now_ns()
        gone = self.rate_bit_s / 8.0 * (now_ns - self._drained_ns) / NS_PER_S
        self._queued = max(0.0, self._queued - gone)
        self._drained_ns = now_ns
