"""Dice that belong to a square of ground: the same seed and square give the same numbers on every machine.

Integer arithmetic only (SplitMix64, Steele et al. 2014), so nothing about the ground has to be stored.
"""

from __future__ import annotations

from typing import Final

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_TO_UNIT: Final = 2.0**-53


def _mixed(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


class CellDice:
    """The numbers of one square, drawn in order."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, kind: int, ix: int, iy: int) -> None:
        state = _mixed((seed * _GOLDEN + kind) & _MASK)
        state = _mixed((state + ix * _GOLDEN) & _MASK)
        self._state = _mixed((state + iy * _GOLDEN + 1) & _MASK)

    def uniform(self) -> float:
        """The next number in [0, 1)."""
        self._state = (self._state + _GOLDEN) & _MASK
        return (_mixed(self._state) >> 11) * _TO_UNIT

    def count(self, none_chance: float, mean: float) -> int:
        """A Poisson count of that mean; `none_chance` is exp(-mean), which the caller keeps."""
        chance, number, drawn = none_chance, 0, self.uniform()
        while drawn >= chance and number < 50:
            drawn -= chance
            number += 1
            chance *= mean / number
        return number
