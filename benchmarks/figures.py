"""A measured figure, the number it should hold, and the table that is printed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Timer = Callable[[], int]
"""Nanoseconds: `perf_counter_ns`, or `process_time_ns` on a machine that has other work to do."""


@dataclass(frozen=True)
class Figure:
    """One line of the table; `hold` and `aim` are empty where the design sets no number."""

    what: str
    value: float
    unit: str
    hold: float | None = None
    aim: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """ "aim", "hold" or "MISSED", empty where nothing was promised."""
        if self.hold is None:
            return ""
        for bound, word in ((self.aim, "aim"), (self.hold, "hold")):
            if bound is not None and (self.value >= bound if self.more_is_better else self.value <= bound):
                return word
        return "MISSED"


def number(value: float | None) -> str:
    """Three significant digits, thousands apart."""
    if value is None:
        return "-"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spread(samples: Sequence[float]) -> str:
    """Least and greatest of the runs behind a median."""
    return f"{number(min(samples))} to {number(max(samples))} in {len(samples)} runs"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table that also reads well on a terminal."""
    rows = [("what", "hold", "aim", "measured", "", "note")]
    for figure in figures:
        measured = f"{number(figure.value)} {figure.unit}".strip()
        rows.append((figure.what, number(figure.hold), number(figure.aim), measured, figure.verdict, figure.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """What the numbers were measured on, and how busy it was with other things."""
    load = os.getloadavg()[0]
    model = _cpu_model()
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {sys.version.split()[0]}, load average at the start {load:.2f}"
    )


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
