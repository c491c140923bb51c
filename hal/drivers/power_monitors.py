"""INA260 chips as the battery's monitor and as the monitors of the array faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hal.api.clock import Clock
from hal.api.errors import DeviceError, NotReady
from hal.api.values import FACES, ArrayReading, FaceReading, PowerReading
from hal.api.wiring import MonitorWiring
from hal.buses.api import I2cBus
from hal.drivers.i2c_link import survey
from hal.drivers.ina260 import Ina260

BATTERY: Final = "power_monitor"
ARRAY: Final = "array"


class Ina260Monitor:
    """Implements `hal.api.devices.PowerMonitor`: `invert` in the wiring makes the current positive while charging."""

    def __init__(self, bus: I2cBus, wiring: MonitorWiring, clock: Clock) -> None:
        self._clock = clock
        self._chip = Ina260(BATTERY, bus, wiring, clock)

    def read(self) -> PowerReading:
        """Means over 0.28 s, at most 0.3 s old.  Raises as `Ina260.measure`."""
        voltage_v, current_a = self._chip.measure()
        return PowerReading(time_ns=self._clock.now_ns(), bus_voltage_v=voltage_v, battery_current_a=current_a)


class Ina260Array:
    """Implements `hal.api.devices.ArrayMonitor`; a face without a chip in `faces` is always None."""

    def __init__(self, faces: Mapping[str, tuple[I2cBus, MonitorWiring]], clock: Clock) -> None:
        self._clock = clock
        self._chips = {face: Ina260(f"{ARRAY}.{face}", bus, wiring, clock) for face, (bus, wiring) in faces.items()}

    def read(self) -> ArrayReading:
        """Faces that fail are None.

        Raises:
            DeviceError: none answered; the error of the first face.
        """
        found = survey([(chip.link, chip.measure) for chip in self._chips.values()])
        errors = [result for result in found if isinstance(result, DeviceError)]
        if len(errors) == len(found):
            raise errors[0] if errors else NotReady(ARRAY, "no monitor is wired")
        readings = {
            face: FaceReading(voltage_v=result[0], current_a=result[1])
            for face, result in zip(self._chips, found, strict=True)
            if not isinstance(result, DeviceError)
        }
        return ArrayReading(time_ns=self._clock.now_ns(), faces=tuple([readings.get(face) for face in FACES]))
