"""Where a cycle's time goes: cProfile over the main mission, own time by function."""

from __future__ import annotations

import cProfile
import pstats
from pathlib import Path

from sil.loader import load_scenario
from sil.mission import Mission

ROOT = Path(__file__).resolve().parent.parent


def profile_mission(name: str, lines: int = 30) -> str:
    """A table of the costliest functions; profiling itself makes everything about twice as slow."""
    mission = Mission(load_scenario(name))
    profiler = cProfile.Profile()
    profiler.runcall(mission.run)
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined] # documented, but not in the type stubs
    rows = sorted(stats.items(), key=lambda row: -row[1][2])[:lines]
    cycles = max(1, mission.cycles)
    out = [f"{'own us/cycle':>12}  {'total us/cycle':>14}  {'calls/cycle':>11}  function"]
    for (file, line, function), (_, calls, own_s, total_s, _) in rows:
        place = f"{_short(file)}:{line} {function}" if line else function
        out.append(f"{own_s / cycles * 1e6:12.2f}  {total_s / cycles * 1e6:14.2f}  {calls / cycles:11.2f}  {place}")
    return "\n".join(out)


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
