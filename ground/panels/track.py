"""Where the rover went, thinned by distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from ground.panels.lines import MAX_POINTS
from ground.run_data import TIME_COLUMN

_RESOLUTION: Final = 2_000.0
_FIRST_S: Final = 60.0
"""A place first known up to this long after a time is its place too: nothing drives before it tells where it is."""


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """Points in the site frame with their times; ``truth`` as in a line."""

    label: str
    times_s: Sequence[float]
    x_m: Sequence[float]
    y_m: Sequence[float]
    truth: bool

    def place_at(self, time_s: float) -> tuple[float, float] | None:
        """Return the last known place at a time; before the first one, that one for a minute's sake, else None."""
        near = bool(self.times_s) and self.times_s[0] - time_s <= _FIRST_S
        place = (self.x_m[0], self.y_m[0]) if near else None
        for point_s, x_m, y_m in zip(self.times_s, self.x_m, self.y_m, strict=True):
            if point_s > time_s:
                break
            place = x_m, y_m
        return place


def believed_track(times_s: Sequence[float], x_m: Sequence[float | None], y_m: Sequence[float | None]) -> Track:
    """Return the track that telemetry tells; points without a valid pose are left out."""
    points = [(time_s, x, y) for time_s, x, y in zip(times_s, x_m, y_m, strict=True) if x is not None and y is not None]
    return _track("believed (telemetry)", points, truth=False)


def true_track(truth: Mapping[str, Sequence[float]]) -> Track:
    """Return the track of the simulated world."""
    return _track(
        "true (simulation)", list(zip(truth[TIME_COLUMN], truth["x_m"], truth["y_m"], strict=True)), truth=True
    )


def _track(label: str, points: Sequence[tuple[float, float, float]], *, truth: bool) -> Track:
    kept = _moved(points)
    stride = -(-len(kept) // MAX_POINTS) or 1
    kept = kept[::stride] + (kept[-1:] if kept and (len(kept) - 1) % stride else [])
    return Track(
        label=label,
        times_s=[point[0] for point in kept],
        x_m=[point[1] for point in kept],
        y_m=[point[2] for point in kept],
        truth=truth,
    )


def _moved(points: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Leave out points that lie where the one before lay; always keep the last."""
    if not points:
        return []
    width = max(max(point[axis] for point in points) - min(point[axis] for point in points) for axis in (1, 2))
    least = width / _RESOLUTION
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[1] - kept[-1][1]) > least or abs(point[2] - kept[-1][2]) > least:
            kept.append(point)
    if kept[-1] is not points[-1]:
        kept.append(points[-1])
    return kept
