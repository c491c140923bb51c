"""The line of sight between the lander's antenna and the rover's."""

from __future__ import annotations

import math
from typing import Final

from sim_hal.world.sight import Surface, clear_line
from sim_hal.world.world_file import LocalLinkSection

_MOVED_M: Final = 0.25
"""The ground between is looked at again after this much travel."""


class LocalLink:
    """Range and visibility of the lander from the rover; remembers the last answer while the rover stands."""

    __slots__ = ("_clear", "_lander", "_last", "_range_m", "_rover_m", "_terrain")

    def __init__(self, terrain: Surface, section: LocalLinkSection) -> None:
        self._terrain = terrain
        self._lander = (0.0, 0.0, terrain.height(0.0, 0.0) + section.lander_antenna_m)
        self._rover_m = section.rover_antenna_m
        self._range_m = section.range_m
        self._last = (math.inf, math.inf)
        self._clear = False

    def range_m(self, x_m: float, y_m: float) -> float:
        """Level distance between the antennas."""
        return math.hypot(x_m - self._lander[0], y_m - self._lander[1])

    def visible(self, x_m: float, y_m: float) -> bool:
        """Whether the rover at a point sees the lander, within range."""
        if self.range_m(x_m, y_m) > self._range_m:
            return False
        if abs(x_m - self._last[0]) > _MOVED_M or abs(y_m - self._last[1]) > _MOVED_M:
            self._last = (x_m, y_m)
            rover = (x_m, y_m, self._terrain.height(x_m, y_m) + self._rover_m)
            self._clear = clear_line(self._terrain, rover, self._lander)
        return self._clear
