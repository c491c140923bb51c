"""Hypothesis strategies for worlds, missions and faults: bounded, composable, for a team's own tests too.

from hypothesis import given, settings
from sil.strategies import missions

@settings(deadline=None, max_examples=60)  # a mission takes longer than Hypothesis allows by default
@given(missions(duration_s=60.0))
def test_my_promise(scenario): ...
"""

from __future__ import annotations

from sil.strategies.commands import arguments, command_steps, motions
from sil.strategies.cuts import changes, cuts
from sil.strategies.faults import faults, link_gaps
from sil.strategies.hostile import hostile_uplinks
from sil.strategies.missions import missions
from sil.strategies.starts import starts, worlds

__all__ = [
    "arguments", "changes", "command_steps", "cuts", "faults", "hostile_uplinks", "link_gaps", "missions", "motions",
    "starts", "worlds",
]  # fmt: skip
