"""All TMP117 of a rover as one device; one chip may stand for several names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hal.api.clock import Clock
from hal.api.errors import DeviceError, NotReady
from hal.api.values import TEMPERATURES, TemperatureReadings
from hal.api.wiring import SensorWiring
from hal.buses.api import I2cBus
from hal.drivers.i2c_link import survey
from hal.drivers.tmp117 import Tmp117

DEVICE: Final = "temperatures"


class Tmp117Sensors:
    """Implements `hal.api.devices.TemperatureSensors`: one transfer for each chip once all are set up."""

    def __init__(self, sensors: Sequence[tuple[I2cBus, SensorWiring]], clock: Clock) -> None:
        self._clock = clock
        self._chips = [(Tmp117(DEVICE, bus, wiring.address, clock), wiring.measures) for bus, wiring in sensors]

    def read(self) -> TemperatureReadings:
        """Names whose sensor fails, or that no sensor measures, are None.

        Raises:
            DeviceError: no sensor answered; the error of the first.
        """
        found = survey([(chip.link, chip.celsius) for chip, _ in self._chips])
        values: dict[str, float] = {}
        errors: list[DeviceError] = []
        for (_, names), result in zip(self._chips, found, strict=True):
            if isinstance(result, DeviceError):
                errors.append(result)
            else:
                values.update(dict.fromkeys(names, result))
        if not values:
            raise errors[0] if errors else NotReady(DEVICE, "no sensor is wired")
        return TemperatureReadings(
            time_ns=self._clock.now_ns(), temperature_c=tuple([values.get(name) for name in TEMPERATURES])
        )
