"""What ground and big things near the rover hide: the near skyline toward the Sun, and lines between antennas."""

from __future__ import annotations

import math
from typing import Final, Protocol

from sim_hal.world.world_file import ObstacleSection

_NEAR_M: Final = 0.6
_GROWTH: Final = 1.12
"""Each look is this much farther than the last: a thing of a tenth of its distance is never missed."""
_FAR_M: Final = 120.0


class Surface(Protocol):
    """The part of a terrain that stops light."""

    obstacles: tuple[ObstacleSection, ...]

    def surface(self, x_m: float, y_m: float) -> float:
        """Height of ground or rock, m."""
        ...

    def height(self, x_m: float, y_m: float) -> float:
        """Height of the ground, m."""
        ...


def skyline_rad(terrain: Surface, x_m: float, y_m: float, z_m: float, azimuth_rad: float) -> float:
    """Elevation of the highest thing within 120 m in one direction, seen from height `z_m` of the site frame."""
    east, north = math.sin(azimuth_rad), math.cos(azimuth_rad)
    steepest = -1.0
    away = _NEAR_M
    while away < _FAR_M:
        steepest = max(steepest, (terrain.surface(x_m + away * east, y_m + away * north) - z_m) / away)
        away *= _GROWTH
    for thing in terrain.obstacles:
        front = _entry_m(thing, x_m, y_m, east, north)
        if front is not None:
            top_m = terrain.height(thing.x_m, thing.y_m) + thing.height_m
            steepest = max(steepest, (top_m - z_m) / max(front, 0.01))
    return math.atan(steepest)


def clear_line(terrain: Surface, here: tuple[float, float, float], there: tuple[float, float, float]) -> bool:
    """Whether nothing stands on the straight line between two points of the site frame; looks every half metre."""
    dx, dy, dz = there[0] - here[0], there[1] - here[1], there[2] - here[2]
    length = math.hypot(dx, dy)
    looks = min(240, int(length / 0.5))
    for look in range(1, looks):
        part = look / looks
        if terrain.height(here[0] + part * dx, here[1] + part * dy) > here[2] + part * dz:
            return False
    if length == 0.0:
        return True
    return not any(
        _in_the_way(terrain, thing, here, (dx / length, dy / length, dz / length), length)
        for thing in terrain.obstacles
    )


def _in_the_way(
    terrain: Surface,
    thing: ObstacleSection,
    here: tuple[float, float, float],
    along: tuple[float, float, float],
    length: float,
) -> bool:
    """Whether the line meets an obstacle below its top."""
    front = _entry_m(thing, here[0], here[1], along[0], along[1])
    if front is None or front >= length:
        return False
    top_m = terrain.height(thing.x_m, thing.y_m) + thing.height_m
    return here[2] + min(along[2] * front, along[2] * min(length, front + 2.0 * thing.radius_m)) < top_m


def _entry_m(thing: ObstacleSection, x_m: float, y_m: float, east: float, north: float) -> float | None:
    """Distance at which a level ray enters a cylinder; None when it passes by or starts inside."""
    dx, dy = thing.x_m - x_m, thing.y_m - y_m
    ahead, aside = dx * east + dy * north, dx * north - dy * east
    inside = thing.radius_m * thing.radius_m - aside * aside
    if inside <= 0.0:
        return None
    front = ahead - math.sqrt(inside)
    return front if front > 0.0 else None
