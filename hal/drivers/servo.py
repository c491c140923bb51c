"""One steering servo that reports nothing: which pulse turns it where, and where it must be by now."""

from __future__ import annotations

import math
from typing import Final

from hal.api.clock import NS_PER_S
from hal.api.wiring import ServoWiring

US_PER_S: Final = 1e6


class ServoScale:
    """Pulse and angle of one servo: pulse = centre + sign x scale x angle, in whole steps within its limits."""

    __slots__ = ("_centre_us", "_least", "_most", "_step_us", "_us_per_rad", "high_rad", "low_rad")

    def __init__(self, wiring: ServoWiring, step_us: float) -> None:
        self._step_us = step_us
        self._centre_us = wiring.centre_us
        self._us_per_rad = wiring.sign * wiring.us_per_rad
        self._least = math.ceil(wiring.min_us / step_us)
        self._most = math.floor(wiring.max_us / step_us)
        ends = sorted((self.angle_rad(self._least), self.angle_rad(self._most)))
        self.low_rad, self.high_rad = ends

    def count(self, angle_rad: float) -> int:
        """Steps of pulse for an angle; beyond the limits, the limit."""
        pulse_us = self._centre_us + self._us_per_rad * angle_rad
        return min(self._most, max(self._least, round(pulse_us / self._step_us)))

    def angle_rad(self, count: int) -> float:
        """Where a pulse of so many steps turns the servo."""
        return (count * self._step_us - self._centre_us) / self._us_per_rad


class ServoReckoner:
    """Bounds of one servo's angle: both ends move towards the goal at the servo's rate, from anywhere at all at first.

    A servo that was limp may stand anywhere within its limits, so its angle is known only once it has had the time
    to come from the far end.  From then on the bounds are one and follow every command.
    """

    __slots__ = ("_high_rad", "_low_rad", "_rate_rad_s", "_scale", "_seen_ns", "goal_rad", "limp_at_ns")

    def __init__(self, scale: ServoScale, rate_rad_s: float) -> None:
        self._scale = scale
        self._rate_rad_s = rate_rad_s
        self._seen_ns = 0
        self.forget()

    def forget(self) -> None:
        """It is limp, or was told nobody knows what."""
        self._low_rad = self._scale.low_rad
        self._high_rad = self._scale.high_rad
        self.goal_rad: float | None = None
        self.limp_at_ns: int | None = None
        """When a servo that is told where to go without being known where it is has to be let go again."""

    def rest(self) -> None:
        """No power from now on, and nothing but power turns it: one that had arrived stays, any other is unknown."""
        if self.angle_rad is None or self.angle_rad != self.goal_rad:
            self.forget()

    def run_to(self, now_ns: int) -> None:
        """Turn up to now."""
        reach_rad = self._rate_rad_s * (now_ns - self._seen_ns) / NS_PER_S
        self._seen_ns = now_ns
        if self.goal_rad is not None:
            self._low_rad += _bounded(self.goal_rad - self._low_rad, reach_rad)
            self._high_rad += _bounded(self.goal_rad - self._high_rad, reach_rad)

    @property
    def angle_rad(self) -> float | None:
        """Where it is; None while it may still be in more than one place."""
        return self._low_rad if self.goal_rad is not None and self._low_rad == self._high_rad else None

    def count_towards(self, target_rad: float, hold_ns: int) -> int:
        """The pulse for the next `hold_ns`: no further than it can turn meanwhile, so it stops by itself after that.

        One whose place is not known is sent the whole way.
        """
        angle_rad = self.angle_rad
        if angle_rad is not None:
            target_rad = angle_rad + _bounded(target_rad - angle_rad, self._rate_rad_s * hold_ns / NS_PER_S)
        return self._scale.count(target_rad)

    def told(self, count: int, now_ns: int, hold_ns: int) -> None:
        """It was sent this pulse."""
        unknown = self.angle_rad is None
        self.goal_rad = self._scale.angle_rad(count)
        self._seen_ns = now_ns
        self.limp_at_ns = now_ns + hold_ns if unknown else None


def _bounded(gap: float, most: float) -> float:
    return max(-most, min(most, gap))
