"""Whole missions by the clock on the wall, as `rahi sil` runs them."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, Timer, spread
from sil.loader import load_scenario, shipped_scenarios
from sil.run import run


def mission_figures(runs: int, full: bool, timer: Timer) -> list[Figure]:
    """The first mission with archive; with `full` the longest shipped one, once."""
    figures = _flown("first_drive", runs, timer)
    if full and "lunar_day" in shipped_scenarios():
        figures += _flown("lunar_day", 1, timer)
    return figures


def _flown(name: str, runs: int, timer: Timer) -> list[Figure]:
    scenario = load_scenario(name)
    times, speeds, verdict = [], [], ""
    for _ in range(runs):
        with TemporaryDirectory() as folder:
            began_ns = timer()
            result = run(scenario, out=Path(folder) / "run", pictures=False)
            times.append((timer() - began_ns) / 1e9)
        speeds.append(scenario.duration_s / times[-1])
        verdict = "passed" if result.passed else "FAILED"
    sim_h = scenario.duration_s / 3600.0
    return [
        Figure(
            f"{name}, {sim_h:.3g} h simulated, with archive", median(times), "s", note=f"{verdict}; {spread(times)}"
        ),
        Figure(f"{name}, speed with setting up and archive", median(speeds), "x real time", note=spread(speeds)),
    ]
