"""A radio: byte pipe over a simulated link."""

from __future__ import annotations

from collections.abc import Callable

from hal.api.errors import BadReading, NotReady
from hal.api.values import RadioStatus
from sim_hal.link import Link
from sim_hal.plug import Plug


class RadioFrontEnd:
    """Implements `hal.api.devices.Radio`; `powered(now_ns)` is its load switch."""

    def __init__(self, plug: Plug, link: Link, powered: Callable[[int], bool]) -> None:
        self._plug = plug
        self._link = link
        self._powered = powered
        self._device = f"radio_{link.spec.name}"

    def send(self, data: bytes) -> int:
        self._need_power()
        return self._link.queue(data)

    def receive(self, max_bytes: int) -> bytes:
        rx = self._link.rx
        if not rx:  # ten times a second, so no further questions; `status` tells of a missing supply
            self._plug.now_ns()
            return b""
        self._need_power()
        data = bytes(rx[:max_bytes])
        del rx[:max_bytes]
        return data

    def set_transmitter(self, on: bool, rate_bit_s: float, hold_ns: int) -> None:
        now_ns = self._need_power()
        if on and rate_bit_s not in self._link.spec.downlink_bit_s:
            raise BadReading(self._device, f"no rate {rate_bit_s} bit/s")
        self._link.held_rate.set(rate_bit_s if on else 0.0, now_ns, hold_ns)
        self._link.pump()

    def set_receiver(self, on: bool) -> None:
        self._need_power()
        self._link.receiver_on = on

    def status(self) -> RadioStatus:
        now_ns = self._need_power()
        link = self._link
        locked = link.locked()
        return RadioStatus(
            time_ns=now_ns,
            locked=locked,
            rssi_dbm=link.rssi_dbm if locked else -140.0,
            tx_free_bytes=link.tx_free_bytes,
            tx_rate_bit_s=link.rate.at(now_ns),
            rx_overflow_bytes=link.rx_overflow_bytes,
        )

    def make_safe(self) -> None:
        self._plug.now_ns()
        self._link.rate.release()
        self._link.receiver_on = True

    def _need_power(self) -> int:
        now_ns = self._plug.now_ns()
        if not self._powered(now_ns):
            raise NotReady(self._device, "unpowered")
        return now_ns
