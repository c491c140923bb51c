"""The list of marked events in the overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ground.panels import colours
from ground.panels.marks import Mark
from ground.panels.text import clock_text
from ground.plots.time_axes import say_no_data

ROWS: Final = 22
_TEXT_LENGTH: Final = 49


def draw_event_list(axis: Any, marks: Sequence[Mark], total: int) -> None:
    """Write one line an event: number, time, name, what it says."""
    axis.set_axis_off()
    axis.set_title(title_text(marks, total), pad=4)
    if not marks:
        say_no_data(axis)
        return
    for row, mark in enumerate(marks):
        _line(axis, 0.975 - row / ROWS, mark)


def title_text(marks: Sequence[Mark], total: int) -> str:
    """Return what the list shows: all events, or how many of them."""
    shown = sum(mark.count for mark in marks)
    what = "Events" if shown >= total else f"Events: the {shown} weightiest of {total}"
    return f"{what} (numbers as on the map and over the state of charge)"


def shortened(text: str, length: int) -> str:
    """Return a text of at most ``length`` characters, cut after a word where it has one."""
    if len(text) <= length:
        return text
    words = text[: length - 1].rpartition(" ")[0].rstrip()
    return (words or text[: length - 2]) + " …"


def _line(axis: Any, height: float, mark: Mark) -> None:
    colour = colours.SEVERITY[mark.severity]
    box = {"boxstyle": "round,pad=0.2", "facecolor": colour, "edgecolor": "none"}
    place = {"transform": axis.transAxes, "va": "center"}
    axis.text(0.018, height, str(mark.number), ha="center", fontsize=7, color="white", bbox=box, **place)
    axis.text(0.04, height, clock_text(mark.time_s), fontsize=7.5, family="monospace", **place)
    axis.text(0.185, height, mark.severity.name, fontsize=7, color=colour, fontweight="bold", **place)
    name = mark.name if mark.count == 1 else f"{mark.name} ×{mark.count}"
    axis.text(0.262, height, name, fontsize=7.2, fontweight="bold", **place)
    axis.text(0.585, height, shortened(mark.text, _TEXT_LENGTH), fontsize=6.5, color="#333333", **place)
