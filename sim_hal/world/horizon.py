"""The far skyline as a table over azimuth, and how much of the Sun stands above it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

from sim_hal.world.sky import Direction
from sim_hal.world.world_file import HorizonSection

_STEPS: Final = 720


class Horizon:
    """Elevation of the skyline in every direction; half-degree table made once, straight lines between."""

    __slots__ = ("_table",)

    def __init__(self, section: HorizonSection) -> None:
        points = [(math.radians(point.azimuth_deg), math.radians(point.elevation_deg)) for point in section.mask]
        closed = [(points[-1][0] - math.tau, points[-1][1]), *points, (points[0][0] + math.tau, points[0][1])]
        values = [_between(closed, math.tau * step / _STEPS) for step in range(_STEPS)]
        self._table = (*values, values[0])

    def elevation_rad(self, azimuth_rad: float) -> float:
        """Skyline at an azimuth clockwise from north, any turn."""
        place = (azimuth_rad % math.tau) * (_STEPS / math.tau)
        step = min(int(place), _STEPS - 1)
        low = self._table[step]
        return low + (place - step) * (self._table[step + 1] - low)

    def visible(self, direction: Direction) -> bool:
        """Whether a point in the sky stands above the skyline."""
        return direction.elevation_rad > self.elevation_rad(direction.azimuth_rad)

    def sun_fraction(self, sun: Direction, sun_radius_rad: float, near_rad: float = -math.pi) -> float:
        """Share of the Sun's disc above the skyline, 0..1; `near_rad` is a skyline close by that may be higher."""
        skyline = max(self.elevation_rad(sun.azimuth_rad), near_rad)
        return disc_above((sun.elevation_rad - skyline) / sun_radius_rad)


def disc_above(offset: float) -> float:
    """Area share of a unit disc above a straight edge, its centre `offset` radii above the edge."""
    if offset >= 1.0:
        return 1.0
    if offset <= -1.0:
        return 0.0
    return 0.5 + (offset * math.sqrt(1.0 - offset * offset) + math.asin(offset)) / math.pi


def _between(points: list[tuple[float, float]], azimuth_rad: float) -> float:
    """Straight line between the two points on either side."""
    for (left, low), (right, high) in pairwise(points):
        if left <= azimuth_rad <= right:
            return low if right == left else low + (high - low) * (azimuth_rad - left) / (right - left)
    return points[-1][1]
