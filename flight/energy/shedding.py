"""How much must be given up: a shed level from state of charge, bus voltage and discharge current.

Thresholds act at once; undoing needs the state of charge to rise by the hysteresis, or the alarm to be over for a
while.  Without a state of charge everything sheddable goes: unknown counts as empty.
"""

from __future__ import annotations

from typing import Final

from flight.context import Parameters
from flight.persistence import Persistent
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import power as area

THRESHOLDS: Final = (area.SHED_1, area.SHED_2, area.SHED_3, area.SHED_4)
ALL: Final = len(THRESHOLDS)
RECOVERY_V: Final = 1.0
"""Bus voltage must rise so far above the threshold before an undervoltage is over."""


class Shedding:
    """The present level, 0 (nothing shed) to `ALL`."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._low_voltage = Persistent(5 * NS_PER_S)
        self._good_voltage = Persistent(60 * NS_PER_S)
        self._drained = Persistent(5 * NS_PER_S)
        self._drained_until_ns = 0
        self.level = 0
        self.undervoltage = False
        self.overcurrent = False
        """The battery is or was, less than a minute ago, drained too hard."""

    def update(self, now_ns: int, soc: float | None, voltage_v: float | None, current_a: float | None) -> int:
        """Feed the newest readings (None: not believed); returns the level."""
        self._judge_voltage(now_ns, voltage_v)
        self._judge_current(now_ns, current_a)
        if soc is None or self.undervoltage or self.overcurrent:
            self.level = ALL
        else:
            self.level = self._by_charge(soc)
        return self.level

    def _by_charge(self, soc: float) -> int:
        """Fall at the thresholds, rise only past threshold and hysteresis."""
        get = self._parameters.get
        gain = get(area.SHED_HYSTERESIS)
        must = may = 0
        for number, threshold in enumerate(THRESHOLDS, start=1):
            limit = get(threshold)
            if soc < limit:
                must = number
            if soc < limit + gain:
                may = number
        return max(must, min(self.level, may))

    def _judge_voltage(self, now_ns: int, voltage_v: float | None) -> None:
        limit_v = self._parameters.get(area.UNDERVOLTAGE_V)
        low = self._low_voltage.update(now_ns, voltage_v is not None and voltage_v < limit_v)
        good = self._good_voltage.update(now_ns, voltage_v is not None and voltage_v > limit_v + RECOVERY_V)
        if low:
            self.undervoltage = True
        elif good:
            self.undervoltage = False

    def _judge_current(self, now_ns: int, current_a: float | None) -> None:
        limit_a = self._parameters.get(area.DISCHARGE_LIMIT_A)
        if self._drained.update(now_ns, current_a is not None and -current_a > limit_a):
            self._drained_until_ns = now_ns + 60 * NS_PER_S
        self.overcurrent = now_ns < self._drained_until_ns
