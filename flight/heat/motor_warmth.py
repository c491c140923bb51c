"""Motors: warm enough to turn, or being warmed because somebody wants to drive.

A motor colder than its limit has stiff grease and must not turn.  A motor whose sensor is lost is not warm, however
long it was heated: nothing is heated blind.  When ground has masked a dead sensor, that motor counts as warm as the
coldest of the others, and its heater follows theirs.
"""

from __future__ import annotations

from typing import Final

from flight.context import Parameters
from flight.heat.sensors import SensorPanel
from flight.heat.thermostat import Thermostat
from hal.api.values import TEMPERATURES, WHEELS
from telemetry_defs.areas import thermal as area

FIRST: Final = TEMPERATURES.index(f"motor_{WHEELS[0]}")
"""Motor sensors follow each other in the order of the wheels."""
ON_ABOVE_LIMIT_K: Final = 3.0
OFF_ABOVE_LIMIT_K: Final = 6.0
WARM_ABOVE_LIMIT_K: Final = 2.0
"""Warm again only this far above the limit, so that a motor at the limit does not flicker."""
LEAST_SENSORS: Final = 4
"""With fewer sensors left nothing is said about the masked ones."""


class MotorWarmth:
    """Temperatures and judgement."""

    def __init__(self, panel: SensorPanel, parameters: Parameters) -> None:
        self._panel = panel
        self._parameters = parameters
        self._thermostats = tuple(Thermostat() for _ in WHEELS)
        self.temperatures_c: tuple[float | None, ...] = (None,) * len(WHEELS)
        self.coldest_c: float | None = None
        self.warm = False
        self.hot: tuple[bool, ...] = (False,) * len(WHEELS)

    def update(self) -> None:
        """Read the panel and judge."""
        sensors = self._panel.sensors[FIRST : FIRST + len(WHEELS)]
        known = [sensor.value_c for sensor in sensors if sensor.value_c is not None]
        stand_in_c = min(known) if len(known) >= LEAST_SENSORS else None
        values = tuple(stand_in_c if sensor.masked else sensor.value_c for sensor in sensors)
        self.temperatures_c = values
        self.coldest_c = min(known) if known else None
        hot_c = self._parameters.get(area.MOTOR_HOT_C)
        self.hot = tuple(value is not None and value > hot_c for value in values)
        least_c = self._parameters.get(area.MOTOR_WARM_C) + (0.0 if self.warm else WARM_ABOVE_LIMIT_K)
        self.warm = all(value is not None and least_c <= value <= hot_c for value in values)

    def wants(self, wanted: bool) -> tuple[bool, ...]:
        """Which motor heaters should be on when warm motors are `wanted`."""
        limit_c = self._parameters.get(area.MOTOR_WARM_C)
        on_c, off_c = limit_c + ON_ABOVE_LIMIT_K, limit_c + OFF_ABOVE_LIMIT_K
        return tuple(
            thermostat.update(value if wanted else None, on_c, off_c)
            for thermostat, value in zip(self._thermostats, self.temperatures_c, strict=True)
        )
