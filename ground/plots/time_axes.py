"""Time panels of the overview: lines with limits, the bar of modes, the windows of the links."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from ground.panels import colours
from ground.panels.lines import Line, Panel, Span
from ground.panels.marks import Mark, numbers_text

_LEAST_LABEL_SHARE: Final = 0.011
_NUMBER_SHARE: Final = 0.033
"""Numbers of marks nearer to each other than this share of the axis would cover each other."""


def draw_panel(axis: Any, panel: Panel, size_s: float) -> None:
    """Draw lines and limits, legend outside of the data where there is room; says so when nothing is known."""
    title = f"{panel.title} [{panel.unit}]" if panel.unit else panel.title
    axis.set_title(title, pad=3)
    axis.grid(True, color=colours.GRID, linewidth=0.6)
    if not panel.has_data:
        say_no_data(axis)
        return
    believed = [line for line in panel.lines if not line.truth]
    for band in panel.bands:
        times = [time_s / size_s for time_s in band.times_s]
        axis.fill_between(times, band.low, band.high, color=colours.BAND, alpha=0.6, linewidth=1.4, label=band.label)
    _lines(axis, believed, size_s, colours.CYCLE, {"linewidth": 1.4})
    truth = [line for line in panel.lines if line.truth]
    _lines(axis, truth, size_s, colours.TRUTH_CYCLE, {"linewidth": 0.9, "linestyle": (0, (4, 2))})
    _limits(axis, panel)
    _legend(axis)


def draw_modes(axis: Any, modes: Sequence[Span], end_s: float, size_s: float) -> None:
    """Draw the bar of modes; stretches wide enough carry their name, the legend has the others."""
    axis.set_title("Mode", pad=3)
    axis.set_yticks([])
    axis.set_ylim(0.0, 1.0)
    if not modes:
        say_no_data(axis)
        return
    unlabelled: dict[str, None] = {}
    for span in modes:
        width_s = span.end_s - span.start_s
        axis.axvspan(span.start_s / size_s, span.end_s / size_s, color=colours.mode_colour(span.name), linewidth=0)
        if width_s / end_s > _LEAST_LABEL_SHARE * len(span.name):
            ink = "white" if span.name in colours.DARK_MODES else "black"
            middle = (span.start_s + width_s / 2.0) / size_s
            axis.text(middle, 0.47, span.name, ha="center", va="center", fontsize=7.5, color=ink, clip_on=True)
        else:
            unlabelled[span.name] = None
    _mode_legend(axis, list(unlabelled))


def draw_links(axis: Any, links: Sequence[tuple[str, Sequence[Span]]], size_s: float) -> None:
    """Draw one row a radio: when it was locked, and when its way was open."""
    axis.set_title("Links", pad=3)
    axis.set_ylim(len(links) or 1, 0)
    axis.set_yticks([row + 0.5 for row in range(len(links))], [name for name, _ in links], fontsize=7.5)
    axis.tick_params(axis="y", length=0)
    if not any(spans for _, spans in links):
        axis.set_yticks([])
        say_no_data(axis)
        return
    for row, (name, spans) in enumerate(links):
        bars = [(span.start_s / size_s, (span.end_s - span.start_s) / size_s) for span in spans]
        colour = colours.LINK_TRUTH if name.endswith("truth") else colours.LINK
        axis.broken_barh(bars, (row + 0.15, 0.7), facecolors=colour)


def finish_time_axes(axes: Sequence[Any], marks: Sequence[Mark], end: float, size_s: float, label: str) -> None:
    """Give all axes one time scale, lines at the marked events, and numbers over the first."""
    axes[0].set_xlim(0.0, end)
    for axis in axes:
        axis.tick_params(axis="x", labelbottom=axis is axes[-1], labelsize=8)
        axis.tick_params(axis="y", labelsize=8)
        for mark in marks:
            colour = colours.SEVERITY[mark.severity]
            axis.axvline(mark.time_s / size_s, color=colour, linewidth=0.7, alpha=0.55, zorder=0.5)
    axes[-1].set_xlabel(label)
    _numbers(axes[1], marks, end, size_s)


def say_no_data(axis: Any) -> None:
    """Say in the middle of an empty panel that there is nothing to show."""
    axis.text(0.5, 0.5, "no data", transform=axis.transAxes, ha="center", va="center", color=colours.QUIET)
    axis.set_yticks([])


def _lines(axis: Any, lines: Sequence[Line], size_s: float, cycle: Sequence[str], style: dict[str, Any]) -> None:
    for index, line in enumerate(lines):
        times = [time_s / size_s for time_s in line.times_s]
        lone = "." if sum(not math.isnan(value) for value in line.values) < 3 else None
        axis.plot(times, line.values, color=cycle[index % len(cycle)], label=line.label, marker=lone, **style)


def _limits(axis: Any, panel: Panel) -> None:
    """A limit far off is left out: it would squeeze the data into a corner."""
    low, high = panel.span()
    axis.set_ylim(low, high)
    named: set[str] = set()
    for limit in panel.limits:
        if low <= limit.value <= high:
            label = None if limit.label in named else limit.label
            axis.axhline(limit.value, color=colours.LIMIT, linewidth=0.9, linestyle=":", label=label)
            named.add(limit.label)


def _legend(axis: Any) -> None:
    handles, labels = axis.get_legend_handles_labels()
    columns = min(len(labels), 5 if len(labels) <= 5 else -(-len(labels) // 2))
    axis.legend(
        handles,
        labels,
        loc="lower right",
        bbox_to_anchor=(1.0, 0.995),
        ncols=columns,
        fontsize=6.8,
        frameon=False,
        handlelength=1.4,
        columnspacing=1.0,
        borderpad=0.0,
        borderaxespad=0.1,
        labelspacing=0.15,
    )


def _mode_legend(axis: Any, names: Sequence[str]) -> None:
    if not names:
        return
    from matplotlib.patches import Patch

    patches = [Patch(color=colours.mode_colour(name), label=name) for name in names]
    axis.legend(
        handles=patches,
        loc="lower right",
        bbox_to_anchor=(1.0, 0.98),
        ncols=len(names),
        fontsize=6.8,
        frameon=False,
        handlelength=1.0,
        columnspacing=0.9,
        borderpad=0.0,
        borderaxespad=0.1,
    )


def _numbers(axis: Any, marks: Sequence[Mark], end: float, size_s: float) -> None:
    """Numbers of the marks along the foot of a panel, those too near to each other together."""
    groups: list[list[Mark]] = []
    for mark in marks:
        if not groups or (mark.time_s - groups[-1][0].time_s) / size_s >= _NUMBER_SHARE * end:
            groups.append([])
        groups[-1].append(mark)
    for group in groups:
        worst = max(mark.severity for mark in group)
        axis.text(
            group[0].time_s / size_s,
            0.02,
            numbers_text([mark.number for mark in group]),
            transform=axis.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=6.5,
            color="white",
            bbox={"boxstyle": "round,pad=0.18", "facecolor": colours.SEVERITY[worst], "edgecolor": "none"},
        )
