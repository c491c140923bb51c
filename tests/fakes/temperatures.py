"""Temperature sensors whose readings a test sets by name."""

from __future__ import annotations

from hal.api.clock import Clock
from hal.api.errors import DeviceError
from hal.api.values import TEMPERATURES, WHEELS, TemperatureReadings


class FakeTemperatures:
    """Implements `hal.api.devices.TemperatureSensors`; all at 10 C until told otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.celsius: dict[str, float | None] = dict.fromkeys(TEMPERATURES, 10.0)
        self.error: DeviceError | None = None

    def read(self) -> TemperatureReadings:
        if self.error is not None:
            raise self.error
        return TemperatureReadings(time_ns=self._clock.now_ns(), temperature_c=tuple(self.celsius.values()))

    def set(self, **celsius: float | None) -> None:
        """Set sensors by name; `battery` sets both battery sensors, `motors` all six."""
        for name, value in celsius.items():
            if name == "battery":
                self.celsius |= {"battery_a": value, "battery_b": value}
            elif name == "motors":
                self.celsius |= {f"motor_{wheel}": value for wheel in WHEELS}
            else:
                assert name in self.celsius, f"no sensor {name}"
                self.celsius[name] = value
