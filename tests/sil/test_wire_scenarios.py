"""Every shipped scenario at wire depth: the verdict that it has at device depth, and nearly the same way driven."""

from __future__ import annotations

from typing import Final

import pytest

from sil.loader import shipped_scenarios
from tests.sil.scenarios.flown import failures, fly

SOONER_LOST: Final = {"lost_link": 0.6}
"""Metres more: a modem has no carrier detector, so a lost link is noticed up to 15 s later, at 0.04 m/s."""
OPERATED: Final = ("live",)
"""Flown by hand: nothing is expected of them."""


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in shipped_scenarios() if name not in OPERATED])
def test_a_shipped_scenario_ends_alike_at_both_depths(name: str) -> None:
    """Every expectation of the file holds, no cycle is late, and the way agrees to 2 %."""
    _, device = fly(name, depth="device")
    mission, wire = fly(name, depth="wire")
    assert failures(device) == failures(wire) == []
    assert wire.final_mode == device.final_mode
    assert wire.boots == device.boots
    assert mission.overruns == 0
    more_m = SOONER_LOST.get(name, 0.0)
    assert device.distance_m * 0.98 - 0.01 <= wire.distance_m <= device.distance_m * 1.02 + 0.01 + more_m
