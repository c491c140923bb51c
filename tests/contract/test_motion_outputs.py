"""Contracts of `WheelDrives` and `Steering`: six wheels and four corners that stop by themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import Steering, WheelDrives
from hal.api.errors import DeviceError, NotReady
from tests.contract.rigs import Rig, SimBench, fake_clock, sim_bench
from tests.fakes.steering import FakeSteering
from tests.fakes.wheels import FakeWheels

SPEEDS = (0.3,) * 6
TURNED = (0.3, -0.3, 0.2, -0.2)


def _sim_wheels() -> Rig[WheelDrives]:
    bench = sim_bench()
    return bench.rig(bench.hal.wheels, "motors")


def _fake_wheels() -> Rig[WheelDrives]:
    clock = fake_clock()
    wheels = FakeWheels(clock)
    return Rig(wheels, clock, follow=wheels.step)


@pytest.fixture(params=[_sim_wheels, _fake_wheels])
def wheels(request: pytest.FixtureRequest) -> Rig[WheelDrives]:
    make: Callable[[], Rig[WheelDrives]] = request.param
    return make()


def _sim_steering() -> Rig[Steering]:
    bench = sim_bench()
    return bench.rig(bench.hal.steering, "motors")


def _fake_steering() -> Rig[Steering]:
    clock = fake_clock()
    steering = FakeSteering(clock)
    return Rig(steering, clock, follow=steering.step)


@pytest.fixture(params=[_sim_steering, _fake_steering])
def steering(request: pytest.FixtureRequest) -> Rig[Steering]:
    make: Callable[[], Rig[Steering]] = request.param
    return make()


def _angles(rig: Rig[WheelDrives]) -> list[float]:
    return [angle for angle in rig.device.read().angle_rad if angle is not None]


def test_wheels_turn_while_held_and_stop_after(wheels: Rig[WheelDrives]) -> None:
    """Encoders run forward at the commanded speed, and stand a little after the hold ends."""
    start = _angles(wheels)
    wheels.device.command(SPEEDS, NS_PER_S)
    wheels.pass_s(0.9)
    reading = wheels.device.read()
    assert reading.time_ns == wheels.clock.now_ns()
    assert reading.speed_rad_s == pytest.approx(SPEEDS, abs=0.01)
    assert all(amps is not None and amps > 0.01 for amps in reading.current_a)
    wheels.pass_s(3.0)
    stopped = _angles(wheels)
    assert wheels.device.read().speed_rad_s == (0.0,) * 6
    assert [after - before for after, before in zip(stopped, start, strict=True)] == pytest.approx([0.3] * 6, abs=0.05)
    wheels.pass_s(1.0)
    assert _angles(wheels) == stopped


def test_wheels_made_safe_stop_at_once(wheels: Rig[WheelDrives]) -> None:
    """Within a second nothing turns any more."""
    wheels.device.command(SPEEDS, NS_PER_S)
    wheels.pass_s(0.2)
    wheels.device.make_safe()
    wheels.pass_s(1.0)
    stopped = _angles(wheels)
    assert wheels.device.read().speed_rad_s == (0.0,) * 6
    assert max(stopped) < 0.15


def test_backwards_is_negative(wheels: Rig[WheelDrives]) -> None:
    """Signs of speed and angle follow the command."""
    wheels.device.command(tuple(-speed for speed in SPEEDS), NS_PER_S)
    wheels.pass_s(0.8)
    assert all(speed is not None and speed < -0.2 for speed in wheels.device.read().speed_rad_s)
    assert max(_angles(wheels)) < -0.1


def test_corners_reach_their_angles_and_keep_them(steering: Rig[Steering]) -> None:
    """Refreshed they go all the way; then they hold without being asked."""
    for _ in range(30):
        steering.device.command(TURNED, 2 * NS_PER_S)
        steering.pass_s(0.1)
    assert steering.device.read().angle_rad == pytest.approx(TURNED, abs=0.01)
    steering.pass_s(20.0)
    assert steering.device.read().angle_rad == pytest.approx(TURNED, abs=0.01)


def test_corners_not_refreshed_stop_on_the_way(steering: Rig[Steering]) -> None:
    """A hold of 0.3 s is too short for 0.3 rad."""
    steering.device.command(TURNED, NS_PER_S * 3 // 10)
    steering.pass_s(10.0)
    reached = steering.device.read().angle_rad[0]
    assert reached is not None
    assert 0.02 < reached < 0.2


def test_corners_made_safe_stay_where_they_are(steering: Rig[Steering]) -> None:
    """Safe is the present angle, not straight ahead."""
    steering.device.command(TURNED, 2 * NS_PER_S)
    steering.pass_s(0.5)
    steering.device.make_safe()
    steering.pass_s(5.0)
    reached = steering.device.read().angle_rad[0]
    assert reached is not None
    assert 0.05 < reached < 0.25


@pytest.fixture
def bench() -> SimBench:
    bench = sim_bench()
    bench.power("motors")
    return bench


def test_without_power_nothing_answers_and_nothing_turns() -> None:
    """Drivers without power are not ready; losing it stops the wheels."""
    bench = sim_bench()
    for call in (bench.hal.wheels.read, bench.hal.steering.read, lambda: bench.hal.wheels.command(SPEEDS, NS_PER_S)):
        with pytest.raises(NotReady):
            call()
    bench.power("motors")
    bench.hal.wheels.command(SPEEDS, NS_PER_S)
    bench.rig(bench.hal).pass_s(0.5)
    assert bench.simulation.truth.value("wheels_turning") == 1.0
    bench.hal.loads.make_safe()
    bench.rig(bench.hal).pass_s(0.5)
    assert bench.simulation.truth.value("wheels_turning") == 0.0


def test_encoders_count_from_power_on(bench: SimBench) -> None:
    """After a second without power they start again at zero."""
    bench.hal.wheels.command(SPEEDS, NS_PER_S)
    bench.rig(bench.hal).pass_s(2.0)
    assert bench.hal.wheels.read().angle_rad[0] == pytest.approx(0.3, abs=0.05)
    bench.hal.loads.make_safe()
    bench.rig(bench.hal).pass_s(2.0)
    bench.power("motors")
    assert bench.hal.wheels.read().angle_rad == (0.0,) * 6


def test_a_wrong_number_of_values_is_a_device_error(bench: SimBench) -> None:
    """Five wheels are refused, and nothing moves."""
    with pytest.raises(DeviceError):
        bench.hal.wheels.command((0.1,) * 5, NS_PER_S)
    with pytest.raises(DeviceError):
        bench.hal.steering.command((0.1,) * 5, NS_PER_S)
    bench.rig(bench.hal).pass_s(1.0)
    assert bench.hal.wheels.read().speed_rad_s == (0.0,) * 6


def test_a_jammed_wheel_draws_its_stall_current_and_stands(bench: SimBench) -> None:
    """The others turn on."""
    bench.simulation.world.drive.jammed[2] = True
    bench.hal.wheels.command(SPEEDS, NS_PER_S)
    bench.rig(bench.hal).pass_s(0.8)
    reading = bench.hal.wheels.read()
    assert reading.speed_rad_s[2] == 0.0
    assert reading.current_a[2] == pytest.approx(0.5, abs=0.05)
    assert reading.speed_rad_s[3] == pytest.approx(0.3, abs=0.01)


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
