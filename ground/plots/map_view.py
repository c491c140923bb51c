"""The map of the overview: shaded ground, tracks, waypoints, marked events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.colors import LightSource

from ground.panels import colours
from ground.panels.marks import Mark, numbers_text
from ground.panels.track import Track
from ground.plots.time_axes import say_no_data
from ground.run_data import MapGrid, RunData

_LEAST_HALF_WIDTH_M: Final = 3.0
_MARGIN: Final = 0.18
_LIFTS: Final = (-20, 14, -38, 32)
"""Heights of the labels over their places, points: neighbours do not cover each other."""
_HALO: Final = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.7}

Box = tuple[float, float, float, float]


def draw_map(axis: Any, run: RunData, tracks: Sequence[Track], marks: Sequence[Mark]) -> None:
    """Draw the map around all that was driven and aimed at."""
    axis.set_title("Map, site frame: x east, y north, lander at the origin [m]", pad=4)
    known = map_box(tracks, run)
    if known is None:
        say_no_data(axis)
        axis.set_xticks([])
        return
    box = _fill(known, _shape(axis))
    axis.set_facecolor("#D8D5CF")
    if run.grid is not None:
        _ground(axis, run.grid, box)
    _tracks(axis, tracks)
    _places(axis, run, box)
    _marks(axis, tracks, marks, box)
    axis.set_xlim(box[0], box[2])
    axis.set_ylim(box[1], box[3])
    axis.set_aspect("equal", adjustable="box")
    axis.grid(True, color="white", linewidth=0.4, alpha=0.35)
    axis.tick_params(labelsize=8)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="upper right", fontsize=7.5, framealpha=0.85)


def map_box(tracks: Sequence[Track], run: RunData) -> Box | None:
    """Return west, south, east, north edge of what is worth showing; None if nothing is known."""
    x_m = [value for track in tracks for value in track.x_m] + [point.x_m for point in run.waypoints]
    y_m = [value for track in tracks for value in track.y_m] + [point.y_m for point in run.waypoints]
    if not x_m:
        return None if run.grid is None else _grid_box(run.grid)
    middle_x, middle_y = (min(x_m) + max(x_m)) / 2.0, (min(y_m) + max(y_m)) / 2.0
    half_x = max(_LEAST_HALF_WIDTH_M, (max(x_m) - min(x_m)) * (0.5 + _MARGIN))
    half_y = max(_LEAST_HALF_WIDTH_M, (max(y_m) - min(y_m)) * (0.5 + _MARGIN))
    return middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y


def _shape(axis: Any) -> float:
    """Height of the panel for a width of one."""
    place, paper = axis.get_position(), axis.figure
    return float(place.height * paper.get_figheight() / (place.width * paper.get_figwidth()))


def _fill(box: Box, shape: float) -> Box:
    """Widen a box to the shape of the panel, so that a thin drive gets ground on its sides and not blank paper."""
    west, south, east, north = box
    width = max(east - west, (north - south) / shape)
    more_x, more_y = (width - (east - west)) / 2.0, (width * shape - (north - south)) / 2.0
    return west - more_x, south - more_y, east + more_x, north + more_y


def _grid_box(grid: MapGrid) -> Box:
    width, height = len(grid.heights_m[0]) - 1, len(grid.heights_m) - 1
    return grid.x0_m, grid.y0_m, grid.x0_m + width * grid.step_m, grid.y0_m + height * grid.step_m


def _ground(axis: Any, grid: MapGrid, box: Box) -> None:
    heights = np.asarray(grid.heights_m, dtype=float)
    if min(heights.shape) < 2:
        return
    west, south, east, north = _grid_box(grid)
    half = grid.step_m / 2.0
    extent = (west - half, east + half, south - half, north + half)
    # Exaggerated so that gentle ground shows its craters: the steepest of it decides.
    steep = float(np.percentile(np.hypot(*np.gradient(heights, grid.step_m)), 98.0)) or 1.0
    shade = LightSource(azdeg=315.0, altdeg=35.0).hillshade(
        heights, vert_exag=min(30.0, 0.9 / max(steep, 1e-3)), dx=grid.step_m, dy=-grid.step_m
    )
    axis.imshow(
        shade, cmap="gray", extent=extent, origin="lower", vmin=-0.15, vmax=1.25, interpolation="bilinear", zorder=0
    )
    _contours(axis, grid, heights, box)


def _contours(axis: Any, grid: MapGrid, heights: Any, box: Box) -> None:
    x_m = grid.x0_m + grid.step_m * np.arange(heights.shape[1])
    y_m = grid.y0_m + grid.step_m * np.arange(heights.shape[0])
    seen = heights[np.ix_((y_m >= box[1]) & (y_m <= box[3]), (x_m >= box[0]) & (x_m <= box[2]))]
    if not seen.size or float(seen.max() - seen.min()) < 0.02:
        return
    lines = axis.contour(x_m, y_m, heights, levels=_levels(seen), colors="#5B4636", linewidths=0.6, alpha=0.7, zorder=1)
    axis.clabel(lines, fontsize=6.5, fmt="%g m", inline_spacing=3)


def _levels(seen: Any) -> Any:
    """Contours at round heights, some eight of them over what is seen."""
    low, high = float(seen.min()), float(seen.max())
    step = 10.0 ** np.floor(np.log10((high - low) / 6.0))
    for factor in (1.0, 2.0, 5.0, 10.0):
        if (high - low) / (step * factor) <= 10.0:
            step *= factor
            break
    return np.round(np.arange(np.ceil(low / step) * step, high + step / 2.0, step), 6) + 0.0  # no "-0 m"


def _tracks(axis: Any, tracks: Sequence[Track]) -> None:
    for track in sorted(tracks, key=lambda item: not item.truth):
        if track.truth:
            axis.plot(track.x_m, track.y_m, color=colours.TRUE_TRACK, linewidth=3.2, label=track.label, zorder=3)
        else:
            axis.plot(track.x_m, track.y_m, color=colours.BELIEVED_TRACK, linewidth=1.4, label=track.label, zorder=4)
    if tracks:
        last = tracks[-1]
        axis.plot(last.x_m[0], last.y_m[0], "o", color="white", markeredgecolor="black", label="start", zorder=5)
        axis.plot(last.x_m[-1], last.y_m[-1], "s", color="black", markeredgecolor="white", label="end", zorder=5)


def _places(axis: Any, run: RunData, box: Box) -> None:
    label: str | None = "waypoint"
    for number, point in enumerate(run.waypoints, start=1):
        axis.plot(
            point.x_m, point.y_m, "*", color="#F0E442", markeredgecolor="black", markersize=12, label=label, zorder=6
        )
        text = point.label or f"W{number}"
        axis.annotate(
            text, (point.x_m, point.y_m), (6, -10), textcoords="offset points", fontsize=7.5, bbox=_HALO, zorder=6
        )
        label = None
    if box[0] <= 0.0 <= box[2] and box[1] <= 0.0 <= box[3]:
        axis.plot(0.0, 0.0, "P", color="white", markeredgecolor="black", markersize=10, label="lander", zorder=4.5)


def _marks(axis: Any, tracks: Sequence[Track], marks: Sequence[Mark], box: Box) -> None:
    """One label a place: events nearer to each other than the label is wide share it."""
    if not tracks:
        return
    near = 0.03 * max(box[2] - box[0], box[3] - box[1])
    groups: list[tuple[tuple[float, float], list[Mark]]] = []
    for mark in marks:
        place = tracks[-1].place_at(mark.time_s)
        if place is None:
            continue
        for at, group in groups:
            if abs(at[0] - place[0]) < near and abs(at[1] - place[1]) < near:
                group.append(mark)
                break
        else:
            groups.append((place, [mark]))
    for index, (at, group) in enumerate(groups):
        _mark_label(axis, at, group, _LIFTS[index % len(_LIFTS)], to_left=at[0] > 0.25 * box[0] + 0.75 * box[2])


def _mark_label(axis: Any, at: tuple[float, float], group: Sequence[Mark], lift: float, *, to_left: bool) -> None:
    worst = max(mark.severity for mark in group)
    axis.annotate(
        numbers_text([mark.number for mark in group]),
        at,
        (-12 if to_left else 12, lift),
        textcoords="offset points",
        ha="right" if to_left else "left",
        fontsize=7,
        color="white",
        zorder=7,
        bbox={"boxstyle": "round,pad=0.2", "facecolor": colours.SEVERITY[worst], "edgecolor": "white"},
        arrowprops={"arrowstyle": "-", "color": "black", "linewidth": 0.7},
    )
