"""Ground changes what is to be kept, and the computer dies about when that is written."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from sil.scenario import FaultSection
from sil.strategies.commands import Step, command_steps, commands
from sil.strategies.faults import Pair

CUTS: Final[tuple[Pair, ...]] = tuple(
    ("computer", kind) for kind in ("power_cut", "cut_in_write", "reset", "power_dip")
)
KEPT: Final = tuple(name for name, command in commands().items() if command.kept)
"""Telecommands whose change is in the state image once they are completed."""
AFTER_S: Final = (0.11, 0.21, 0.01, 0.51, 1.51)
"""From the sending: flight acts in the cycle after it, and what it writes there is not durable for 0.02 s."""


@st.composite
def changes(draw: st.DrawFn, last_s: float) -> Step:
    """Two or three telecommands that change what is kept, armed where they must be."""
    steps = draw(st.lists(command_steps(last_s, KEPT), min_size=2, max_size=3))
    return tuple(command for step in steps for command in step)


@st.composite
def cuts(draw: st.DrawFn, sent: Step, last_s: float) -> FaultSection:
    """The computer loses its power, or is reset, shortly after one of the commands has been sent."""
    device, kind = draw(st.sampled_from(CUTS))
    command, after_s = draw(st.sampled_from(list(sent))), draw(st.sampled_from(AFTER_S))
    return FaultSection(at_s=min(last_s, round(command.at_s + after_s, 2)), device=device, kind=kind)
