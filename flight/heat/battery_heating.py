"""When the battery heater runs.

By its thermostat when a battery sensor is left.  Near the survival limit of the electronics it runs to warm them too:
it is their only heater.  With both battery sensors lost it is neither left off, for the battery would freeze, nor on,
for it would cook: a duty cycle keeps the battery some ten kelvin above the web, unless the web is warm anyway.
"""

from __future__ import annotations

from typing import Final

from flight.context import Parameters
from flight.heat.battery_vote import BatteryTemperature
from flight.heat.thermostat import Thermostat
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import thermal as area
from telemetry_defs.areas.thermal import BatteryControl

DUTY_PERIOD_NS: Final = 1800 * NS_PER_S
WEB_WARM_C: Final = 10.0
SURVIVAL_BAND_K: Final = 5.0
NEVER_ABOVE_C: Final = 30.0
"""No reason to heat is good above this."""


class BatteryHeating:
    """Decides for the battery heater."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._thermostat = Thermostat()
        self._survival = Thermostat()
        self.control = BatteryControl.SENSORS
        self.on_below_c: float | None = None

    def wants(self, now_ns: int, battery: BatteryTemperature, web_c: float | None, charge_ready: bool) -> bool:
        """Whether it should heat; `charge_ready`: keep the battery warm enough to charge."""
        get = self._parameters.get
        self.on_below_c = get(area.CHARGE_ON_C if charge_ready else area.KEEP_ON_C)
        off_from_c = get(area.CHARGE_OFF_C if charge_ready else area.KEEP_OFF_C)
        wanted = self._thermostat.update(battery.control_c, self.on_below_c, off_from_c)
        survival_c = get(area.SURVIVAL_C)
        survive = self._survival.update(web_c, survival_c, survival_c + SURVIVAL_BAND_K)
        if battery.warmest_c is None:
            self.control = BatteryControl.WEB if web_c is not None else BatteryControl.BLIND
            return survive or self._duty(now_ns, web_c)
        self.control = BatteryControl.SURVIVAL if survive else BatteryControl.SENSORS
        return (wanted or survive) and battery.warmest_c < NEVER_ABOVE_C

    def _duty(self, now_ns: int, web_c: float | None) -> bool:
        if web_c is not None and web_c > WEB_WARM_C:
            return False
        return now_ns % DUTY_PERIOD_NS < self._parameters.get(area.BLIND_DUTY) * DUTY_PERIOD_NS
