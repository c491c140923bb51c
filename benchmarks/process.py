"""What a fresh process costs: memory and time to the first cycle.  Each figure is measured in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from statistics import median
from time import perf_counter_ns

import msgspec

from benchmarks.figures import Figure, Timer, spread

DESKTOP = ("matplotlib", "numpy", "plotly", "construct", "click", "rich", "sqlite3", "ground", "sil", "tkinter")
_TAIL = """
import json, sys
pages = int(open("/proc/self/statm").read().split()[1])
found = [name for name in {desktop!r} if name in sys.modules]
print(json.dumps({{"mb": pages * 4096 / 1e6, "desktop": found}}))
"""


class Run(msgspec.Struct, kw_only=True):
    """What one fresh process came to."""

    mb: float
    desktop: list[str]
    s: float = 0.0


BARE = ""
FLIGHT = """
import flight.__main__
from flight.rover_file import load_rover
load_rover("south_pole")
"""
SIMULATED = """
from importlib.metadata import entry_points
from flight.app import build_flight
from flight.rover_file import load_rover
rover = load_rover("south_pole")
from hal.api.process import JUST_FLY
from sim_hal.board import build
flight = build_flight(build(rover, None, JUST_FLY), rover)
for _ in range({cycles}):
    flight.cycle()
"""


def process_figures(runs: int, timer: Timer) -> list[Figure]:
    """Resident memory and start-up, medians over fresh interpreters."""
    runs = max(3, runs)
    if timer is not perf_counter_ns:
        timer = _children_ns
    bare = [_measure(BARE, timer) for _ in range(runs)]
    flight = [_measure(FLIGHT, timer) for _ in range(runs)]
    first = [_measure(SIMULATED.format(cycles=1), timer) for _ in range(runs)]
    hour = _measure(SIMULATED.format(cycles=36_000), timer)
    desktop = sorted({name for run in (*flight, *first) for name in run.desktop})
    return [
        _figure("interpreter alone, resident", bare, "mb", "MB"),
        _figure("flight process, resident", flight, "mb", "MB", 45.0, 30.0),
        _figure("flight and simulated board, first cycle", first, "mb", "MB"),
        Figure("flight and simulated board, after an hour", hour.mb, "MB", note="36,000 cycles, truth recorded"),
        Figure("desktop libraries in it", len(desktop), "", 0, 0, note=", ".join(desktop) or "none"),
        _figure("interpreter alone, start", bare, "s", "s"),
        _figure("start to flight imported, rover file read", flight, "s", "s"),
        _figure("start to first cycle, simulated board", first, "s", "s", 0.6, 0.25),
    ]


def _children_ns() -> int:
    """Processor time of all processes started here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((used.ru_utime + used.ru_stime) * 1e9)


def _measure(code: str, timer: Timer) -> Run:
    began_ns = timer()
    done = subprocess.run(
        [sys.executable, "-c", code + _TAIL.format(desktop=DESKTOP)], check=True, capture_output=True, text=True
    )
    took_s = (timer() - began_ns) / 1e9
    return msgspec.structs.replace(msgspec.json.decode(done.stdout, type=Run), s=took_s)


def _figure(
    what: str,
    runs: list[Run],
    key: str,
    unit: str,
    hold: float | None = None,
    aim: float | None = None,
) -> Figure:
    samples = [float(getattr(run, key)) for run in runs]
    return Figure(what, median(samples), unit, hold, aim, note=spread(samples))
