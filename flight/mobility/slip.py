"""Slip: how much of what the wheels roll the ground does not give.

Wheels and gyro alone cannot see it, so the first choice is ground motion against wheel travel over the last window.
Without a fix it is estimated from motor current and pitch through the drawbar curve, and flagged as an estimate.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from flight.energy.curve import Curve
from flight.subsystems.mobility_config import MobilityConfig

MIN_SEGMENT_M = 0.005
"""Less wheel travel than this in one fix interval says nothing about slip."""


class MeasuredSlip:
    """1 - ground / wheel over the last `window_m` of wheel travel."""

    __slots__ = ("_ground_m", "_segments", "_wheel_m")

    def __init__(self) -> None:
        self._segments: deque[tuple[float, float]] = deque()
        self._wheel_m = 0.0
        self._ground_m = 0.0

    def reset(self) -> None:
        """A new motion: what the ground was like before says little."""
        self._segments.clear()
        self._wheel_m = self._ground_m = 0.0

    def add(self, wheel_m: float, ground_m: float, window_m: float) -> None:
        """One fix interval, both signed and along body x."""
        rolled = abs(wheel_m)
        if rolled < MIN_SEGMENT_M:
            return
        made = math.copysign(ground_m, ground_m * wheel_m)
        self._segments.append((rolled, made))
        self._wheel_m += rolled
        self._ground_m += made
        while self._wheel_m - self._segments[0][0] >= window_m:
            old = self._segments.popleft()
            self._wheel_m -= old[0]
            self._ground_m -= old[1]

    def value(self, window_m: float) -> float | None:
        """Slip, -1 (downhill skid) to above 1 (sliding back); None until the window is full."""
        if self._wheel_m < 0.999 * window_m:
            return None
        return max(-1.0, 1.0 - self._ground_m / self._wheel_m)


class TurnSlip:
    """Slip of a turn on the spot, which ground motion cannot show: what the gyro turned against what wheels did.

    Angles count as wheel travel, by the mean distance of the wheels from the middle of the rover.
    """

    __slots__ = ("_body_m", "_lever_m", "_measured", "_wheel_m")

    def __init__(self, config: MobilityConfig) -> None:
        half_base, half_track = 0.5 * config.wheel_base_m, 0.5 * config.track_m
        self._lever_m = (4.0 * math.hypot(half_base, half_track) + 2.0 * half_track) / 6.0
        self._measured = MeasuredSlip()
        self._wheel_m = self._body_m = 0.0

    def reset(self) -> None:
        """A new motion."""
        self._measured.reset()
        self._wheel_m = self._body_m = 0.0

    def moved(self, forward_m: float, wheel_rad: float, body_rad: float) -> None:
        """One tick; one that goes mainly forward ends the turn."""
        if abs(forward_m) > 0.5 * abs(wheel_rad) * self._lever_m:
            self.reset()
            return
        self._wheel_m += wheel_rad * self._lever_m
        self._body_m += body_rad * self._lever_m

    def value(self, window_m: float) -> float | None:
        """Slip over the last `window_m` of wheel travel; None until that is full.  Called twice a second."""
        if abs(self._wheel_m) >= MIN_SEGMENT_M:
            self._measured.add(self._wheel_m, self._body_m, window_m)
            self._wheel_m = self._body_m = 0.0
        return self._measured.value(window_m)


class EstimatedSlip:
    """Slip that the drawbar curve needs for the pull that currents and pitch tell of, low-passed.

    Cold grease takes current too, at the coldest allowed temperature as much as the steepest slope: it is taken out.
    The wheel with the highest current is left out, so that one jammed wheel does not look like bad soil.
    """

    __slots__ = ("_grease", "_no_load_a", "_peak", "_resistance", "_scale", "_torque_to_pull", "value")

    TIME_S = 3.0

    def __init__(self, config: MobilityConfig) -> None:
        self._peak = config.soil_peak
        self._scale = config.soil_scale
        self._resistance = config.soil_resistance
        self._torque_to_pull = 6.0 * config.torque_n_m_a / (config.wheel_radius_m * config.weight_n)
        self._no_load_a = config.no_load_a
        self._grease = Curve(config.grease_c, config.grease_factor)
        self.value = 0.0

    def reset(self) -> None:
        """A new motion."""
        self.value = 0.0

    def update(
        self, currents_a: Sequence[float | None], climb_rad: float, dt_s: float, motor_c: float | None = None
    ) -> None:
        """One sample; `climb_rad` is pitch in the direction of travel, uphill positive, `motor_c` what motors have.

        Motors of unknown temperature count as mild: their current then tells of more slip, not of less.
        """
        pull = math.tan(max(-0.7, min(0.7, climb_rad))) + self._resistance
        good = [current for current in currents_a if current is not None]
        if len(good) > 1:
            mean_a = (sum(good) - max(good)) / (len(good) - 1)
            grease = 1.0 if motor_c is None else self._grease.at(motor_c)
            pull = max(pull, (mean_a - self._no_load_a * grease) * self._torque_to_pull)
        share = min(max(pull, 0.0) / self._peak, 0.9999)
        slip = min(1.0, -self._scale * math.log1p(-share))
        self.value += dt_s / (self.TIME_S + dt_s) * (slip - self.value)
