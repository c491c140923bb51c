"""Made slopes: a plane that rises from its foot to a plateau, rounded at all edges, with its own soil."""

from __future__ import annotations

import math
from typing import Final

from sim_hal.world.world_file import RampSection

ROUND_M: Final = 0.5
"""Foot and top bend over twice this length."""


class Ramp:
    """One ramp; `rise` is what it adds to the ground, with slopes."""

    __slots__ = ("_ahead", "_edge_m", "_foot", "_half_m", "_length_m", "_slope", "soil")

    def __init__(self, section: RampSection) -> None:
        azimuth = math.radians(section.azimuth_deg)
        self._ahead = (math.sin(azimuth), math.cos(azimuth))
        self._foot = (section.foot_x_m, section.foot_y_m)
        self._slope = math.tan(math.radians(section.slope_deg))
        self._length_m = section.length_m
        self._half_m = 0.5 * section.width_m
        self._edge_m = section.edge_m
        self.soil = section.soil

    def _place(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Distance uphill from the foot and to the left of the middle line."""
        dx, dy = x_m - self._foot[0], y_m - self._foot[1]
        east, north = self._ahead
        return dx * east + dy * north, dy * east - dx * north

    def covers(self, x_m: float, y_m: float) -> bool:
        """Whether the point lies on the inclined part, where the ramp's soil is."""
        ahead, left = self._place(x_m, y_m)
        return 0.0 <= ahead <= self._length_m and abs(left) <= self._half_m

    def rise(self, x_m: float, y_m: float) -> tuple[float, float, float]:
        """Height and its slopes toward east and north."""
        ahead, left = self._place(x_m, y_m)
        if ahead <= -ROUND_M or abs(left) >= self._half_m + self._edge_m:
            return 0.0, 0.0, 0.0
        foot, foot_slope = _bend(ahead)
        top, top_slope = _bend(ahead - self._length_m)
        height, along = self._slope * (foot - top), self._slope * (foot_slope - top_slope)
        share, across = fade((abs(left) - self._half_m) / self._edge_m)
        across *= math.copysign(height / self._edge_m, left)
        along *= share
        east, north = self._ahead
        return height * share, along * east - across * north, along * north + across * east


def _bend(s: float) -> tuple[float, float]:
    """max(s, 0) with the corner rounded by a parabola, and its slope."""
    if s <= -ROUND_M:
        return 0.0, 0.0
    if s >= ROUND_M:
        return s, 1.0
    risen = s + ROUND_M
    return risen * risen / (4.0 * ROUND_M), risen / (2.0 * ROUND_M)


def fade(t: float) -> tuple[float, float]:
    """1 below 0, 0 above 1, smooth between; and its slope."""
    if t <= 0.0:
        return 1.0, 0.0
    if t >= 1.0:
        return 0.0, 0.0
    return 1.0 - t * t * (3.0 - 2.0 * t), -6.0 * t * (1.0 - t)
