"""Repeatable noise, one stream for each device, from plain additions only: no C library function is involved."""

from __future__ import annotations

from random import Random


class Noise:
    """The dice of one device in one seeded run; another device's readings never shift these."""

    __slots__ = ("uniform",)

    def __init__(self, seed: int, device: str) -> None:
        self.uniform = Random(f"{seed}/{device}").random
        """Uniform in [0, 1)."""

    def bell(self, sigma: float) -> float:
        """About normal with standard deviation `sigma`, never beyond 3 sigma (sum of three uniforms)."""
        uniform = self.uniform
        return (uniform() + uniform() + uniform() - 1.5) * 2.0 * sigma

    def poisson(self, mean: float) -> int:
        """A count of about Poisson spread: square root of the mean wide, never negative (exact mean above 10)."""
        if mean <= 0.0:
            return 0
        return max(0, round(mean + self.bell(mean**0.5)))

    def exponential(self) -> float:
        """A waiting time of mean 1, exactly exponential (von Neumann 1951: runs of falling uniforms, no logarithm)."""
        whole = 0
        while True:
            first = last = self.uniform()
            length = 1
            while (following := self.uniform()) < last:
                last = following
                length += 1
            if length % 2 == 1:
                return whole + first
            whole += 1


def quantised(value: float, step: float) -> float:
    """`value` on a converter's grid."""
    return round(value / step) * step
