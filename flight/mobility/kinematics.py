"""Six-wheel rocker-bogie kinematics with four steered corners, seen in the plane of the wheels.

The body frame's origin is the middle of the middle axle.  A body twist is forward speed and yaw rate; the lateral
speed of the origin is zero, because the middle wheels do not steer.  (Ackermann geometry, as in Siegwart and
Nourbakhsh, Autonomous Mobile Robots, chapter 3.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from flight.subsystems.mobility_config import MobilityConfig

CORNER_OF_WHEEL = (0, 1, None, None, 2, 3)
"""Which corner of `hal.api.values.CORNERS` steers each wheel of `WHEELS`; the middle wheels look ahead."""

Corners = tuple[float, float, float, float]
Speeds = tuple[float, float, float, float, float, float]
STRAIGHT: Corners = (0.0, 0.0, 0.0, 0.0)


class Kinematics:
    """Geometry of one rover."""

    __slots__ = (
        "_corners",
        "_directions",
        "_half_base",
        "_half_middle",
        "_half_track",
        "_max_wheel",
        "_positions",
        "_radius",
        "min_radius_m",
    )

    def __init__(self, config: MobilityConfig) -> None:
        half_base, half_track = 0.5 * config.wheel_base_m, 0.5 * config.track_m
        half_middle = half_track if config.middle_track_m is None else 0.5 * config.middle_track_m
        self._half_base = half_base
        self._half_track = half_track
        self._half_middle = half_middle
        self._radius = config.wheel_radius_m
        self._max_wheel = config.max_wheel_rad_s
        rows = ((half_base, half_track), (0.0, half_middle), (-half_base, half_track))
        self._positions = tuple((x, y) for x, half in rows for y in (half, -half))
        self.min_radius_m = half_track + half_base / math.tan(config.max_steering_rad)
        """Tightest arc that the corners reach, short of a turn on the spot."""
        self._remember(STRAIGHT)

    def feasible(self, speed_m_s: float, yaw_rate_rad_s: float) -> tuple[float, float]:
        """The nearest twist that the corners can steer: arcs too tight become a wider arc or a turn on the spot."""
        if abs(speed_m_s) >= self.min_radius_m * abs(yaw_rate_rad_s):
            return speed_m_s, yaw_rate_rad_s
        if abs(speed_m_s) < 0.5 * self.min_radius_m * abs(yaw_rate_rad_s):
            return 0.0, yaw_rate_rad_s
        return speed_m_s, math.copysign(abs(speed_m_s) / self.min_radius_m, yaw_rate_rad_s)

    def inverse(self, speed_m_s: float, yaw_rate_rad_s: float) -> tuple[Corners, Speeds]:
        """Corner angles (rad, within a quarter turn) and wheel speeds (rad/s) of a twist.

        Speeds are scaled down together when one would pass the fastest wheel speed allowed.
        """
        middle = yaw_rate_rad_s * self._half_middle
        left, right = speed_m_s - yaw_rate_rad_s * self._half_track, speed_m_s + yaw_rate_rad_s * self._half_track
        across = yaw_rate_rad_s * self._half_base
        if across == 0.0:
            angle_left = angle_right = 0.0
            corner_left, corner_right = left, right
        else:
            angle_left, corner_left = _fold(left, across)
            angle_right, corner_right = _fold(right, across)
        left, right = speed_m_s - middle, speed_m_s + middle
        top = max(abs(corner_left), abs(corner_right), abs(left), abs(right)) / self._radius
        scale = (self._max_wheel / top if top > self._max_wheel else 1.0) / self._radius
        corner_left, corner_right = corner_left * scale, corner_right * scale
        return (
            (angle_left, angle_right, -angle_left, -angle_right),
            (corner_left, corner_right, left * scale, right * scale, corner_left, corner_right),
        )

    def forward(
        self, rolled_rad: Sequence[float | None], corners_rad: Sequence[float]
    ) -> tuple[float, float, float] | None:
        """Body displacement (forward m, left m, yaw rad) by least squares over the wheels that are not None.

        Works on rates as well as on increments.  None with fewer than two wheels.  `corners_rad` must not be changed
        in place, because its directions are kept for the next call.
        """
        if corners_rad is not self._corners:
            self._remember(corners_rad)
        count = 0
        sum_x = sum_y = sum_u = sum_v = moment = spread = 0.0
        for rolled, (x, y, along, across) in zip(rolled_rad, self._directions, strict=True):
            if rolled is None:
                continue
            u, v = rolled * along, rolled * across
            count += 1
            sum_x += x
            sum_y += y
            sum_u += u
            sum_v += v
            moment += x * v - y * u
            spread += x * x + y * y
        if count < 2:
            return None
        # The rigid motion v = (vx - w y, vy + w x) that fits best turns about the wheels' mean position.
        cx, cy = sum_x / count, sum_y / count
        turn = (moment - cx * sum_v + cy * sum_u) / (spread - count * (cx * cx + cy * cy))
        return sum_u / count + turn * cy, sum_v / count - turn * cx, turn

    def _remember(self, corners_rad: Sequence[float]) -> None:
        """Directions of the wheels for these angles; corners are measured more seldom than wheels."""
        self._corners = corners_rad
        radius = self._radius
        directions = []
        for (x, y), corner in zip(self._positions, CORNER_OF_WHEEL, strict=True):
            angle = 0.0 if corner is None else corners_rad[corner]
            directions.append((x, y, radius * math.cos(angle), radius * math.sin(angle)))
        self._directions = tuple(directions)


def _fold(along: float, across: float) -> tuple[float, float]:
    """Direction within a quarter turn of ahead, and the signed speed in that direction."""
    speed = math.hypot(along, across)
    if along < 0.0:
        return math.atan2(-across, -along), -speed
    return math.atan2(across, along), speed
