"""Numbers within a range that are readable when a failure is shrunk: round ones, the ends, and what lies between."""

from __future__ import annotations

import math

from hypothesis import strategies as st

STEPS = 40
"""Of a range, unless it is asked for finer."""


def tenths(low_s: float, high_s: float) -> st.SearchStrategy[float]:
    """Times in tenths of a second, shrinking to the lower end."""
    return st.integers(round(low_s * 10), round(high_s * 10)).map(lambda tick: tick / 10)


def between(low: float, high: float, simplest: float | None = None) -> st.SearchStrategy[float]:
    """`STEPS` even steps from `low` to `high`; shrinks to `simplest` where that is given."""
    if high <= low:
        return st.just(low)
    grid = [_rounded(low + (high - low) * step / STEPS, high - low) for step in range(STEPS + 1)]
    grid[0], grid[-1] = low, high
    if simplest is not None:
        grid.sort(key=lambda value: abs(value - simplest))
    return st.sampled_from(grid)


def _rounded(value: float, width: float) -> float:
    return round(value, max(0, 3 - math.floor(math.log10(width))))
