"""A SiK modem at the rover's end of the local link: its serial side to flight, its air side to the world's channel."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_S
from sim_hal.clock import SimClock
from sim_hal.emulators.sik import SikModem
from sim_hal.link import Link

IDLE_NS: Final = 2 * NS_PER_S
"""How often the ground sends something, so that a rover without a carrier detector knows that it is heard."""
IDLE: Final = b"\x00"
"""An empty frame."""


class ModemRate:
    """The transmitter is keyed by what there is to send, as long as the modem has power."""

    def __init__(self, rate_bit_s: float) -> None:
        self._rate_bit_s = rate_bit_s
        self.powered = True

    def at(self, now_ns: int) -> float:
        """Air rate, bit/s."""
        return self._rate_bit_s if self.powered else 0.0

    def release(self) -> None:
        """The modem goes on without a computer."""


class AirModem:
    """The chip and its link."""

    def __init__(self, clock: SimClock, link: Link, rate_bit_s: float) -> None:
        self._link = link
        self._rate = ModemRate(rate_bit_s)
        self.chip = SikModem(clock=clock, to_air=self._to_air, rate_bit_s=rate_bit_s)
        link.rate = self._rate
        link.modem = self.chip.from_air
        clock.every(IDLE_NS, self._idle)

    def power(self, on: bool, now_ns: int) -> None:
        """The supply of the modem."""
        self._rate.powered = on
        self.chip.power(on, now_ns)

    def _to_air(self, data: bytes) -> None:
        self._link.queue(data)

    def _idle(self) -> None:
        if self._link.computer_listens:  # any byte would wake a sleeping rover
            self._link.uplink(IDLE)
