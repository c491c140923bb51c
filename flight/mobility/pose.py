"""Where the rover believes it is: dead reckoning, corrected by ground motion fixes."""

from __future__ import annotations

import math
from collections import deque

from hal.api.clock import NS_PER_S
from hal.api.values import Vector

HISTORY = 256
"""Ten-hertz samples of travel kept for late fixes: 25 s, several fix intervals."""


class Pose:
    """Site position and heading.  Yaw is kept within -pi..pi."""

    __slots__ = ("odometer_m", "x_m", "y_m", "yaw_rad")

    def __init__(self) -> None:
        self.x_m = 0.0
        self.y_m = 0.0
        self.yaw_rad = 0.0
        self.odometer_m = 0.0

    def place(self, x_m: float, y_m: float, yaw_rad: float) -> None:
        """Ground or the state image knows better."""
        self.x_m = x_m
        self.y_m = y_m
        self.yaw_rad = wrap(yaw_rad)

    def move(self, forward_m: float, left_m: float, turn_rad: float, level: float) -> None:
        """Advance by one increment in the body frame; `level` is the cosine of pitch."""
        heading = self.yaw_rad + 0.5 * turn_rad
        self._shift(forward_m * level, left_m, heading)
        self.yaw_rad = wrap(self.yaw_rad + turn_rad)
        self.odometer_m += abs(forward_m)

    def correct(self, forward_m: float, left_m: float) -> None:
        """Add what a fix says that odometry got wrong, in the body frame.  So small that pitch does not matter."""
        self._shift(forward_m, left_m, self.yaw_rad)

    def _shift(self, forward_m: float, left_m: float, heading_rad: float) -> None:
        cos, sin = math.cos(heading_rad), math.sin(heading_rad)
        self.x_m += cos * forward_m - sin * left_m
        self.y_m += sin * forward_m + cos * left_m


class TravelHistory:
    """Total travel by the wheels against time, so that a fix that comes late meets the travel of its own interval."""

    __slots__ = ("_samples", "forward_m", "left_m")

    def __init__(self) -> None:
        self._samples: deque[tuple[int, float, float]] = deque(maxlen=HISTORY)
        self.forward_m = 0.0
        self.left_m = 0.0

    def add(self, now_ns: int, forward_m: float, left_m: float) -> None:
        """One increment that ended at `now_ns`."""
        self.forward_m += forward_m
        self.left_m += left_m
        self._samples.append((now_ns, self.forward_m, self.left_m))

    def between(self, start_ns: int, end_ns: int) -> tuple[float, float] | None:
        """Travel (forward m, left m) within an interval; None if it began before anything remembered.

        Before the very first sample the rover stood, so that is remembered too.
        """
        samples = self._samples
        if not samples or (start_ns < samples[0][0] and len(samples) == HISTORY):
            return None
        forward_0, left_0 = self._at(start_ns)
        forward_1, left_1 = self._at(end_ns)
        return forward_1 - forward_0, left_1 - left_0

    def _at(self, time_ns: int) -> tuple[float, float]:
        """Totals at a time, by linear interpolation; the newest beyond the end."""
        later: tuple[int, float, float] | None = None
        for sample in reversed(self._samples):
            if sample[0] <= time_ns:
                if later is None:
                    return sample[1], sample[2]
                part = (time_ns - sample[0]) / (later[0] - sample[0])
                return sample[1] + part * (later[1] - sample[1]), sample[2] + part * (later[2] - sample[2])
            later = sample
        return self._samples[0][1], self._samples[0][2]


class GyroBias:
    """Bias of the three gyro axes, learned whenever the rover stands still.

    All three, because on a slope the turn about the vertical is felt by more than the body's z axis.
    """

    __slots__ = ("_rested_s", "rad_s")

    MEMORY_S = 200.0
    """Readings at rest are averaged over this time: noise falls, and a bias that wanders is still followed."""
    MAX_RAD_S = 0.02
    """A larger reading at rest is no bias of any sensor we fly, so it is not learned."""

    def __init__(self) -> None:
        self.rad_s: Vector = (0.0, 0.0, 0.0)
        self._rested_s = 0.0

    def at_rest(self, gyro_rad_s: Vector, dt_s: float) -> None:
        """One reading while standing, `dt_s` after the one before."""
        if max(gyro_rad_s) > self.MAX_RAD_S or min(gyro_rad_s) < -self.MAX_RAD_S or dt_s <= 0.0:
            return
        self._rested_s = min(self._rested_s + dt_s, self.MEMORY_S)
        gain = min(1.0, dt_s / self._rested_s)
        (x, y, z), (bx, by, bz) = gyro_rad_s, self.rad_s
        self.rad_s = (bx + gain * (x - bx), by + gain * (y - by), bz + gain * (z - bz))


def wrap(angle_rad: float) -> float:
    """The same direction within -pi..pi."""
    if -math.pi <= angle_rad <= math.pi:
        return angle_rad
    return math.remainder(angle_rad, math.tau)


def interval_ns(interval_s: float) -> int:
    """A fix's interval in whole nanoseconds."""
    return round(interval_s * NS_PER_S)
