"""Geometry of the six-wheel rocker-bogie: what the body does when the wheels roll, and how it lies on the ground.

Rocker-bogie as on Sojourner's successors: the rocker carries the front wheel, its bogie the middle and rear one.  The
differential makes the body's pitch the mean of both rockers'.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, sin
from typing import Final

from sim_hal.world.vehicle_file import BodySection

DRAGGED_WEIGHT: Final = 0.1
"""How much a wheel that does not turn still holds the body back, against 1 for a rolling one (estimate)."""

TURN_LEVER_M: Final = 0.41
"""Centre to corner wheel of the reference rover: makes a length of a turn."""

Matrix = tuple[tuple[float, ...], ...]


class Chassis:
    """Wheels in the order of `hal.api.values.WHEELS`, corners in that of `CORNERS`; body x forward, y left."""

    __slots__ = ("_key", "_radius_m", "_solution", "_spread_m2", "base_m", "half_m", "positions")

    def __init__(self, body: BodySection) -> None:
        half_base, half_track = 0.5 * body.base_m, 0.5 * body.track_m
        self._radius_m = body.wheel_radius_m
        self.base_m = body.base_m
        self.half_m = (half_base, half_track)
        half_middle = half_track if body.middle_track_m is None else 0.5 * body.middle_track_m
        rows = ((half_base, half_track), (0.0, half_middle), (-half_base, half_track))
        self.positions = tuple((x, y) for x, half in rows for y in (half, -half))
        self._spread_m2 = sum(x * x + y * y for x, y in self.positions)
        self._key: tuple[tuple[float, ...], int] | None = None
        self._solution: Matrix = ()

    def twist(
        self, wheel_rad_s: Sequence[float], steer_rad: tuple[float, ...], dragged: int = 0
    ) -> tuple[float, float, float]:
        """Body velocity (forward m/s, left m/s, yaw rad/s) that fits six wheel rates best, without slip.

        Each wheel says two things: it rolls along its heading, and it does not slide sideways.  `dragged` has a bit
        set for each wheel that stands while others turn; its word counts little.
        """
        key = (steer_rad, dragged)
        if key != self._key:
            self._solution = self._solve(steer_rad, dragged) if dragged else self._solve_rolling(steer_rad)
            self._key = key
        a, b, c, d, e, f = wheel_rad_s
        forward, left, yaw = self._solution
        return (
            forward[0] * a + forward[1] * b + forward[2] * c + forward[3] * d + forward[4] * e + forward[5] * f,
            left[0] * a + left[1] * b + left[2] * c + left[3] * d + left[4] * e + left[5] * f,
            yaw[0] * a + yaw[1] * b + yaw[2] * c + yaw[3] * d + yaw[4] * e + yaw[5] * f,
        )

    def lie(self, heights_m: Sequence[float]) -> tuple[float, float, float]:
        """Ground height under the body centre (m) and slopes dz/dx, dz/dy (1) from the height under each wheel."""
        front_l, front_r, middle_l, middle_r, rear_l, rear_r = heights_m
        bogie = 0.25 * (middle_l + middle_r + rear_l + rear_r)  # its pivot lies midway between its two wheels
        slope_x = (0.5 * (front_l + front_r) - bogie) / (0.75 * self.base_m)
        left, right = front_l + middle_l + rear_l, front_r + middle_r + rear_r
        slope_y = (left - right) / (4.0 * self.half_m[1] + 2.0 * self.positions[2][1])
        return bogie + 0.25 * self.base_m * slope_x, slope_x, slope_y

    def _solve_rolling(self, steer_rad: tuple[float, ...]) -> Matrix:
        """The same as `_solve` with nothing dragged, which drivers ask for at every step of a bend.

        A wheel's rolling and sliding directions are square to each other, so with equal weights the normal matrix is
        diagonal whatever the angles: 6, 6 and the sum of the squared distances from the centre.
        """
        share, turn = self._radius_m / 6.0, self._radius_m / self._spread_m2
        front_l, front_r, rear_l, rear_r = steer_rad
        (xf, y), (_, middle), (xr, _) = self.positions[0], self.positions[2], self.positions[4]
        c0, c1, c4, c5 = cos(front_l), cos(front_r), cos(rear_l), cos(rear_r)
        s0, s1, s4, s5 = sin(front_l), sin(front_r), sin(rear_l), sin(rear_r)
        return (
            (share * c0, share * c1, share, share, share * c4, share * c5),
            (share * s0, share * s1, 0.0, 0.0, share * s4, share * s5),
            (
                turn * (xf * s0 - y * c0),
                turn * (xf * s1 + y * c1),
                -turn * middle,
                turn * middle,
                turn * (xr * s4 - y * c4),
                turn * (xr * s5 + y * c5),
            ),
        )

    def _solve(self, steer_rad: tuple[float, ...], dragged: int) -> Matrix:
        """The 3 x 6 matrix from wheel rates to the weighted least-squares twist."""
        front_l, front_r, rear_l, rear_r = steer_rad
        normal = [[0.0] * 3 for _ in range(3)]
        rolls = []
        for wheel, angle in enumerate((front_l, front_r, 0.0, 0.0, rear_l, rear_r)):
            (x, y), c, s = self.positions[wheel], cos(angle), sin(angle)
            roll, slide = (c, s, x * s - y * c), (-s, c, x * c + y * s)
            weight = DRAGGED_WEIGHT if dragged >> wheel & 1 else 1.0
            rolls.append((weight, roll))
            for i in range(3):
                for j in range(3):
                    normal[i][j] += weight * roll[i] * roll[j] + slide[i] * slide[j]
        inverse = _inverse(normal)
        return tuple(
            tuple(
                self._radius_m * weight * (row[0] * roll[0] + row[1] * roll[1] + row[2] * roll[2])
                for weight, roll in rolls
            )
            for row in inverse
        )


def _inverse(m: Sequence[Sequence[float]]) -> Matrix:
    """Inverse of a symmetric 3 x 3 matrix by cofactors."""
    (a, b, c), (_, d, e), (_, _, f) = m
    aa, bb, cc = d * f - e * e, c * e - b * f, b * e - c * d
    dd, ee, ff = a * f - c * c, b * c - a * e, a * d - b * b
    k = 1.0 / (a * aa + b * bb + c * cc)
    return ((aa * k, bb * k, cc * k), (bb * k, dd * k, ee * k), (cc * k, ee * k, ff * k))
