"""What heating may cost now: whether the array delivers, and how many watts the heaters may draw together.

What the array could give is not seen, only what the bus takes from it.  So the battery tells: while it is not drained
the array carries the loads, and while it is charged there is more to be had.
"""

from __future__ import annotations

from typing import Final

from flight.blackboard import PowerState
from flight.context import Parameters
from telemetry_defs.areas import thermal as area

CARRIED_A: Final = -0.1
DRAINED_A: Final = -0.8
"""The battery heater itself draws 0.5 A, so its own switching must not change the answer."""
SURPLUS_A: Final = 0.6
NO_SURPLUS_A: Final = 0.0
"""Six motor heaters draw 0.5 A together."""
BUFFER_SOC: Final = 0.30
BUFFER_C: Final = -15.0
"""A battery fuller and warmer than this bridges what the array cannot."""


class Supply:
    """The answers, from the power subsystem's snapshot; unknown counts as poor."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.delivers = False
        """The array carries the loads."""
        self.rich = False
        """There is power to spare, or a battery that bridges what is missing."""
        self.budget_w = 0.0
        self._surplus = False

    def update(self, power: PowerState | None, battery_c: float | None) -> None:
        """Judge anew."""
        self._judge_array(power)
        buffered = (
            power is not None
            and power.soc is not None
            and power.soc >= BUFFER_SOC
            and battery_c is not None
            and battery_c > BUFFER_C
        )
        self.rich = buffered or self._surplus
        self.budget_w = self._parameters.get(area.HEATER_BUDGET_W if self.rich else area.HEATER_BUDGET_LOW_W)

    def _judge_array(self, power: PowerState | None) -> None:
        current_a = power.battery_current_a if power is not None else None
        array_w = power.array_w if power is not None else None
        if current_a is None or array_w is None or array_w < self._parameters.get(area.ARRAY_DELIVERS_W):
            self.delivers = self._surplus = False
            return
        self.delivers = current_a > (DRAINED_A if self.delivers else CARRIED_A)
        self._surplus = current_a > (NO_SURPLUS_A if self._surplus else SURPLUS_A)
