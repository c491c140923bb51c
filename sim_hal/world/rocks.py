"""Where rocks lie and how large they are.

Area fraction of rocks of at least diameter D is k exp(-q D) (Golombek & Rapp 1997), height 0.235 D + 0.004 m; the
numbers of a world come from its file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from sim_hal.world.cell_dice import CellDice
from sim_hal.world.world_file import RockSection

SQUARE_M: Final = 2.0
_MAX_SQUARES: Final = 16_384
_KIND: Final = 0x20
_STEPS: Final = 128

Rock = tuple[float, float, float, float]
"""Centre x and y, radius, height; m."""


def rock_height_m(diameter_m: float) -> float:
    """Height of a rock above the ground."""
    return 0.235 * diameter_m + 0.004


def number_density(section: RockSection, diameter_m: float) -> float:
    """Rocks per m2 and per m of diameter: the slope of the area fraction over the area of one rock."""
    k, q = section.coverage, section.decay_per_m
    return k * q * math.exp(-q * diameter_m) / (0.25 * math.pi * diameter_m * diameter_m)


class RockField:
    """Every rock of a world, made when asked for."""

    __slots__ = ("_mean", "_none", "_reach_m", "_seed", "_sizes", "_squares")

    def __init__(self, section: RockSection, seed: int) -> None:
        self._seed = seed
        self._squares: dict[tuple[int, int], tuple[Rock, ...]] = {}
        self._reach_m = 0.5 * section.max_diameter_m
        ratio = section.max_diameter_m / section.min_diameter_m
        diameters: list[float] = [section.min_diameter_m * ratio ** (step / _STEPS) for step in range(_STEPS + 1)]
        rising = [0.0]
        for low, high in pairwise(diameters):
            middle = number_density(section, math.sqrt(low * high))
            rising.append(rising[-1] + middle * (high - low))
        self._mean = rising[-1] * SQUARE_M * SQUARE_M
        self._none = math.exp(-self._mean)
        total = rising[-1] or 1.0
        self._sizes = tuple((share / total, diameter) for share, diameter in zip(rising, diameters, strict=True))

    def reaching(self, x0: float, y0: float, x1: float, y1: float) -> Iterator[Rock]:
        """Rocks of which any part may touch the rectangle."""
        reach = self._reach_m
        for iy in range(math.floor((y0 - reach) / SQUARE_M), math.floor((y1 + reach) / SQUARE_M) + 1):
            for ix in range(math.floor((x0 - reach) / SQUARE_M), math.floor((x1 + reach) / SQUARE_M) + 1):
                for rock in self._square(ix, iy):
                    x_m, y_m, radius_m, _ = rock
                    dx, dy = max(x0 - x_m, 0.0, x_m - x1), max(y0 - y_m, 0.0, y_m - y1)
                    if dx * dx + dy * dy < radius_m * radius_m:
                        yield rock

    def _square(self, ix: int, iy: int) -> tuple[Rock, ...]:
        """The rocks whose centres lie in one square; kept, because neighbouring tiles ask for the same."""
        found = self._squares.get((ix, iy))
        if found is None:
            if len(self._squares) >= _MAX_SQUARES:
                del self._squares[next(iter(self._squares))]
            found = self._squares[ix, iy] = tuple(self._draw(ix, iy))
        return found

    def _draw(self, ix: int, iy: int) -> Iterator[Rock]:
        """Throw the dice of one square."""
        dice = CellDice(self._seed, _KIND, ix, iy)
        for _ in range(dice.count(self._none, self._mean)):
            x_m, y_m = (ix + dice.uniform()) * SQUARE_M, (iy + dice.uniform()) * SQUARE_M
            diameter_m = self._size(dice.uniform())
            yield x_m, y_m, 0.5 * diameter_m, rock_height_m(diameter_m)

    def _size(self, share: float) -> float:
        """Diameter below which `share` of all rocks lie."""
        low, high = 0, _STEPS
        while high - low > 1:
            middle = (low + high) // 2
            if self._sizes[middle][0] <= share:
                low = middle
            else:
                high = middle
        (below, small), (above, large) = self._sizes[low], self._sizes[high]
        return small + (large - small) * (share - below) / (above - below)
