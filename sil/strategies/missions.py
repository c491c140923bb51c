"""Whole missions: a start, what ground does, what an enemy does, what breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st

from sil.faults.checks import fault_problems
from sil.scenario import FaultSection, Scenario
from sil.strategies.commands import DRIVES, Step, command_steps, motions
from sil.strategies.faults import Pair, faults, link_gaps
from sil.strategies.hostile import hostile_uplinks
from sil.strategies.starts import MODES, WORLDS, starts, worlds

QUIET_END_S: Final = 27.0
"""Nothing new happens in the last seconds: there ground calls, and the rover must answer."""
MOBILE: Final = ("IDLE", "DRIVE", "SERVICE", "EGRESS")
MOVERS: Final = (
    "wheels", "drive_unit", "steering", "ground", "chassis", "imu", "ground_motion", "bus", "roboclaw", "chip",
)  # fmt: skip
"""Devices that a drive stands and falls with: half of the missions that drive break some of these."""
EVERYDAY: Final = (
    "system.stop", "mobility.stop", "system.set_mode", "mobility.arc", "mobility.drive", "mobility.mask_wheel",
    "mobility.test_wheel",
    "system.set_parameter", "power.set_load", "timeline.insert", "thermal.warm_motors", "system.restart",
)  # fmt: skip


@st.composite
def missions(
    draw: st.DrawFn,
    duration_s: float = 60.0,
    depth: str = "device",
    rover: str = "south_pole",
    among: Sequence[Pair] = (),
    modes: Sequence[str] = MODES,
    most_faults: int = 3,
    ground: st.SearchStrategy[Step] | None = None,
) -> Scenario:
    """A mission of `duration_s`.

    Args:
        among: the only faults to choose from; none given: all that exist at `depth`.
        modes: where it may begin.
        ground: what the ground sends, all of it; None: anything.
    """
    last_s = max(2.0, duration_s - QUIET_END_S)
    start = draw(starts(modes))
    commands = draw(_anything(start.mode, last_s) if ground is None else ground)
    least = min(most_faults, int(draw(_mostly)))
    owners = MOVERS if any(item.name in DRIVES for item in commands) and draw(st.booleans()) else ()
    broken = draw(st.lists(faults(last_s, depth, among, owners), min_size=least, max_size=most_faults, unique_by=_pair))
    chosen: dict[str, Any] = {
        "name": "hunted",
        "world": draw(worlds(WORLDS)),
        "rover": rover,
        "depth": depth,
        "seed": draw(st.integers(1, 1000)),
        "duration_s": duration_s,
        "start": start,
        "command": tuple(sorted(commands, key=lambda command: command.at_s)),
        "fault": tuple(broken),
        "uplink": tuple(draw(st.lists(hostile_uplinks(last_s), max_size=2))) if draw(_seldom) else (),
        "link_gap": tuple(draw(st.lists(link_gaps(last_s), min_size=1, max_size=1))) if draw(_seldom) else (),
    }
    return _settled(Scenario(**chosen))


@st.composite
def _anything(draw: st.DrawFn, mode: str, last_s: float) -> Step:
    """A motion as a rule, where it can be one, and more of all kinds."""
    steps: list[Step] = []
    if mode in MOBILE and draw(_mostly):
        steps.append(draw(motions(last_s, mode)))
    few = st.one_of(command_steps(last_s, EVERYDAY), command_steps(last_s))
    steps += draw(st.lists(few, min_size=int(not steps), max_size=4))
    return tuple(command for step in steps for command in step)


_seldom: Final = st.integers(0, 3).map(lambda number: number == 3)
_mostly: Final = st.integers(0, 4).map(lambda number: number > 0)


def _pair(fault: FaultSection) -> Pair:
    return fault.device, fault.kind


def _settled(scenario: Scenario) -> Scenario:
    """The mission itself; every one of these must be a legal scenario."""
    problems = list(fault_problems(scenario))
    assert not problems, problems
    return scenario
