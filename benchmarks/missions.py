"""Whole missions by the clock on the wall, as `rahi sil` runs them."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.figures import Figure, spread
from sil.loader import load_scenario, shipped_scenarios
from sil.run import run


def mission_figures(runs: int, full: bool) -> list[Figure]:
    """The first mission with archive; with `full` the longest shipped one, once."""
    figures = _flown("first_drive", runs)
    if full and "lunar_day" in shipped_scenarios():
        figures += _flown("lunar_day", 1)
    return figures


def _flown(name: str, runs: int) -> list[Figure]:
    scenario = load_scenario(name)
    walls, speeds, verdict = [], [], ""
    for _ in range(runs):
        with TemporaryDirectory() as folder:
            began_s = perf_counter()
            result = run(scenario, out=Path(folder) / "run", pictures=False)
            walls.append(perf_counter() - began_s)
        speeds.append(result.speed_factor)
        verdict = "passed" if result.passed else "FAILED"
    sim_h = scenario.duration_s / 3600.0
    return [
        Figure(f"{name}, {sim_h:.3g} h simulated, wall time", median(walls), "s", note=f"{verdict}; {spread(walls)}"),
        Figure(f"{name}, speed of the run loop", median(speeds), "x real time", note=spread(speeds)),
    ]
