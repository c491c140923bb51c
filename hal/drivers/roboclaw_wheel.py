"""One wheel behind a RoboClaw channel: counts to radians, over the wrap of the counter, and what cannot be true."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_S

POSSIBLE_RAD_S: Final = 100.0
"""No wheel of a rover turns sixteen times a second; what says so is no reading."""
POSSIBLE_A: Final = 30.0
"""Twice the largest current limit that can be wired."""
SLACK_COUNTS: Final = 64
"""Counts that a wheel may seem to jump between two readings taken at the same instant."""
_HALF: Final = 1 << 31
_MASK: Final = (1 << 32) - 1

WheelReading = tuple[float, float, float]
"""Angle rad, speed rad/s, current A."""


class Wheel:
    """Signs, scale and the unwrapped count of one wheel."""

    __slots__ = ("_anew", "_counts_per_rad", "_possible_counts_s", "_rad", "_raw", "_raw_ns", "_total")

    def __init__(self, sign: int, counts_per_rad: float) -> None:
        self._counts_per_rad = sign * counts_per_rad
        self._rad = sign / counts_per_rad
        self._possible_counts_s = POSSIBLE_RAD_S * counts_per_rad
        self.forget()

    def forget(self) -> None:
        """The unit's supply is off: counts begin at zero."""
        self._total = 0
        self._raw: int | None = None
        self._raw_ns = 0
        self._anew = False

    def restart(self) -> None:
        """The unit alone began to count anew: the angle goes on from where it was."""
        self._anew = self._raw is not None

    def counts_s(self, speed_rad_s: float) -> int:
        """Speed for the unit, rounded to the nearest, halves away from zero so that both ways are alike."""
        counts = speed_rad_s * self._counts_per_rad
        return int(counts + 0.5) if counts >= 0.0 else -int(0.5 - counts)

    def reading(self, raw: int, counts_s: int, current_a: float, now_ns: int) -> WheelReading | None:
        """What the wheel does; None if any of it is beyond what a wheel can do.

        Current comes back as its size: which sign a unit gives it when turning backwards is not documented.
        """
        possible = self._possible_counts_s
        known = self._advance(raw, now_ns)
        if not known or not -possible <= counts_s <= possible or not -POSSIBLE_A <= current_a <= POSSIBLE_A:
            return None
        return self._total * self._rad + 0.0, counts_s * self._rad + 0.0, abs(current_a)  # no minus zero

    def _advance(self, raw: int, now_ns: int) -> bool:
        """Follow the counter; False if it jumped, in which case the angle stays and goes on from there."""
        before, since_ns = self._raw, now_ns - self._raw_ns
        self._raw, self._raw_ns = raw, now_ns
        if before is None:
            self._total = raw - (_MASK + 1) if raw >= _HALF else raw
            return True
        if self._anew:
            self._anew = False
            return True
        step = ((raw - before + _HALF) & _MASK) - _HALF
        most = self._possible_counts_s * since_ns / NS_PER_S + SLACK_COUNTS
        if not -most <= step <= most:
            return False
        self._total += step
        return True
