"""A fake Sun sensor."""

from __future__ import annotations

from hal.api.clock import Clock
from hal.api.errors import DeviceError
from hal.api.values import SunReading


class FakeSunSensor:
    """Sees the Sun where a test puts it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.azimuth_rad: float | None = 0.5
        self.elevation_rad: float | None = 0.02
        self.error: DeviceError | None = None

    def read(self) -> SunReading:
        if self.error is not None:
            raise self.error
        return SunReading(time_ns=self._clock.now_ns(), azimuth_rad=self.azimuth_rad, elevation_rad=self.elevation_rad)
