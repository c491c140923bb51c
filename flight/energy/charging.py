"""May the battery be charged?  Never below 0 C, where lithium plates out, nor hot, nor past its voltage or current.

The charge switch's safe value is on: a rover whose computer is off or dead lives on what its array puts into the
battery, so a switch that fell back to off would starve it.  While flight lives it forbids charging whenever the
battery's temperature forbids it or is not known.
"""

from __future__ import annotations

from typing import Final

from flight.context import Parameters
from flight.persistence import Persistent
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import power as area
from telemetry_defs.areas.power import ChargeState

COLD_HYSTERESIS_K: Final = 1.0
HOT_HYSTERESIS_K: Final = 3.0
OVERVOLTAGE_RECOVERY_V: Final = 0.8
RETRY_NS: Final = 600 * NS_PER_S


class Charging:
    """The judgement, and why."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._too_much = Persistent(10 * NS_PER_S)
        self._pause_until_ns = 0
        self._high = Persistent(5 * NS_PER_S)
        self._overvoltage = False
        self.state = ChargeState.NO_TEMPERATURE

    @property
    def allowed(self) -> bool:
        """Whether the charge switch may be on."""
        return self.state is ChargeState.ALLOWED

    def update(
        self,
        now_ns: int,
        coldest_c: float | None,
        warmest_c: float | None,
        voltage_v: float | None,
        current_a: float | None,
    ) -> ChargeState:
        """Feed the newest readings (None: not believed).  The colder sensor guards from cold, the warmer from heat."""
        self._judge_battery(now_ns, voltage_v, current_a)
        if self._overvoltage:
            self.state = ChargeState.OVERVOLTAGE
        elif now_ns < self._pause_until_ns:
            self.state = ChargeState.OVERCURRENT
        else:
            self.state = self._by_temperature(coldest_c, warmest_c)
        return self.state

    def _judge_battery(self, now_ns: int, voltage_v: float | None, current_a: float | None) -> None:
        limit_v = self._parameters.get(area.OVERVOLTAGE_V)
        if self._high.update(now_ns, voltage_v is not None and voltage_v > limit_v):
            self._overvoltage = True
        elif voltage_v is not None and voltage_v < limit_v - OVERVOLTAGE_RECOVERY_V:
            self._overvoltage = False
        limit_a = self._parameters.get(area.CHARGE_LIMIT_A)
        if self._too_much.update(now_ns, current_a is not None and current_a > limit_a):
            self._pause_until_ns = now_ns + RETRY_NS

    def _by_temperature(self, coldest_c: float | None, warmest_c: float | None) -> ChargeState:
        get = self._parameters.get
        if coldest_c is None or warmest_c is None:
            return ChargeState.ALLOWED if get(area.CHARGE_BLIND) >= 1.0 else ChargeState.NO_TEMPERATURE
        least_c = get(area.CHARGE_MIN_C) + (0.0 if self.state is ChargeState.ALLOWED else COLD_HYSTERESIS_K)
        if coldest_c < least_c:
            return ChargeState.COLD
        most_c = get(area.CHARGE_MAX_C) - (HOT_HYSTERESIS_K if self.state is ChargeState.HOT else 0.0)
        return ChargeState.HOT if warmest_c > most_c else ChargeState.ALLOWED
