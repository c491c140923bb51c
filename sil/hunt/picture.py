"""The picture of a find: faults, commands, modes, wheels, and the margin of the property that broke."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hal.api.clock import NS_PER_S
from sil.faults.registry import fault_of
from sil.hunt.examine import CRASH, Examined, examine
from sil.hunt.search import Find
from sil.properties.catalogue import PROPERTIES
from sil.properties.judging import Judgement
from sil.properties.record import Run

BAD: Final = "#C00000"
FAULT: Final = "#E07B39"
COMMAND: Final = "#1F5FA8"
MODES: Final = ("#DCE6F2", "#E8F1DC", "#F8EBD8", "#EADCF2", "#DCF2F0", "#F2DCE2")
TEXT: Final[dict[Any, Any]] = {"text.parse_math": False, "font.size": 9.0, "axes.titlelocation": "left"}


def draw(find: Find, path: Path) -> None:
    """Fly it once more and draw what happened."""
    properties = () if find.broken == CRASH else (PROPERTIES[find.broken],)
    examined = examine(find.scenario, properties)
    with rc_context(TEXT):
        figure = Figure(figsize=(12.0, 7.6), dpi=110)
        FigureCanvasAgg(figure)
        figure.suptitle(
            f"{find.broken}: {find.text}"[:150], x=0.02, ha="left", fontsize=12, fontweight="bold", color=BAD
        )
        if examined.run is not None and find.broken in examined.judgements:
            _panels(figure, find, examined, examined.run)
        figure.savefig(path, metadata={"Software": None})


def _panels(figure: Figure, find: Find, examined: Examined, run: Run) -> None:
    rows = (max(1.0, 0.32 * len(run.broken)), max(1.0, 0.32 * len(find.scenario.command)), 0.45, 1.3, 1.6)
    axes = figure.subplots(5, 1, sharex=True, gridspec_kw={"height_ratios": rows, "hspace": 0.32})
    figure.subplots_adjust(left=0.2, right=0.985, top=0.91, bottom=0.07)
    judgement = examined.judgements[find.broken]
    _faults(axes[0], run)
    _commands(axes[1], find)
    _modes(axes[2], run)
    _wheels(axes[3], run)
    _margin(axes[4], judgement)
    broken_s = next((t_ns / NS_PER_S for t_ns, margin in judgement.trace if margin < 0.0), judgement.t_s)
    for axis in axes:
        axis.axvline(broken_s, color=BAD, linewidth=1.2, linestyle="--")
        axis.set_xlim(0.0, run.end_ns / NS_PER_S)
    axes[-1].set_xlabel("seconds after the start")


def _faults(axis: Any, run: Run) -> None:
    axis.set_title("faults")
    names = sorted(run.broken)
    for row, pair in enumerate(names):
        lasting = fault_of(pair).lasting
        for start_ns, stop_ns in run.spans(pair):
            width_s = max(0.15, (stop_ns - start_ns) / NS_PER_S if lasting else 0.0)
            axis.barh(row, width_s, left=start_ns / NS_PER_S, height=0.6, color=FAULT)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)


def _commands(axis: Any, find: Find) -> None:
    axis.set_title("telecommands and hostile bytes")
    items = [(item.at_s, item.name) for item in find.scenario.command]
    items += [(item.at_s, "bytes") for item in find.scenario.uplink]
    for row, (t_s, _) in enumerate(items):
        axis.plot([t_s], [row], marker="v", color=COMMAND, markersize=7)
    axis.set_yticks(range(len(items)), [name for _, name in items])
    axis.set_ylim(len(items) - 0.4, -0.6)


def _modes(axis: Any, run: Run) -> None:
    axis.set_title("mode")
    axis.set_yticks([])
    looks = groupby(run.looks, key=lambda look: "OFF" if look.mode is None else look.mode.name)
    for number, (name, group) in enumerate(looks):
        times = [look.t_ns / NS_PER_S for look in group]
        axis.axvspan(times[0], times[-1], color=MODES[number % len(MODES)])
        axis.text(times[0] + 0.2, 0.5, name, va="center", fontsize=8, clip_on=True)


def _wheels(axis: Any, run: Run) -> None:
    axis.set_title("fastest wheel, rad/s: told, and true")
    times = [look.t_ns / NS_PER_S for look in run.looks]
    axis.plot(times, [max(map(abs, look.commanded)) for look in run.looks], color=COMMAND, label="told")
    axis.plot(times, [max(map(abs, look.turning)) for look in run.looks], color="#555555", linewidth=1.0, label="true")
    axis.legend(loc="upper right", fontsize=7)


def _margin(axis: Any, judgement: Judgement) -> None:
    axis.set_title("margin of the property: 1 nothing near, below 0 broken")
    times = [t_ns / NS_PER_S for t_ns, _ in judgement.trace]
    axis.plot(
        times,
        [max(-1.5, margin) for _, margin in judgement.trace],
        color="#222222",
        marker=".",
        markersize=3,
        linewidth=0.8,
    )
    axis.axhspan(-1.5, 0.0, color=BAD, alpha=0.1)
    axis.set_ylim(-1.5, 1.1)
