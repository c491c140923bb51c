"""Where craters lie and what shape they have.

Numbers follow the equilibrium law N(>D) = 0.079 (D / 1 m)^-2 per m2, shapes the worn small craters seen by Yutu-2
(mean depth over diameter 0.061; Wu et al. 2021).  Sizes are drawn octave by octave in squares four times as wide as
the octave's smallest crater, so that a crater never reaches beyond the squares next to its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from sim_hal.world.cell_dice import CellDice
from sim_hal.world.world_file import CraterSection

_SQUARE: Final = 4.0
_MAX_SQUARES: Final = 16_384
REACH: Final = math.sqrt(2.0)
"""A crater ends at this many radii: bowl, then rim, then nothing."""
_FLOOR_SHARE: Final = 0.8
"""Floor depth below the plain over depth below the rim, of the profile in `profile`."""
_KIND: Final = 0x0C
_SPREAD: Final = 2.0 / 3.0
"""Depth ratios lie evenly within this share of their mean."""

Crater = tuple[float, float, float, float]
"""Centre x and y, radius, depth of the floor below the plain; m."""


def profile(q: float) -> float:
    """Height over floor depth at squared distance `q` (in radii squared), 0 <= q <= 2.

    -(1 - q/2)^2 (1 - 2 q): smooth, the floor at -1, the rim highest at exactly one radius (+0.25), level at the end.
    """
    rest = 1.0 - 0.5 * q
    return -rest * rest * (1.0 - q - q)


class CraterField:
    """Every crater of a world, made when asked for."""

    __slots__ = ("_counts", "_depth_ratio", "_max_m", "_octaves", "_seed", "_squares")

    def __init__(self, section: CraterSection, seed: int) -> None:
        self._seed = seed
        self._squares: dict[tuple[int, int, int], tuple[Crater, ...]] = {}
        self._max_m = section.max_diameter_m
        self._depth_ratio = section.mean_depth_ratio
        count = math.ceil(math.log2(section.max_diameter_m / section.min_diameter_m) - 1e-9)
        self._octaves = tuple(section.min_diameter_m * 2.0**octave for octave in range(count))
        # N(>D) - N(>2D) craters per m2, in a square of 4 D.
        mean = section.per_m2 * 0.75 * _SQUARE * _SQUARE
        self._counts = (math.exp(-mean), mean)

    def reaching(self, x0: float, y0: float, x1: float, y1: float) -> Iterator[Crater]:
        """Craters of which any part may touch the rectangle."""
        for octave, smallest_m in enumerate(self._octaves):
            side = _SQUARE * smallest_m
            reach = smallest_m * REACH  # the largest radius of the octave is its smallest diameter
            for iy in range(math.floor((y0 - reach) / side), math.floor((y1 + reach) / side) + 1):
                for ix in range(math.floor((x0 - reach) / side), math.floor((x1 + reach) / side) + 1):
                    for crater in self._square(octave, ix, iy):
                        if _touches(crater, x0, y0, x1, y1):
                            yield crater

    def _square(self, octave: int, ix: int, iy: int) -> tuple[Crater, ...]:
        """The craters whose centres lie in one square; kept, because neighbouring tiles ask for the same."""
        key = (octave, ix, iy)
        found = self._squares.get(key)
        if found is None:
            if len(self._squares) >= _MAX_SQUARES:
                del self._squares[next(iter(self._squares))]
            found = self._squares[key] = tuple(self._draw(octave, ix, iy))
        return found

    def _draw(self, octave: int, ix: int, iy: int) -> Iterator[Crater]:
        """Throw the dice of one square."""
        dice = CellDice(self._seed, _KIND + (octave << 8), ix, iy)
        smallest_m = self._octaves[octave]
        side = _SQUARE * smallest_m
        for _ in range(dice.count(*self._counts)):
            x_m, y_m = (ix + dice.uniform()) * side, (iy + dice.uniform()) * side
            diameter_m = smallest_m / math.sqrt(1.0 - 0.75 * dice.uniform())
            ratio = self._depth_ratio * (1.0 + _SPREAD * (2.0 * dice.uniform() - 1.0))
            if diameter_m <= self._max_m:
                yield x_m, y_m, 0.5 * diameter_m, _FLOOR_SHARE * ratio * diameter_m


def _touches(crater: Crater, x0: float, y0: float, x1: float, y1: float) -> bool:
    x_m, y_m, radius_m, _ = crater
    dx, dy = max(x0 - x_m, 0.0, x_m - x1), max(y0 - y_m, 0.0, y_m - y1)
    return dx * dx + dy * dy < 2.0 * radius_m * radius_m
