"""A mission ends at its end, whatever the computer does just then."""

from __future__ import annotations

import pytest

from sil.loader import decode_scenario
from sil.mission import Mission

TEXT = """
name = "ending"
world = "flat"
duration_s = 20.0

[start]
time_utc = 2029-09-24T00:00:00Z
pose.x_m = 10.0

[[fault]]
at_s = 15.0
device = "computer"
kind = "reset"
args.off_s = {off_s}
"""


@pytest.mark.parametrize("off_s", [4.9, 5.0, 5.1])
def test_a_boot_at_the_end_does_not_go_on(off_s: float) -> None:
    """Just before it, upon it, and just after it; found by the hunt as a mission of 47 hours."""
    mission = Mission(decode_scenario(TEXT.format(off_s=off_s), "ending"))

    def watch(now_ns: int) -> None:
        assert now_ns <= mission.end_ns

    mission.run(watch)
    assert mission.elapsed_s == 20.0
