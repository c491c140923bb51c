"""``overview.png``: one page that says what the rover did: map, time panels, modes, links, events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ground.panels.collect import RunPanels, collect
from ground.panels.marks import Mark, choose_marks
from ground.panels.summary import headline, verdict
from ground.panels.text import time_unit
from ground.plots.event_list import ROWS, draw_event_list
from ground.plots.map_view import draw_map
from ground.plots.time_axes import draw_links, draw_modes, draw_panel, finish_time_axes
from ground.run_data import RunData

WIDTH_IN, HEIGHT_IN, DOTS_PER_IN = 16.0, 12.0, 120
_ROWS: Final = (0.42, 1.0, 1.15, 1.5, 0.95, 1.15, 0.6)
_VERDICT_COLOURS: Final = {"PASSED": "#2E7D32", "FAILED": "#C00000"}
# A dollar sign in a name from outside would start TeX mode.
_TEXT: Final[dict[Any, Any]] = {
    "text.parse_math": False,
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
}


def overview(run: RunData, path: Path) -> None:
    """Draw the overview of a run as a PNG."""
    draw_overview(run, collect(run), path)


def draw_overview(run: RunData, panels: RunPanels, path: Path) -> None:
    """Draw panels that were collected before."""
    with rc_context(_TEXT):
        figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DOTS_PER_IN)
        FigureCanvasAgg(figure)
        marks = choose_marks(panels.events, ROWS)
        _header(figure, run, panels)
        columns = figure.add_gridspec(
            1, 2, width_ratios=(0.85, 1.0), left=0.05, right=0.985, top=0.912, bottom=0.05, wspace=0.13
        )
        rows = columns[0, 0].subgridspec(2, 1, height_ratios=(1.4, 1.0), hspace=0.12)
        draw_map(figure.add_subplot(rows[0]), run, panels.tracks, marks)
        draw_event_list(figure.add_subplot(rows[1]), marks, len(panels.events))
        _time_column(figure, columns[0, 1], run, panels, marks)
        figure.savefig(path, dpi=DOTS_PER_IN, metadata={"Software": None})


def _header(figure: Figure, run: RunData, panels: RunPanels) -> None:
    title, details = headline(run, panels.modes)
    figure.text(0.012, 0.974, title, fontsize=17, fontweight="bold", va="center")
    figure.text(0.012, 0.947, details, fontsize=10, color="#444444", va="center")
    word = verdict(run)
    if word:
        box = {"boxstyle": "round,pad=0.45", "facecolor": _VERDICT_COLOURS.get(word, "#666666"), "edgecolor": "none"}
        figure.text(0.98, 0.968, word, fontsize=14, fontweight="bold", color="white", ha="right", va="center", bbox=box)


def _time_column(figure: Figure, cell: Any, run: RunData, panels: RunPanels, marks: Sequence[Mark]) -> None:
    unit, size_s = time_unit(panels.end_s)
    rows = cell.subgridspec(len(_ROWS), 1, height_ratios=_ROWS, hspace=0.34)
    axes = [figure.add_subplot(rows[0])]
    axes += [figure.add_subplot(rows[index], sharex=axes[0]) for index in range(1, len(_ROWS))]
    draw_modes(axes[0], panels.modes, panels.end_s, size_s)
    for axis, panel in zip(axes[1:-1], panels.time_panels(), strict=True):
        draw_panel(axis, panel, size_s)
    draw_links(axes[-1], panels.links, size_s)
    since = f" since {run.start_utc}" if run.start_utc else " since the start of the run"
    finish_time_axes(axes, marks, panels.end_s / size_s, size_s, f"{unit}{since}")
