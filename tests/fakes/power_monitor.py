"""A battery monitor that a test sets."""

from __future__ import annotations

from hal.api.clock import Clock
from hal.api.errors import DeviceError
from hal.api.values import PowerReading


class FakePowerMonitor:
    """Implements `hal.api.devices.PowerMonitor`."""

    def __init__(self, clock: Clock, voltage_v: float = 28.28, current_a: float = 0.0) -> None:
        self._clock = clock
        self.voltage_v = voltage_v
        self.current_a = current_a
        self.error: DeviceError | None = None
        self.reads = 0

    def read(self) -> PowerReading:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return PowerReading(
            time_ns=self._clock.now_ns(), bus_voltage_v=self.voltage_v, battery_current_a=self.current_a
        )
