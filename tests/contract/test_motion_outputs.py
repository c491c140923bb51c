"""Contracts of `WheelDrives` and `Steering`: six wheels and four corners that stop by themselves."""

from __future__ import annotations

import pytest

from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError, NotReady
from tests.contract.rigs import SimBench, sim_bench

SPEEDS = (0.3, 0.3, 0.3, 0.3, 0.3, 0.3)
TURNED = (0.3, -0.3, 0.2, -0.2)


@pytest.fixture
def bench() -> SimBench:
    bench = sim_bench()
    bench.power("motors")
    return bench


def test_wheels_turn_while_held_and_stop_after(bench: SimBench) -> None:
    """Encoders run forward at the commanded speed, and stand a little after the hold ends."""
    rig, wheels = bench.rig(bench.hal), bench.hal.wheels
    start = wheels.read().angle_rad
    wheels.command(SPEEDS, NS_PER_S)
    rig.pass_s(0.9)
    reading = wheels.read()
    assert reading.time_ns == bench.hal.clock.now_ns()
    assert reading.speed_rad_s == pytest.approx(SPEEDS, abs=0.01)
    assert all(amps is not None and amps > 0.01 for amps in reading.current_a)
    rig.pass_s(3.0)
    stopped = wheels.read()
    assert stopped.speed_rad_s == (0.0,) * 6
    turned = [
        after - before for after, before in zip(stopped.angle_rad, start, strict=True) if after and before is not None
    ]
    assert turned == pytest.approx([0.3] * 6, abs=0.05)
    rig.pass_s(1.0)
    assert wheels.read().angle_rad == stopped.angle_rad


def test_wheels_made_safe_stop_at_once(bench: SimBench) -> None:
    """Within half a second nothing turns any more."""
    rig, wheels = bench.rig(bench.hal), bench.hal.wheels
    wheels.command(SPEEDS, NS_PER_S)
    rig.pass_s(0.5)
    wheels.make_safe()
    rig.pass_s(1.0)
    assert wheels.read().speed_rad_s == (0.0,) * 6


def test_backwards_is_negative(bench: SimBench) -> None:
    """Signs of speed and angle follow the command."""
    rig, wheels = bench.rig(bench.hal), bench.hal.wheels
    wheels.command(tuple(-speed for speed in SPEEDS), NS_PER_S)
    rig.pass_s(0.8)
    reading = wheels.read()
    assert all(speed is not None and speed < -0.2 for speed in reading.speed_rad_s)
    assert all(angle is not None and angle < -0.1 for angle in reading.angle_rad)


def test_corners_reach_their_angles_and_keep_them(bench: SimBench) -> None:
    """Refreshed they go all the way; then they hold without being asked."""
    rig, steering = bench.rig(bench.hal), bench.hal.steering
    for _ in range(30):
        steering.command(TURNED, 2 * NS_PER_S)
        rig.pass_s(0.1)
    assert steering.read().angle_rad == pytest.approx(TURNED, abs=0.01)
    rig.pass_s(20.0)
    assert steering.read().angle_rad == pytest.approx(TURNED, abs=0.01)


def test_corners_not_refreshed_stop_on_the_way(bench: SimBench) -> None:
    """A hold of 0.3 s is too short for 0.3 rad."""
    rig, steering = bench.rig(bench.hal), bench.hal.steering
    steering.command(TURNED, NS_PER_S * 3 // 10)
    rig.pass_s(10.0)
    reached = steering.read().angle_rad
    assert 0.02 < reached[0] < 0.2  # type: ignore[operator]  # the simulation answers for every corner


def test_without_power_nothing_answers_and_nothing_turns() -> None:
    """Drivers without power are not ready; losing it stops the wheels."""
    bench = sim_bench()
    for call in (bench.hal.wheels.read, bench.hal.steering.read, lambda: bench.hal.wheels.command(SPEEDS, NS_PER_S)):
        with pytest.raises(NotReady):
            call()
    bench.power("motors")
    bench.hal.wheels.command(SPEEDS, NS_PER_S)
    bench.rig(bench.hal).pass_s(0.5)
    bench.hal.loads.make_safe()
    bench.rig(bench.hal).pass_s(0.5)
    assert bench.simulation.truth.value("wheels_turning") == 0.0


def test_a_wrong_number_of_values_is_a_device_error(bench: SimBench) -> None:
    """Five wheels are refused, and nothing moves."""
    with pytest.raises(DeviceError):
        bench.hal.wheels.command((0.1,) * 5, NS_PER_S)
    with pytest.raises(DeviceError):
        bench.hal.steering.command((0.1,) * 5, NS_PER_S)
    bench.rig(bench.hal).pass_s(1.0)
    assert bench.hal.wheels.read().speed_rad_s == (0.0,) * 6


def test_wheels_drive_the_rover_but_not_on_its_lander() -> None:
    """Released it rolls by the wheels' travel; held down it stays."""
    free, held = sim_bench(), sim_bench(released=False)
    for bench in (free, held):
        bench.power("motors")
        for _ in range(10):
            bench.hal.wheels.command(SPEEDS, NS_PER_S)
            bench.rig(bench.hal).pass_s(1.0)
    assert free.simulation.truth.value("distance_m") == pytest.approx(0.3 * 0.09 * 10, rel=0.05)
    assert held.simulation.truth.value("distance_m") == 0.0
