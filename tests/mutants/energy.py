"""Defects of charge and heat."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="charge_by_the_web",
        defect="charging is judged by the temperature of the electronics, not of the battery",
        story="nasa-jpl/osr-rover-code reads the wrong element of a tuple and takes it for a current.",
        module="flight.subsystems.power",
        old="coldest_c = thermal.battery_c if thermal else None\n        warmest_c",
        new="coldest_c = thermal.web_c if thermal else None\n        warmest_c",
        expected=("no_charge_below_zero",),
    ),
    Mutant(
        name="charge_as_last_decided",
        defect="when the battery's temperature is lost, charging goes on as it was last decided",
        story="A stale value taken as good: the reading is known to be gone, the decision made from it is kept.",
        module="flight.energy.charging",
        old="return ChargeState.ALLOWED if get(area.CHARGE_BLIND) >= 1.0 else ChargeState.NO_TEMPERATURE",
        new="return self.state",
        expected=("no_charge_unwatched",),
    ),
    Mutant(
        name="battery_heated_by_the_web",
        defect="the battery's thermostat looks at the electronics beside it",
        story="A thermostat on the wrong sensor; CMU Argus' HAL_IDX list had indices in the wrong order.",
        module="flight.heat.battery_heating",
        old="self._thermostat.update(battery.control_c,",
        new="self._thermostat.update(web_c,",
        expected=("cold_battery_is_heated", "warm_battery_is_not_heated"),
    ),
    Mutant(
        name="thermostat_inverted",
        defect="thermostats heat what is warm and not what is cold",
        story="Cislunar Explorers' low-battery mode had its comparison reversed: it sent when it should have rested.",
        module="flight.heat.thermostat",
        old="            self.on = False\n        elif temperature_c < on_below_c:\n            self.on = True\n",
        new="            self.on = temperature_c is not None\n"
        "        elif temperature_c < on_below_c:\n            self.on = False\n",
        expected=("cold_battery_is_heated", "warm_battery_is_not_heated"),
    ),
    Mutant(
        name="shed_a_class_late",
        defect="each class of loads is shed one threshold too late",
        story="Off by one at the edge of a table.",
        module="flight.subsystems.power",
        old="self._shedding.level < level)",
        new="self._shedding.level <= level)",
        expected=("sheds_loads",),
    ),
    Mutant(
        name="charger_off_while_saving",
        defect="the charger is switched off with the other loads in modes that save power",
        story="Like PyCubed-Mini's safe mode, which left out the one task that it needed.",
        module="flight.subsystems.power",
        old="            return self._charging.allowed\n        sheddable",
        new="            return self._charging.allowed and self._target is _FULL\n        sheddable",
        expected=("warm_battery_may_charge",),
    ),
)
