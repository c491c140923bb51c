"""The chassis' two ways to a least-squares twist."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.chassis import Chassis
from sim_hal.world.vehicle_file import load_vehicle

CHASSIS = Chassis(load_vehicle("south_pole").body)
angles = st.tuples(*[st.floats(-1.4, 1.4)] * 4)


@given(angles)
def test_the_short_way_is_the_long_way_with_nothing_dragged(steer_rad: tuple[float, ...]) -> None:
    """The closed form equals the general solution, whatever the corners do."""
    short, long = CHASSIS._solve_rolling(steer_rad), CHASSIS._solve(steer_rad, 0)
    for row, expected in zip(short, long, strict=True):
        assert row == pytest.approx(expected, abs=1e-12)
