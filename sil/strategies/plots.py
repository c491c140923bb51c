"""What a mission is about: a drive that goes wrong, a change that a reset cuts short, a short charge, or anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from hypothesis import strategies as st

from sil.scenario import Depth, FaultSection, StartSection
from sil.strategies.commands import DRIVES, Step, command_steps, motions
from sil.strategies.cuts import changes, cuts
from sil.strategies.faults import Pair, faults
from sil.strategies.starts import ABLE, SHORT, starts

MOBILE: Final = ("IDLE", "DRIVE", "SERVICE", "EGRESS")
READY: Final = ("IDLE", "DRIVE")
"""From these modes a drive can begin at once."""
MOVERS: Final = (
    "wheels", "drive_unit", "steering", "ground", "chassis", "imu", "ground_motion", "bus", "roboclaw", "chip",
)  # fmt: skip
"""Devices that a drive stands and falls with: half of the missions that drive break some of these."""
EVERYDAY: Final = (
    "system.stop", "mobility.stop", "system.set_mode", "mobility.arc", "mobility.drive", "mobility.mask_wheel",
    "mobility.test_wheel",
    "system.set_parameter", "power.set_load", "timeline.insert", "thermal.warm_motors", "system.restart",
)  # fmt: skip
EATERS: Final = ("power.set_load", "power.set_load", "instruments.acquire", "thermal.warm_motors", "mobility.arc")
"""Telecommands that cost charge."""
SOURCES: Final = ("battery", "array", "power_monitor", "loads", "heaters", "power_controller")
"""Devices that a short charge stands and falls with."""
DRIVE_S: Final = 15.0
"""Faults of a drive begin within this time of its command."""


class Bounds(NamedTuple):
    """Within which a mission is drawn."""

    last_s: float
    depth: Depth
    rover: str
    modes: Sequence[str]
    among: Sequence[Pair]
    most_faults: int


class Plot(NamedTuple):
    """Where it begins, what ground does, what breaks."""

    start: StartSection
    commands: Step
    faults: list[FaultSection]


def plots(bounds: Bounds, ground: st.SearchStrategy[Step] | None) -> st.SearchStrategy[Plot]:
    """Any of them, each as often; only `anything` where ground's commands are given."""
    if ground is not None:
        return anything(bounds, ground)
    ready = [mode for mode in bounds.modes if mode in READY]
    drives = [drive(bounds._replace(modes=ready))] if ready else []
    cut = [cut_short(bounds)] if bounds.most_faults and not bounds.among else []
    return st.one_of([anything(bounds), *drives, short_charge(bounds), *cut])


@st.composite
def drive(draw: st.DrawFn, bounds: Bounds) -> Plot:
    """A rover that can move is told to, and something breaks while it does."""
    start = draw(starts(bounds.modes, ABLE, ("motors",)))
    motion = draw(motions(bounds.last_s, start.mode))
    begun_s = min(bounds.last_s, motion[-1].at_s)
    broken = faults(
        min(bounds.last_s, begun_s + DRIVE_S), bounds.depth, bounds.among, draw(_owners), begun_s, bounds.rover
    )
    return Plot(start, motion + draw(_steps(bounds, 0, 2)), draw(_some(broken, bounds.most_faults)))


@st.composite
def cut_short(draw: st.DrawFn, bounds: Bounds) -> Plot:
    """Ground changes what is to be kept, and the computer dies about when it is written."""
    commands = draw(changes(bounds.last_s))
    cut = draw(cuts(commands, bounds.last_s))
    more = draw(_some(faults(bounds.last_s, bounds.depth, rover=bounds.rover), bounds.most_faults - 1))
    return Plot(draw(starts(bounds.modes)), commands, [cut, *(fault for fault in more if pair(fault) != pair(cut))])


@st.composite
def short_charge(draw: st.DrawFn, bounds: Bounds) -> Plot:
    """The charge is short, and something is switched on all the same."""
    start = draw(starts(bounds.modes, SHORT))
    eaters = draw(st.lists(command_steps(bounds.last_s, EATERS), min_size=1, max_size=3))
    commands = tuple(command for step in eaters for command in step)
    owners = draw(st.sampled_from([(), SOURCES]))
    broken = faults(bounds.last_s, bounds.depth, bounds.among, owners, rover=bounds.rover)
    return Plot(start, commands, draw(_some(broken, bounds.most_faults)))


@st.composite
def anything(draw: st.DrawFn, bounds: Bounds, ground: st.SearchStrategy[Step] | None = None) -> Plot:
    """Able or not, a motion is tried where there may be one; then more of all kinds."""
    start = draw(starts(bounds.modes))
    if ground is not None:
        commands = draw(ground)
    elif start.mode in MOBILE and draw(_mostly):
        commands = draw(motions(bounds.last_s, start.mode)) + draw(_steps(bounds, 0, 4))
    else:
        commands = draw(_steps(bounds, 1, 4))
    owners = draw(_owners) if any(item.name in DRIVES for item in commands) else ()
    broken = faults(bounds.last_s, bounds.depth, bounds.among, owners, rover=bounds.rover)
    return Plot(start, commands, draw(_some(broken, bounds.most_faults)))


@st.composite
def _steps(draw: st.DrawFn, bounds: Bounds, least: int, most: int) -> Step:
    """Commands of all kinds, the everyday ones more often."""
    few = st.one_of(command_steps(bounds.last_s, EVERYDAY), command_steps(bounds.last_s))
    return tuple(command for step in draw(st.lists(few, min_size=least, max_size=most)) for command in step)


@st.composite
def _some(draw: st.DrawFn, strategy: st.SearchStrategy[FaultSection], most: int) -> list[FaultSection]:
    """One at least, as a rule, and each pair once."""
    least = min(most, int(draw(_mostly)))
    return draw(st.lists(strategy, min_size=least, max_size=most, unique_by=pair))


def pair(fault: FaultSection) -> Pair:
    """Device and kind."""
    return fault.device, fault.kind


_mostly: Final = st.integers(0, 4).map(lambda number: number > 0)
_owners: Final = st.sampled_from([(), MOVERS])
