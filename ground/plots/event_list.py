"""The list of marked events in the overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ground.panels import colours
from ground.panels.marks import Mark
from ground.panels.text import clock_text
from ground.plots.time_axes import say_no_data

_TEXT_LENGTH: Final = 41
_ROWS: Final = 16


def draw_event_list(axis: Any, marks: Sequence[Mark], total: int) -> None:
    """Write one line an event: number, time, name, what it says."""
    axis.set_axis_off()
    shown = sum(mark.count for mark in marks)
    more = "" if shown >= total else f", the {shown} weightiest of {total}"
    axis.set_title(f"Events (numbers as on the map and over the state of charge{more})", pad=4)
    if not marks:
        say_no_data(axis)
        return
    for row, mark in enumerate(marks[:_ROWS]):
        _line(axis, 0.97 - row / _ROWS, mark)


def _line(axis: Any, height: float, mark: Mark) -> None:
    colour = colours.SEVERITY[mark.severity]
    box = {"boxstyle": "round,pad=0.2", "facecolor": colour, "edgecolor": "none"}
    place = {"transform": axis.transAxes, "va": "center"}
    axis.text(0.018, height, str(mark.number), ha="center", fontsize=7, color="white", bbox=box, **place)
    axis.text(0.045, height, clock_text(mark.time_s), fontsize=7.5, family="monospace", **place)
    axis.text(0.195, height, mark.severity.name, fontsize=7, color=colour, fontweight="bold", **place)
    name = mark.name if mark.count == 1 else f"{mark.name} ×{mark.count}"
    axis.text(0.28, height, name, fontsize=7.5, fontweight="bold", **place)
    text = mark.text if len(mark.text) <= _TEXT_LENGTH else mark.text[: _TEXT_LENGTH - 1] + "…"
    axis.text(0.625, height, text, fontsize=7, color="#333333", **place)
