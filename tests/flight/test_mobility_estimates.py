"""Pose, attitude, gyro bias and slip on their own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from flight.mobility.attitude import Attitude, plausible
from flight.mobility.lasting import Lasting
from flight.mobility.pose import HISTORY, GyroBias, Pose, TravelHistory, wrap
from flight.mobility.slip import EstimatedSlip, MeasuredSlip
from tests.flight.mobility_bench import shipped_config

angles = st.floats(-1.2, 1.2)


@given(angles, angles, st.floats(1.0, 10.0))
def test_attitude_from_gravity(pitch: float, roll: float, gravity: float) -> None:
    """Any gravity gives back the attitude it was made with: nose up and left side up are positive."""
    up = (math.sin(pitch), math.cos(pitch) * math.sin(roll), math.cos(pitch) * math.cos(roll))
    attitude = Attitude(1.0)

    attitude.update((up[0] * gravity, up[1] * gravity, up[2] * gravity), 0.1)

    assert attitude.pitch_rad == pytest.approx(pitch, abs=1e-6)
    assert attitude.roll_rad == pytest.approx(roll, abs=1e-6)
    assert attitude.tilt_rad == pytest.approx(math.acos(math.cos(pitch) * math.cos(roll)), abs=1e-6)


def test_upside_down_is_the_largest_tilt() -> None:
    """A rover on its back is tilted by pi, not level."""
    attitude = Attitude(1.0)

    attitude.update((0.0, 0.0, -1.62), 0.1)

    assert attitude.tilt_rad == pytest.approx(math.pi)


@given(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 3))
def test_implausible_readings_are_refused(accel: tuple[float, float, float]) -> None:
    """Whatever is not some body's gravity is no reading; what is accepted never breaks the filter."""
    if plausible(accel, (0.0, 0.0, 0.0)):
        attitude = Attitude(1.0)
        attitude.update(accel, 0.1)
        assert math.isfinite(attitude.tilt_rad)
    else:
        assert not 0.3 < math.hypot(*accel) < 40.0


@given(st.lists(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)), max_size=60))
def test_pose_forth_and_back_is_where_it_began(steps: list[tuple[float, float]]) -> None:
    """Any path driven backwards leads back to the start."""
    pose = Pose()
    pose.place(3.0, -2.0, 1.0)
    for forward, turn in steps:
        pose.move(forward, 0.0, turn, 1.0)
    for forward, turn in reversed(steps):
        pose.move(-forward, 0.0, -turn, 1.0)

    assert (pose.x_m, pose.y_m, pose.yaw_rad) == pytest.approx((3.0, -2.0, 1.0), abs=1e-9)
    assert pose.odometer_m == pytest.approx(2.0 * sum(abs(forward) for forward, _ in steps))


@given(st.floats(-1000.0, 1000.0))
def test_wrap_keeps_the_direction(angle: float) -> None:
    """The wrapped angle lies within half a turn and points the same way."""
    wrapped = wrap(angle)

    assert -math.pi <= wrapped <= math.pi
    assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-9)
    assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_history_gives_the_travel_of_any_interval(first: int, second: int) -> None:
    """At a constant speed the travel is proportional to time, for any interval still remembered."""
    start, end = sorted((first * 100, second * 100))
    history = TravelHistory()
    count = 240
    for number in range(count + 1):
        history.add(number * 1000, 0.0 if number == 0 else 0.01, 0.0)

    travel = history.between(start, end)

    assert travel is not None
    assert travel[0] == pytest.approx((min(end, 1000 * count) - min(start, 1000 * count)) * 1e-5, abs=1e-9)


def test_history_does_not_invent_what_it_has_forgotten() -> None:
    """An interval that began before the oldest sample has no travel; memory is bounded."""
    history = TravelHistory()
    for number in range(HISTORY + 50):
        history.add(number, 0.01, 0.0)

    assert history.between(10, 60) is None
    assert history.between(100, 110) is not None


@given(st.tuples(*[st.floats(-0.01, 0.01)] * 3))
def test_bias_is_learned_and_a_real_turn_is_not(bias: tuple[float, float, float]) -> None:
    """Constant readings at rest become the bias of each axis; a fast one is no bias."""
    learner = GyroBias()
    for _ in range(100):
        learner.at_rest(bias, 1.0)
    learner.at_rest((0.0, 0.5, 0.0), 1.0)

    assert learner.rad_s == pytest.approx(bias, abs=1e-9)


@given(st.floats(-0.2, 1.0), st.booleans(), st.integers(1, 60))
def test_measured_slip_is_the_slip(slip: float, backwards: bool, fixes: int) -> None:
    """Constant slip comes out as itself, forwards and backwards, once the window is full and not before."""
    measured = MeasuredSlip()
    sign = -1.0 if backwards else 1.0
    for _ in range(fixes):
        measured.add(sign * 0.06, sign * 0.06 * (1.0 - slip), 0.5)

    value = measured.value(0.5)

    if fixes * 0.06 < 0.49:
        assert value is None
    elif fixes * 0.06 >= 0.5:
        assert value == pytest.approx(slip, abs=1e-9)


def test_measured_slip_forgets_what_lies_behind_the_window() -> None:
    """After half a metre of new ground the old one no longer counts."""
    measured = MeasuredSlip()
    for _ in range(20):
        measured.add(0.06, 0.0, 0.5)
    for _ in range(9):
        measured.add(0.06, 0.06, 0.5)

    assert measured.value(0.5) == pytest.approx(0.0, abs=1e-9)


def settled(currents: tuple[float | None, ...], climb: float) -> float:
    """The estimate after a long time at one state."""
    estimate = EstimatedSlip(shipped_config())
    for _ in range(200):
        estimate.update(currents, climb, 0.5)
    return estimate.value


@given(st.floats(0.0, 0.5), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_estimate_grows_with_slope_and_is_a_fraction(current: float, one: float, other: float) -> None:
    """More climb never means less slip, and the estimate stays within 0..1."""
    low, high = sorted((one, other))

    gentle, steep = settled((current,) * 6, low), settled((current,) * 6, high)

    assert 0.0 <= gentle <= steep <= 1.0


def test_estimate_follows_the_drawbar_curve() -> None:
    """At 10 and 15 deg the estimate is the published-curve slip of 9 and 15 percent."""
    assert settled((0.05,) * 6, math.radians(10.0)) == pytest.approx(0.09, abs=0.02)
    assert settled((0.05,) * 6, math.radians(15.0)) == pytest.approx(0.15, abs=0.02)


@given(st.floats(-50.0, 60.0))
def test_estimate_takes_the_current_of_cold_grease_out(motor_c: float) -> None:
    """Motors at their coldest allowed draw three times the current on the flat; that is no slip."""
    grease = 0.04 * math.exp(max(0.0, (-20.0 - motor_c) / 25.0))
    estimate = EstimatedSlip(shipped_config())
    for _ in range(200):
        estimate.update((grease + 0.01,) * 6, 0.0, 0.5, motor_c)

    assert estimate.value < 0.1


def test_estimate_ignores_one_jammed_wheel_and_missing_currents() -> None:
    """One wheel at stall current is no bad soil; no currents leave the pitch."""
    assert settled((0.05, 0.5, 0.05, 0.05, 0.05, 0.05), 0.0) < 0.1
    assert settled((None,) * 6, math.radians(15.0)) == pytest.approx(0.15, abs=0.02)
    assert settled((0.09,) * 6, 0.0) > 0.4


@given(st.lists(st.booleans(), max_size=50))
def test_condition_is_told_once_after_it_has_lasted(samples: list[bool]) -> None:
    """Told exactly at the third bad sample in a row, then not before a good one came between."""
    check = Lasting()
    told = [check.lasted(bad, now, 2) for now, bad in enumerate(samples)]

    run = 0
    for bad, said in zip(samples, told, strict=True):
        run = run + 1 if bad else 0
        assert said is (run == 3)
