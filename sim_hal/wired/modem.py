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
QUIET_NS: Final = NS_PER_S
"""After so long without a byte no frame is half-way, which an empty one would cut in two."""
CARRIER_NS: Final = NS_PER_S
"""So that reports once a second cost what a keyed transmitter costs (estimate)."""
AIR_SPEED: Final = 2
"""Number of the modem's setting for its air rate, kbit/s."""
INSTANT_BIT_S: Final = 1e8
"""The modem has paced what it hands over; the link behind it must not do so again."""


class ModemRate:
    """A modem keys its transmitter by itself; in place of the rate that flight sets at device depth."""

    def at(self, now_ns: int) -> float:
        """Rate of the link behind the modem, bit/s."""
        return INSTANT_BIT_S

    def release(self) -> None:
        """The modem goes on without a computer."""


class AirModem:
    """The chip and its link; implements `sim_hal.link.Modem`."""

    def __init__(self, clock: SimClock, link: Link, baud: int, rate_bit_s: float) -> None:
        self._clock = clock
        self._link = link
        self._carrier_until_ns = self._taken_ns = 0
        self.chip = SikModem(clock, self._to_air, baud=baud, rssi_dbm=link.spec.rssi_dbm)
        self.chip.commands.stored[AIR_SPEED] = round(rate_bit_s / 1000.0)
        link.rate = ModemRate()
        link.modem = self
        clock.every(IDLE_NS, self._idle)

    @property
    def transmitting(self) -> bool:
        """Whether its carrier is on: it stays for a moment after the last packet."""
        return self._clock.now_ns() < self._carrier_until_ns or self.chip.on_air

    def take(self, data: bytes) -> None:
        """Bytes from the ground."""
        self._taken_ns = self._clock.now_ns()
        self.chip.from_air(data)

    def _to_air(self, data: bytes) -> None:
        self._carrier_until_ns = self._clock.now_ns() + CARRIER_NS
        self._link.queue(data)

    def _idle(self) -> None:
        """Not by way of the link: what is under way when the computer goes off would wake it again."""
        quiet = self._clock.now_ns() - self._taken_ns >= QUIET_NS
        if quiet and self._link.computer_listens and self._link.locked():
            self.take(self._link.channel.corrupt(IDLE))
