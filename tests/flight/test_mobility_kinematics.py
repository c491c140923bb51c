"""Kinematics of six wheels and four corners, as properties."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, strategies as st

from flight.mobility.kinematics import CORNER_OF_WHEEL, Kinematics
from tests.flight.mobility_bench import shipped_config

CONFIG = shipped_config()
KINEMATICS = Kinematics(CONFIG)
POSITIONS = tuple((x, y) for x in (0.3, 0.0, -0.3) for y in (0.275, -0.275))

speeds = st.floats(-0.03, 0.03)
rates = st.floats(-0.09, 0.09)
"""Together below the fastest wheel speed, so that nothing is scaled down."""
masks = st.sets(st.integers(0, 5), max_size=2)


@given(speeds, rates, masks)
def test_forward_undoes_inverse(speed: float, rate: float, masked: set[int]) -> None:
    """Whatever twist the corners can steer comes back from the wheels, also with up to two wheels masked."""
    speed, rate = KINEMATICS.feasible(speed, rate)
    corners, wheels = KINEMATICS.inverse(speed, rate)

    seen = [None if wheel in masked else value for wheel, value in enumerate(wheels)]
    motion = KINEMATICS.forward(seen, corners)

    assert motion == pytest.approx((speed, 0.0, rate), abs=1e-12)


@given(speeds, rates)
def test_every_wheel_rolls_along_itself(speed: float, rate: float) -> None:
    """The velocity of the body at each wheel lies along that wheel: nothing scrapes."""
    speed, rate = KINEMATICS.feasible(speed, rate)
    corners, wheels = KINEMATICS.inverse(speed, rate)

    for wheel, (x, y) in enumerate(POSITIONS):
        corner = CORNER_OF_WHEEL[wheel]
        angle = 0.0 if corner is None else corners[corner]
        along, across = speed - rate * y, rate * x
        if corner is not None:
            assert -math.sin(angle) * along + math.cos(angle) * across == pytest.approx(0.0, abs=1e-12)
        assert wheels[wheel] * 0.09 == pytest.approx(math.cos(angle) * along + math.sin(angle) * across, abs=1e-12)


@given(speeds, rates)
def test_feasible_twists_are_within_reach_of_the_corners(speed: float, rate: float) -> None:
    """No corner is asked beyond its reach, and no twist is turned around."""
    feasible = KINEMATICS.feasible(speed, rate)

    corners, _ = KINEMATICS.inverse(*feasible)

    assert max(map(abs, corners)) <= CONFIG.max_steering_rad + 1e-9
    assert feasible[0] * speed >= 0.0
    assert feasible[1] * rate >= 0.0
    assert abs(feasible[0]) <= abs(speed)
    assert abs(feasible[1]) <= abs(rate)


@given(st.floats(-1.0, 1.0), st.floats(-3.0, 3.0))
def test_no_wheel_is_faster_than_allowed(speed: float, rate: float) -> None:
    """Speeds are scaled down together, so that the path stays the same."""
    corners, wheels = KINEMATICS.inverse(speed, rate)

    assert max(map(abs, wheels)) <= CONFIG.max_wheel_rad_s * (1 + 1e-12)
    motion = KINEMATICS.forward(wheels, corners)
    assert motion is not None
    assert motion[0] * rate == pytest.approx(motion[2] * speed, abs=1e-9)


@given(st.lists(st.floats(-1.0, 1.0), min_size=6, max_size=6), st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4))
def test_forward_is_the_least_squares_fit(rolled: list[float], corners: list[float]) -> None:
    """No neighbouring rigid motion fits the wheels better."""
    motion = KINEMATICS.forward(rolled, corners)
    assert motion is not None

    def misfit(vx: float, vy: float, turn: float) -> float:
        total = 0.0
        for wheel, (x, y) in enumerate(POSITIONS):
            corner = CORNER_OF_WHEEL[wheel]
            angle = 0.0 if corner is None else corners[corner]
            path = rolled[wheel] * 0.09
            total += (path * math.cos(angle) - vx + turn * y) ** 2 + (path * math.sin(angle) - vy - turn * x) ** 2
        return total

    best = misfit(*motion)
    for axis in range(3):
        for step in (-1e-3, 1e-3):
            near = list(motion)
            near[axis] += step
            assert misfit(*near) >= best - 1e-12


@given(masks)
def test_one_wheel_is_no_motion(masked: set[int]) -> None:
    """Fewer than two wheels say nothing about a turn."""
    assume(masked)
    seen: list[float | None] = [None] * 6
    seen[min(masked)] = 1.0

    assert KINEMATICS.forward(seen, (0.0,) * 4) is None
