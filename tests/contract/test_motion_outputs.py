"""Contracts of `WheelDrives` and `Steering`: six wheels and four corners that stop by themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import Steering, WheelDrives
from hal.api.errors import DeviceError, NotReady
from hal.api.values import WheelReadings
from tests.contract.rigs import HOLD_NS, Rig, SimBench, fake_clock, refreshed, sim_bench
from tests.fakes.steering import FakeSteering
from tests.fakes.wheels import FakeWheels
from tests.hal.drivers.test_servo_steering import SteeringBench

SPEEDS = (0.3,) * 6
TURNED = (0.3, -0.3, 0.2, -0.2)
STRAIGHT = (0.0,) * 4
KNOWN_S = 16.0
"""Servos tell no angle: after power-up one that may stand anywhere needs so long to be somewhere known."""


def _sim_wheels() -> Rig[WheelDrives]:
    bench = sim_bench()
    return bench.rig(bench.hal.wheels, "motors")


def _wire_wheels() -> Rig[WheelDrives]:
    bench = sim_bench(wire=True)
    return bench.started(bench.hal.wheels, bench.hal.wheels.read, "motors")


def _fake_wheels() -> Rig[WheelDrives]:
    clock = fake_clock()
    wheels = FakeWheels(clock)
    return Rig(wheels, clock, follow=wheels.step)


@pytest.fixture(params=[_sim_wheels, _wire_wheels, _fake_wheels])
def wheels(request: pytest.FixtureRequest) -> Rig[WheelDrives]:
    make: Callable[[], Rig[WheelDrives]] = request.param
    return make()


def _sim_steering() -> Rig[Steering]:
    bench = sim_bench()
    return bench.rig(bench.hal.steering, "motors")


def _wire_steering() -> Rig[Steering]:
    bench = sim_bench(wire=True)
    steering = bench.hal.steering
    rig = bench.started(steering, steering.read, "motors")
    refreshed(rig.clock, KNOWN_S, lambda: steering.command(STRAIGHT, HOLD_NS), steering.read)
    return rig


def _driver_steering() -> Rig[Steering]:
    """On a bench of its own, where no world limits its rate."""
    bench = SteeringBench(rate=0.3)
    bench.start()
    bench.steer(STRAIGHT, 20.0)
    return Rig(bench.steering, bench.plug)


def _fake_steering() -> Rig[Steering]:
    clock = fake_clock()
    steering = FakeSteering(clock)
    return Rig(steering, clock, follow=steering.step)


@pytest.fixture(params=[_sim_steering, _wire_steering, _driver_steering, _fake_steering])
def steering(request: pytest.FixtureRequest) -> Rig[Steering]:
    make: Callable[[], Rig[Steering]] = request.param
    return make()


def _angles(reading: WheelReadings) -> list[float]:
    return [angle for angle in reading.angle_rad if angle is not None]


def _at_rest(rig: Rig[WheelDrives]) -> list[float]:
    """Angles of six wheels that stand."""
    reading = rig.device.read()
    assert reading.speed_rad_s == (0.0,) * 6
    return _angles(reading)


def _turn(rig: Rig[WheelDrives], speeds: tuple[float, ...], times: int) -> int:
    """Command and refresh; returns when the hold ends."""
    until_ns = 0
    for _ in range(times):
        rig.device.command(speeds, HOLD_NS)
        until_ns = rig.clock.now_ns() + HOLD_NS
        rig.pass_s(0.1)
    return until_ns


def test_wheels_turn_while_refreshed_and_stop_when_the_hold_is_over(wheels: Rig[WheelDrives]) -> None:
    """Encoders run forward at the commanded speed, for as long as they were asked to and no longer."""
    start, begin_ns = _at_rest(wheels), wheels.clock.now_ns()
    until_ns = _turn(wheels, SPEEDS, 9)
    reading = wheels.device.read()
    assert reading.time_ns == wheels.clock.now_ns()
    assert reading.speed_rad_s == pytest.approx(SPEEDS, abs=0.01)
    assert all(amps is not None and amps > 0.01 for amps in reading.current_a)
    wheels.pass_s(3.0)
    stopped = _at_rest(wheels)
    expected = [0.3 * (until_ns - begin_ns) / NS_PER_S] * 6
    assert [after - before for after, before in zip(stopped, start, strict=True)] == pytest.approx(expected, abs=0.05)
    wheels.pass_s(1.0)
    assert _at_rest(wheels) == stopped


@pytest.mark.parametrize("hold_s", [0.2, 0.4, 2.0])
def test_one_command_lasts_at_most_its_hold(wheels: Rig[WheelDrives], hold_s: float) -> None:
    """A board may cut a long hold short; none prolongs it, and a short one is kept whole."""
    start = _at_rest(wheels)
    wheels.device.command(SPEEDS, round(hold_s * NS_PER_S))
    wheels.pass_s(hold_s + 2.0)
    turned = [after - before for after, before in zip(_at_rest(wheels), start, strict=True)]
    assert max(turned) <= 0.3 * hold_s + 0.04
    assert min(turned) >= 0.3 * min(hold_s, HOLD_NS / NS_PER_S) - 0.04


def test_wheels_made_safe_stop_at_once(wheels: Rig[WheelDrives]) -> None:
    """Within a second nothing turns any more."""
    wheels.device.command(SPEEDS, NS_PER_S)
    wheels.pass_s(0.2)
    wheels.device.make_safe()
    wheels.pass_s(1.0)
    assert max(_at_rest(wheels)) < 0.15


def test_backwards_is_negative(wheels: Rig[WheelDrives]) -> None:
    """Signs of speed and angle follow the command, wheel by wheel."""
    _turn(wheels, (-0.3, 0.3, -0.2, 0.2, -0.1, 0.1), 8)
    reading = wheels.device.read()
    assert reading.speed_rad_s == pytest.approx((-0.3, 0.3, -0.2, 0.2, -0.1, 0.1), abs=0.01)
    assert [angle is not None and angle < -0.05 for angle in reading.angle_rad] == [True, False] * 3


def test_corners_reach_their_angles_and_keep_them(steering: Rig[Steering]) -> None:
    """Refreshed they go all the way; then they hold without being asked."""
    refreshed(steering.clock, 3.0, lambda: steering.device.command(TURNED, 2 * NS_PER_S), lambda: steering.pass_s(0.05))
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


@pytest.fixture(params=[False, True], ids=["device", "wire"])
def wire(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def _driveable(*, wire: bool, released: bool = True) -> SimBench:
    """Motors on and answering."""
    bench = sim_bench(wire=wire, released=released)
    bench.started(bench.hal.wheels, bench.hal.wheels.read, "motors")
    bench.started(bench.hal.steering, bench.hal.steering.read)
    return bench


def _roll(bench: SimBench, for_s: float) -> None:
    """Wheels forward, refreshed and read as flight does."""
    wheels = bench.hal.wheels
    refreshed(bench.hal.clock, for_s, lambda: wheels.command(SPEEDS, HOLD_NS), wheels.read)


@pytest.fixture
def bench(wire: bool) -> SimBench:
    return _driveable(wire=wire)


def test_without_power_nothing_answers_and_nothing_turns(wire: bool) -> None:
    """Drivers without power are not ready; losing it stops the wheels."""
    bench = sim_bench(wire=wire)
    for call in (bench.hal.wheels.read, bench.hal.steering.read, lambda: bench.hal.wheels.command(SPEEDS, NS_PER_S)):
        with pytest.raises(NotReady):
            call()
    bench.started(bench.hal.wheels, bench.hal.wheels.read, "motors")
    _roll(bench, 0.5)
    assert bench.simulation.truth.value("wheels_turning") == 1.0
    bench.hal.loads.make_safe()
    bench.rig(bench.hal).pass_s(0.5)
    assert bench.simulation.truth.value("wheels_turning") == 0.0
    with pytest.raises(NotReady):
        bench.hal.wheels.read()


def test_encoders_count_from_power_on(bench: SimBench) -> None:
    """After a time without power in which somebody asked, as flight always does, they start again at zero."""
    _roll(bench, 0.7)
    bench.rig(bench.hal, poll=bench.hal.wheels.read).pass_s(2.0)
    assert bench.hal.wheels.read().angle_rad[0] == pytest.approx(0.3, abs=0.05)
    bench.hal.loads.make_safe()
    bench.rig(bench.hal).pass_s(2.0)
    with pytest.raises(NotReady):
        bench.hal.wheels.read()
    bench.started(bench.hal.wheels, bench.hal.wheels.read, "motors")
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
    _roll(bench, 0.8)
    reading = bench.hal.wheels.read()
    assert reading.speed_rad_s[2] == 0.0
    assert reading.current_a[2] == pytest.approx(0.5, abs=0.05)
    assert reading.speed_rad_s[3] == pytest.approx(0.3, abs=0.01)


def test_wheels_drive_the_rover_but_not_on_its_lander(wire: bool) -> None:
    """Released it rolls by the wheels' travel; held down it stays."""
    free, held = _driveable(wire=wire), _driveable(wire=wire, released=False)
    for bench in (free, held):
        _roll(bench, 10.0)
    assert free.simulation.truth.value("distance_m") == pytest.approx(0.3 * 0.09 * 10, rel=0.05)
    assert held.simulation.truth.value("distance_m") == 0.0
