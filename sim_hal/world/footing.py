"""How the rover lies on the ground: height, pitch, roll, and rocks in the way.

Angles: pitch positive nose up, roll positive left side up.  The ground is looked at once in `KEY_M` of travel, one
step ahead, and the body's attitude moves evenly in between: terrain is dear to compute, and jumps in attitude would
be spikes in the gyroscope.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Protocol

from sim_hal.world.chassis import TURN_LEVER_M, Chassis

KEY_M: Final = 0.025
LEAN_RAD_S: Final = 0.1
"""How fast a shoved body leans over (estimate: a rover that slides off a stone)."""

Vector = tuple[float, float, float]


class Ground(Protocol):
    """What motion asks of a terrain."""

    def height(self, x_m: float, y_m: float) -> float:
        """Ground height at a point of the site frame, m."""
        ...


def no_rock(x_m: float, y_m: float) -> float:
    """Rock height at a point, in a world without rocks."""
    return 0.0


class Footing:
    """Attitude and height of the body on its six wheels."""

    __slots__ = (
        "_cg_height_m",
        "_chassis",
        "_from",
        "_ground",
        "_lean",
        "_lie",
        "_max_rock_m",
        "_rock_height",
        "_to",
        "_travel_m",
        "blocked",
        "pitch_rad",
        "roll_rad",
        "shove_rad",
        "tipped",
        "up",
        "z_m",
    )

    def __init__(
        self,
        chassis: Chassis,
        ground: Ground,
        rock_height: Callable[[float, float], float],
        max_rock_m: float,
        cg_height_m: float,
    ) -> None:
        self._chassis = chassis
        self._ground = ground
        self._rock_height = rock_height
        self._max_rock_m = max_rock_m
        self._cg_height_m = cg_height_m
        self.blocked = False
        """A wheel stands against a rock it cannot climb."""
        self.tipped = False
        """The centre of mass lies outside the wheels."""
        self.shove_rad = (0.0, 0.0)
        """Set by a fault: pitch and roll that something under the body adds to the lie of the ground."""
        self._lean = (0.0, 0.0)
        self.place(0.0, 0.0, 0.0)

    def place(self, x_m: float, y_m: float, yaw_rad: float) -> None:
        """Take the lie of the ground at a pose at once; rocks underfoot stop nothing until a wheel turns."""
        self._travel_m = 0.0
        self._from = self._to = self._look(x_m, y_m, yaw_rad)
        self.blocked = False
        self._take(self._to)

    def follow(self, travel_m: float) -> bool:
        """Travel on by `travel_m` (>= 0, horizontal); returns True when `look_ahead` is due."""
        self._travel_m += travel_m
        done = self._travel_m / KEY_M
        done = min(done, 1.5)  # the step that passes the mark goes a little beyond it
        (z0, a0, b0), (z1, a1, b1) = self._from, self._to
        self._take((z0 + done * (z1 - z0), a0 + done * (a1 - a0), b0 + done * (b1 - b0)))
        return done >= 1.0

    def look_ahead(
        self, pose: tuple[float, float, float], forward_m_s: float, left_m_s: float, yaw_rad_s: float
    ) -> None:
        """Look at the ground `KEY_M` ahead of `pose` (x, y, yaw) along a horizontal velocity that is not zero."""
        x_m, y_m, yaw_rad = pose
        ahead_s = KEY_M / (abs(forward_m_s) + abs(left_m_s) + abs(yaw_rad_s) * TURN_LEVER_M)
        c, s = math.cos(yaw_rad), math.sin(yaw_rad)
        self._from = self._lie
        self._to = self._look(
            x_m + (forward_m_s * c - left_m_s * s) * ahead_s,
            y_m + (forward_m_s * s + left_m_s * c) * ahead_s,
            yaw_rad + yaw_rad_s * ahead_s,
        )
        self._travel_m = 0.0

    @property
    def leaning(self) -> bool:
        """Whether the body is on its way to where it was shoved."""
        return self._lean != self.shove_rad

    def lean(self, dt_s: float) -> None:
        """Lean towards `shove_rad` for `dt_s`."""
        most = LEAN_RAD_S * dt_s
        (pitch, roll), (to_pitch, to_roll) = self._lean, self.shove_rad
        self._lean = (
            to_pitch if abs(to_pitch - pitch) <= most else pitch + math.copysign(most, to_pitch - pitch),
            to_roll if abs(to_roll - roll) <= most else roll + math.copysign(most, to_roll - roll),
        )
        self._take(self._lie)

    def _look(self, x_m: float, y_m: float, yaw_rad: float) -> Vector:
        """Height and slopes with the rover at a pose; notes whether a wheel there meets too high a rock."""
        c, s = math.cos(yaw_rad), math.sin(yaw_rad)
        heights = []
        self.blocked = False
        for ahead, left in self._chassis.positions:
            wheel_x, wheel_y = x_m + c * ahead - s * left, y_m + s * ahead + c * left
            rock = self._rock_height(wheel_x, wheel_y)
            if rock > self._max_rock_m:
                self.blocked = True
                rock = 0.0
            heights.append(self._ground.height(wheel_x, wheel_y) + rock)
        return self._chassis.lie(heights)

    def _take(self, lie: Vector) -> None:
        """Attitude from slopes along and across the heading."""
        self._lie = lie
        self.z_m, ahead, left = lie
        if any(self._lean):
            ahead = math.tan(math.atan(ahead) + self._lean[0])
            left = math.tan(math.atan(left) + self._lean[1])
        flat = math.sqrt(1.0 + ahead * ahead)
        length = math.sqrt(1.0 + ahead * ahead + left * left)
        self.pitch_rad = math.atan(ahead)
        self.roll_rad = math.asin(left / length)
        # The body's x axis runs along the slope, so its share of the vertical is the sine of the pitch.
        self.up = up = (ahead / flat, left / (flat * length), 1.0 / length)
        reach_x, reach_y = self._chassis.half_m
        high = self._cg_height_m
        self.tipped = abs(up[1]) * high > up[2] * reach_y or abs(up[0]) * high > up[2] * reach_x
