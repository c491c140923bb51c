"""Whole missions: a start, what ground does, what an enemy does, what breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from sil.faults.checks import fault_problems
from sil.scenario import Depth, Scenario
from sil.strategies.commands import Step
from sil.strategies.faults import USUAL_ROVER, Pair, link_gaps
from sil.strategies.hostile import hostile_uplinks
from sil.strategies.plots import Bounds, plots
from sil.strategies.starts import MODES, WORLDS, worlds

QUIET_END_S: Final = 27.0
"""Nothing new happens in the last seconds: there ground calls, and the rover must answer."""


@st.composite
def missions(
    draw: st.DrawFn,
    duration_s: float = 60.0,
    depth: Depth = "device",
    rover: str = USUAL_ROVER,
    among: Sequence[Pair] = (),
    modes: Sequence[str] = MODES,
    most_faults: int = 3,
    ground: st.SearchStrategy[Step] | None = None,
) -> Scenario:
    """A mission of `duration_s`.

    Args:
        among: the only faults to choose from; none given: all that exist at `depth` and on `rover`.
        modes: where it may begin.
        ground: what the ground sends, all of it; None: anything.
    """
    last_s = max(2.0, duration_s - QUIET_END_S)
    bounds = Bounds(last_s, depth, rover, modes, among, most_faults)
    plot = draw(plots(bounds, ground))
    chosen: dict[str, Any] = {
        "name": "hunted",
        "world": draw(worlds(WORLDS)),
        "rover": rover,
        "depth": depth,
        "seed": draw(st.integers(1, 1000)),
        "duration_s": duration_s,
        "start": plot.start,
        "command": tuple(sorted(plot.commands, key=lambda command: command.at_s)),
        "fault": tuple(plot.faults),
        "uplink": tuple(draw(st.lists(hostile_uplinks(last_s), max_size=2))) if draw(_seldom) else (),
        "link_gap": draw(link_gaps(last_s)) if draw(_seldom) else (),
    }
    return _settled(Scenario(**chosen))


_seldom: Final = st.integers(0, 3).map(lambda number: number == 3)


def _settled(scenario: Scenario) -> Scenario:
    """The mission itself; every one of these must be a legal scenario."""
    problems = list(fault_problems(scenario))
    assert not problems, problems
    return scenario
