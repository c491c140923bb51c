"""State of charge from counted charge and voltage.

Counting is exact over hours and drifts over days; the voltage at rest is right on average and wrong by the noise of
its inversion.  So charge is counted, and at low current the count is drawn towards the voltage with a long time
constant.  After a boot or a gap in the readings the count is only as good as the voltage says, and where there is no
count the voltage is taken for better or worse, until it is good for the first time.  State of charge is
charge over rated charge: what the cold locks away still counts, for warmth gives it back, and so the voltage of a cold
and nearly empty pack, which looks emptier than it is, is not listened to.
"""

from __future__ import annotations

from typing import Final

from flight.energy.curve import Curve
from flight.subsystems.power_config import BatteryBelief

DRAW_S: Final = 1800.0
"""Time constant with which the voltage draws the count."""
REST_C_RATE: Final = 0.12
"""Above this current (times capacity per hour) polarisation spoils the voltage's opinion."""
FIRST_C_RATE: Final = 0.3
"""As long as there is nothing better, the voltage may speak up to this current: the most that charging takes."""
KNEE: Final = 0.1
"""So much charge above the share locked by the cold, the voltage begins to fall early."""
TRUST: Final = 0.10
"""A count handed over from before a boot or gap is dropped when it differs more than this from the voltage."""
LONGEST_STEP_S: Final = 10.0
"""A longer step than this is a gap: nobody knows what flowed in it."""


class StateOfCharge:
    """The estimator; `soc` is None until the first reading, or after `forget`."""

    def __init__(self, belief: BatteryBelief) -> None:
        self._belief = belief
        self._soc_by_ocv = Curve(belief.ocv_v, belief.ocv_soc)
        self._resistance = Curve(belief.resistance_c, belief.resistance_factor)
        self._capacity = Curve(belief.capacity_c, belief.capacity_factor)
        self._count: float | None = None
        self._guessed = False
        """The count began with a voltage that was not good."""
        self._unsure = True
        self._known = False
        self.by_voltage: float | None = None
        self.charged_ah = 0.0
        self.discharged_ah = 0.0

    @property
    def soc(self) -> float | None:
        """State of charge, 0 to 1."""
        return self._count if self._known else None

    @property
    def counted(self) -> float | None:
        """The last count, even while it is not good enough to act on."""
        return self._count

    def restore(self, soc: float | None) -> None:
        """Take over the count from before a boot, to be checked against the voltage."""
        self._count = soc
        self._guessed = False
        self._unsure = True

    def calibrate(self, soc: float) -> None:
        """Take `soc` from ground as the truth."""
        self._count = soc
        self._known = True
        self._guessed = self._unsure = False

    def forget(self) -> None:
        """No believable reading for too long."""
        self._known = False
        self._unsure = True
        self.by_voltage = None

    def step(self, dt_s: float, voltage_v: float, current_a: float, battery_c: float | None) -> None:
        """One reading, `dt_s` after the one before."""
        if dt_s > LONGEST_STEP_S:
            self._unsure = True
            dt_s = 0.0
        opinion = self._opinion(voltage_v, current_a, battery_c)
        self.by_voltage = opinion if self._is_good(opinion, current_a, battery_c, REST_C_RATE) else None
        count = self._begin(opinion, current_a, battery_c)
        if self.by_voltage is not None:
            count += (self.by_voltage - count) * min(dt_s / DRAW_S, 1.0)
        self._count = min(max(count + self._counted(dt_s, current_a), 0.0), 1.0)
        self._known = True

    def _begin(self, opinion: float, current_a: float, battery_c: float | None) -> float:
        """The count to go on from; while unsure of it, the voltage's opinion in its place if they differ."""
        count = self._count
        if count is None:
            self._guessed = True
            count = opinion
        if self._unsure and self._is_good(opinion, current_a, battery_c, FIRST_C_RATE):
            if self._guessed or abs(count - opinion) > TRUST:
                count = opinion
            self._guessed = self._unsure = False
        return count

    def _counted(self, dt_s: float, current_a: float) -> float:
        """Change of the state of charge by the current; lithium cells give back all but a thousandth of it."""
        charge_ah = current_a * dt_s / 3600.0
        if charge_ah >= 0.0:
            self.charged_ah += charge_ah
        else:
            self.discharged_ah -= charge_ah
        return charge_ah / self._belief.capacity_ah

    def _opinion(self, voltage_v: float, current_a: float, battery_c: float | None) -> float:
        """State of charge whose open-circuit voltage fits, the sag taken out."""
        factor = self._resistance.at(battery_c) if battery_c is not None else 1.0
        open_v = voltage_v - current_a * self._belief.resistance_ohm * factor
        return self._soc_by_ocv.at(open_v / self._belief.cells_in_series)

    def _is_good(self, opinion: float, current_a: float, battery_c: float | None, c_rate: float) -> bool:
        """Whether the voltage may be listened to: low current, known temperature, not in the knee of the cold."""
        if battery_c is None or abs(current_a) >= c_rate * self._belief.capacity_ah:
            return False
        locked = 1.0 - self._capacity.at(battery_c)
        return locked <= 0.0 or opinion >= locked + KNEE
