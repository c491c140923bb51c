"""A fake hold-down."""

from __future__ import annotations

from hal.api.clock import Clock
from hal.api.errors import DeviceError
from hal.api.values import EgressStatus


class FakeEgress:
    """Opens when fired, unless a test keeps it `stuck`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.fired = 0
        self.released = False
        self.stuck = False
        self.error: DeviceError | None = None

    def release(self) -> None:
        if self.error is not None:
            raise self.error
        self.fired += 1
        self.released = not self.stuck

    def status(self) -> EgressStatus:
        if self.error is not None:
            raise self.error
        return EgressStatus(time_ns=self._clock.now_ns(), released=self.released, lander_power=not self.released)
