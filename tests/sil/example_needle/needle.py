"""A new instrument, as a team would add it: a needle that is driven into the ground to measure its temperature."""

from __future__ import annotations

from struct import Struct

from flight.instruments.unit import RecordUnit
from hal.api.devices import Instrument
from sim_hal.devices.payload import Payload
from sim_hal.world.world import World


class Needle(Payload):
    """The simulated device: out from the start of a measurement until it is told to retract, or a spring does."""

    out = False

    def start(self, duration_s: float) -> None:
        super().start(duration_s)
        self.out = True

    def retract(self) -> None:
        """Pull the needle in."""
        self.out = False

    def record(self, duration_s: float, world: World) -> bytes:
        return Struct(">f").pack(world.energy.thermal.web_c)

    def _note_power(self, now_ns: int) -> bool:
        self.out = self.out and self._world.load_on(self._name, now_ns)
        return super()._note_power(now_ns)

    def _warm(self, now_ns: int) -> bool:
        return self._note_power(now_ns)


class NeedleUnit(RecordUnit):
    """The flight side."""

    def __init__(self, device: Instrument) -> None:
        super().__init__(device)
        self._retract = device.retract  # type: ignore[attr-defined]  # a team would add it to a Protocol of its own

    def poll(self) -> object:  # type: ignore[override]  # the payload of a record, or None
        payload = super().poll()
        if payload is not None:
            self._retract()
        return payload


class MendedNeedleUnit(NeedleUnit):
    """After the hunt: an aborted measurement pulls the needle in too."""

    def abort(self) -> None:
        self._retract()
        super().abort()
