"""A quantity given by a few points, straight lines between them, level beyond the ends."""

from __future__ import annotations

from bisect import bisect_right


class Curve:
    """Piecewise linear `y(x)`; both tuples rising in `x`, at least two points."""

    __slots__ = ("_x", "_y")

    def __init__(self, x: tuple[float, ...], y: tuple[float, ...]) -> None:
        self._x = x
        self._y = y

    def at(self, x: float) -> float:
        """The value at `x`."""
        xs, ys = self._x, self._y
        if x <= xs[0]:
            return ys[0]
        if x >= xs[-1]:
            return ys[-1]
        right = bisect_right(xs, x)
        share = (x - xs[right - 1]) / (xs[right] - xs[right - 1])
        return ys[right - 1] + share * (ys[right] - ys[right - 1])
