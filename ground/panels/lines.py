"""Lines over time, their gaps, and thinning that keeps every extreme."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from statistics import median
from typing import Final

import msgspec

MAX_POINTS: Final = 5_000
_GAP_STEPS: Final = 8.0
_LEAST_GAP_S: Final = 60.0


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: times ascending in seconds of the run, values with NaN where there is none.

    ``truth`` tells what the simulated world knew from what telemetry said.
    """

    label: str
    times_s: Sequence[float]
    values: Sequence[float]
    truth: bool = False


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """What several alike values span: times ascending in seconds of the run, NaN where there is none."""

    label: str
    times_s: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A level that a value should not pass."""

    label: str
    value: float


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that share an axis; ``unit`` is empty for shares and counts.

    ``least_span`` is the least height of the axis, so that the noise of a quiet value does not look like an event.
    """

    title: str
    unit: str
    least_span: float
    lines: Sequence[Line] = ()
    bands: Sequence[Band] = ()
    limits: Sequence[Limit] = ()

    @property
    def has_data(self) -> bool:
        """At least one value is known."""
        return any(not math.isnan(value) for value in self._values())

    def span(self) -> tuple[float, float]:
        """Return the ends of the value axis: all data, a margin, and limits that lie near.

        Raises:
            ValueError: there is no data.
        """
        known = [value for value in self._values() if not math.isnan(value)]
        low, high = min(known), max(known)
        reach = max(self.least_span, high - low)
        near = [limit.value for limit in self.limits if low - reach <= limit.value <= high + reach]
        low, high = min([low, *near]), max([high, *near])
        margin = max(0.05 * (high - low), (self.least_span - (high - low)) / 2.0)
        return low - margin, high + margin

    def _values(self) -> Iterator[float]:
        return chain(*(line.values for line in self.lines), *((*band.low, *band.high) for band in self.bands))


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time with a name."""

    start_s: float
    end_s: float
    name: str


def make_line(label: str, times_s: Sequence[float], values: Sequence[float | None], *, truth: bool = False) -> Line:
    """Return a line made ready to be drawn: None becomes NaN, long silence a gap, and at most 5,000 points are kept."""
    numbers = [math.nan if value is None else float(value) for value in values]
    thinned = thin(times_s, numbers)
    times, kept = (thinned[0], thinned[1]) if truth else with_gaps(*thinned)
    return Line(label=label, times_s=times, values=kept, truth=truth)


def make_band(label: str, times_s: Sequence[float], rows: Sequence[Sequence[float | None]]) -> Band:
    """Return the band between the least and the greatest of each row, made ready to be drawn like a line."""
    known = [[value for value in row if value is not None] or [math.nan] for row in rows]
    low, high = [min(row) for row in known], [max(row) for row in known]
    count = len(times_s)
    if count > MAX_POINTS:
        ends = [bucket * count // MAX_POINTS for bucket in range(MAX_POINTS + 1)]
        buckets = list(pairwise(ends))
        low = [_extreme(min, low[start:stop]) for start, stop in buckets]
        high = [_extreme(max, high[start:stop]) for start, stop in buckets]
        times_s = [times_s[start] for start, _ in buckets]
    times, lows = with_gaps(times_s, low)
    return Band(label=label, times_s=times, low=lows, high=with_gaps(times_s, high)[1])


def thin(times_s: Sequence[float], values: Sequence[float], most: int = MAX_POINTS) -> tuple[list[float], list[float]]:
    """Return at most ``most`` points (at least 4): of each bucket the least, the greatest and the first NaN, in order.

    The first and the last point always stay.
    """
    count = len(times_s)
    if count <= most:
        return list(times_s), list(values)
    buckets = max(1, (most - 2) // 3)
    kept = [0]
    for bucket in range(buckets):
        kept.extend(_of_bucket(values, bucket * count // buckets, (bucket + 1) * count // buckets))
    kept.append(count - 1)
    order = list(dict.fromkeys(kept))
    return [times_s[index] for index in order], [values[index] for index in order]


def with_gaps(times_s: Sequence[float], values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return the points with a NaN put into every silence, so that no line is drawn over hours without telemetry."""
    if len(times_s) < 3:
        return list(times_s), list(values)
    longest_s = silence_s(times_s)
    new_times, new_values = [times_s[0]], [values[0]]
    for index in range(1, len(times_s)):
        step_s = times_s[index] - times_s[index - 1]
        if step_s > longest_s:
            new_times.append(times_s[index - 1] + step_s / 2.0)
            new_values.append(math.nan)
        new_times.append(times_s[index])
        new_values.append(values[index])
    return new_times, new_values


def silence_s(times_s: Sequence[float]) -> float:
    """Return the step from which on there is a gap in these times."""
    steps = [later - earlier for earlier, later in pairwise(times_s)]
    return max(_LEAST_GAP_S, _GAP_STEPS * median(steps)) if steps else math.inf


def spans_of(
    times_s: Sequence[float], names: Sequence[str | None], end_s: float, longest_s: float = math.inf
) -> list[Span]:
    """Return stretches of equal names; each lasts until the next one begins, None is nowhere.

    A step of more than ``longest_s`` between two points, or after the last, ends a stretch at the first of them.
    """
    if longest_s < math.inf:
        times_s, names = _with_silence(times_s, names, end_s, longest_s)
    spans: list[Span] = []
    start, current = 0.0, None
    for time_s, name in zip(times_s, names, strict=True):
        if name != current:
            if current is not None:
                spans.append(Span(start_s=start, end_s=time_s, name=current))
            start, current = time_s, name
    if current is not None:
        spans.append(Span(start_s=start, end_s=max(start, end_s), name=current))
    return spans


def _with_silence(
    times_s: Sequence[float], names: Sequence[str | None], end_s: float, longest_s: float
) -> tuple[list[float], list[str | None]]:
    new_times: list[float] = []
    new_names: list[str | None] = []
    for time_s, name in zip(times_s, names, strict=True):
        if new_times and time_s - new_times[-1] > longest_s:
            new_times.append(new_times[-1])
            new_names.append(None)
        new_times.append(time_s)
        new_names.append(name)
    if new_times and end_s - new_times[-1] > longest_s:
        new_times.append(new_times[-1])
        new_names.append(None)
    return new_times, new_names


def _extreme(choose: Callable[[list[float]], float], values: Sequence[float]) -> float:
    return choose([value for value in values if not math.isnan(value)] or [math.nan])


def _of_bucket(values: Sequence[float], start: int, stop: int) -> list[int]:
    numbers = [index for index in range(start, stop) if not math.isnan(values[index])]
    chosen = {min(numbers, key=values.__getitem__), max(numbers, key=values.__getitem__)} if numbers else set()
    missing = next((index for index in range(start, stop) if math.isnan(values[index])), None)
    return sorted(chosen if missing is None else chosen | {missing})
