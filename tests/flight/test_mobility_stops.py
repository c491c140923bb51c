"""Everything else that ends or forbids a motion: link, limits, temperature, power, mode, STOP, the wheel test."""

from __future__ import annotations

import math

import pytest

from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceTimeout
from telemetry_defs.areas import mobility as area, mobility_events as events
from telemetry_defs.areas.mobility_reports import SlipSource, StopReason, Wheel
from telemetry_defs.definitions import FailureCode, Mode
from tests.fakes.wheels import silence
from tests.flight.mobility_bench import RAMP_S, Rover, driving, stops

DEGREE = math.pi / 180.0


def test_drives_that_take_no_commands_stop_the_motion_and_lose_their_power() -> None:
    """Commands that do not arrive: the motion ends, and what cannot be told to stop is switched off."""
    rover, execution = driving()
    rover.wheels.command_error = rover.wheels.safe_error = silence()

    stops(rover, execution, StopReason.OUTPUT, events.OUTPUT_FAILED, 1.0)

    assert not rover.loads.is_on("motors")


@pytest.mark.parametrize("stale", [False, True], ids=["no lock", "no word of comms"])
def test_lost_link_stops_the_motion(stale: bool) -> None:
    """Five seconds without a carrier on either radio, or without knowing, end the drive."""
    rover, execution = driving()
    rover.linked = False
    if stale:
        rover.parameters.set(area.LINK_TIME, 2.0)

    stops(rover, execution, StopReason.LINK, events.LINK_LOST, (3.2 if stale else 6.2) + RAMP_S)

    assert execution.failure is FailureCode.ABORTED


def test_time_limit() -> None:
    """The timeout of the command ends it."""
    rover = Rover()

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=5.0, speed_m_s=0.03, timeout_s=20.0)

    stops(rover, execution, StopReason.TIME_LIMIT, events.MOTION_LIMIT, 20.2 + RAMP_S)
    assert execution.failure is FailureCode.TIMEOUT


def test_distance_limit() -> None:
    """No motion rolls further than the parameter allows."""
    rover = Rover()
    rover.parameters.set(area.MOTION_DISTANCE, 2.0)

    execution = rover.send(area.DRIVE_TO, x_m=4.0, y_m=0.0, speed_m_s=0.05, timeout_s=500.0)

    stops(rover, execution, StopReason.DISTANCE_LIMIT, events.MOTION_LIMIT, 60.0)
    assert rover.travelled_m == pytest.approx(2.0, abs=0.06)


@pytest.mark.parametrize(("angle_rad", "reason"), [(0.3, StopReason.DISTANCE_LIMIT), (1.5, StopReason.EMBEDDED)])
def test_turn_that_does_not_turn_is_bounded(angle_rad: float, reason: StopReason) -> None:
    """Wheels that roll while the gyro sees no turn dig in: told by slip, a small turn by rolling twice over."""
    rover = Rover()
    execution = rover.send(area.TURN, angle_rad=angle_rad, rate_rad_s=0.1, timeout_s=500.0)
    while not execution.ended:
        rover.yaw_rad = 0.0
        rover.cycle()
        rover.imu.yaw_rate_rad_s = 0.0
        rover.imu.bias_rad_s = -(rover.wheels.turning[3] - rover.wheels.turning[2]) * 0.09 / 0.55

    assert execution.detail == reason
    assert (rover.mobility.housekeeping().slip_source is SlipSource.GYRO) == (reason is StopReason.EMBEDDED)


def test_gap_between_ticks_ends_the_motion() -> None:
    """When the executive misses more than the hold time, the wheels have stopped and the motion is over."""
    rover, execution = driving()

    rover.cycle(1.2)

    assert execution.ended
    assert execution.detail == StopReason.DEAD_MAN
    assert not rover.turning


@pytest.mark.parametrize("warm", [False, None], ids=["cold", "unknown"])
def test_cold_motors_do_not_start(warm: bool | None) -> None:
    """Motors that are cold, or not known to be warm, do not turn."""
    rover = Rover(Mode.IDLE)
    rover.warm = warm
    rover.cycle()

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.03, timeout_s=100.0)

    assert execution.failure is FailureCode.PRECONDITION
    assert rover.modes.requested == []


def test_motors_that_get_cold_stop() -> None:
    """The same while driving."""
    rover, execution = driving()
    rover.warm = False

    stops(rover, execution, StopReason.COLD, events.MOTORS_COLD, 1.2 + RAMP_S)


def test_hot_motor_stops() -> None:
    """Above 85 C a motor rests."""
    rover, execution = driving()
    rover.motors_c = (0.0, 0.0, 90.0, 0.0, 0.0, 0.0)

    stops(rover, execution, StopReason.HOT, events.MOTORS_HOT, 1.2 + RAMP_S)


def test_motor_power_lost() -> None:
    """Shed motors end the motion at once."""
    rover, execution = driving()
    rover.loads.denied.add("motors")

    stops(rover, execution, StopReason.POWER, events.POWER_LOST, 1.3)


def test_motor_power_never_granted() -> None:
    """A motion that gets no power fails after five seconds."""
    rover = Rover()
    rover.loads.denied.add("motors")

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.03, timeout_s=100.0)

    stops(rover, execution, StopReason.POWER, events.POWER_LOST, 6.0)
    assert execution.failure is FailureCode.DEVICE


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.IDLE, Mode.CHARGE, Mode.HIBERNATE, Mode.EGRESS])
def test_leaving_drive_stops_the_wheels_in_the_next_cycle(mode: Mode) -> None:
    """Whatever ended DRIVE, mobility's next tick finds the wheels at zero and the motion aborted."""
    rover, execution = driving()
    rover.modes.put(mode)

    rover.cycle()

    assert not rover.turning
    assert execution.failure is FailureCode.ABORTED
    assert execution.detail == StopReason.MODE


def test_stop_reaches_the_wheels_in_its_cycle() -> None:
    """System STOP: zero without a tick in between."""
    rover, execution = driving()

    rover.mobility.stop_now(rover.clock.now_ns())

    assert not rover.turning
    assert execution.failure is FailureCode.ABORTED


def test_stop_that_does_not_arrive_is_repeated() -> None:
    """One lost stop command is sent again in the next cycle."""
    rover, _ = driving()
    rover.wheels.safe_error = silence()
    rover.mobility.stop_now(rover.clock.now_ns())
    assert any(rover.wheels.turning)
    rover.wheels.safe_error = None

    rover.cycle()

    assert not rover.turning
    assert rover.events.count(events.OUTPUT_FAILED) == 1
    assert rover.loads.is_on("motors")


def test_wheels_running_down_after_a_stop_are_no_runaways() -> None:
    """A stop at top speed leaves the wheels turning for a moment; a healthy rover must not lose its motors for it."""
    rover, _ = driving()

    rover.mobility.stop_now(rover.clock.now_ns())
    for wheel in Wheel:
        rover.wheels.runaway_rad_s[wheel] = 0.3
    rover.stand(0.5)
    rover.wheels.runaway_rad_s.clear()
    rover.stand(3.0)

    assert rover.events.count(events.RUNAWAY) == 0
    assert rover.loads.is_on("motors")


def test_runaway_wheel_loses_its_power() -> None:
    """A wheel that turns unasked cannot be told to stop: its power goes."""
    rover = Rover()
    rover.stand(3.0)
    rover.wheels.runaway_rad_s[Wheel.REAR_LEFT] = 0.3

    rover.stand(3.0)

    assert rover.events.count(events.RUNAWAY) == 1
    assert not rover.loads.is_on("motors")


def test_make_safe_stops_everything_and_reports_what_it_cannot() -> None:
    """make_safe ends the motion, zeroes the wheels and lets a device error out."""
    rover, execution = driving()

    rover.mobility.make_safe()

    assert not rover.turning
    assert execution.failure is FailureCode.INTERNAL
    rover.wheels.safe_error = silence()
    with pytest.raises(DeviceTimeout):
        rover.mobility.make_safe()


def test_wheel_test_finds_a_jammed_wheel() -> None:
    """A wheel that draws stall current is given up within half a second."""
    rover = Rover(Mode.SERVICE)
    rover.wheels.jammed.add(Wheel.FRONT_LEFT)

    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.FRONT_LEFT, speed_rad_s=0.2, duration_s=2.0)
    took_s = rover.until(lambda: execution.ended, 10.0)

    assert execution.detail == StopReason.STALL
    assert took_s < 1.0
    assert not rover.turning


def test_wheel_test_finds_a_wheel_that_stands() -> None:
    """A wheel that does not turn, without any current to show for it, fails the test."""
    rover = Rover(Mode.SERVICE)
    rover.wheels.still.add(Wheel.FRONT_LEFT)

    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.FRONT_LEFT, speed_rad_s=0.2, duration_s=1.0)
    rover.until(lambda: execution.ended, 10.0)

    assert execution.detail == StopReason.STALL


def test_wheel_test_ends_with_service() -> None:
    """Leaving SERVICE stops the wheel."""
    rover = Rover(Mode.SERVICE)
    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.FRONT_LEFT, speed_rad_s=0.2, duration_s=2.0)
    rover.until(lambda: rover.turning, 5.0)
    rover.modes.put(Mode.SAFE)

    rover.cycle()

    assert not rover.turning
    assert execution.detail == StopReason.MODE


def test_hold_down_that_does_not_answer_counts_as_closed() -> None:
    """No drive off the lander on a guess."""
    rover = Rover(Mode.EGRESS)
    rover.egress.released = True
    rover.egress.error = DeviceTimeout("egress")

    execution = rover.send(area.EGRESS_DRIVE, distance_m=1.0, speed_m_s=0.02, timeout_s=100.0)

    assert execution.failure is FailureCode.PRECONDITION
    assert rover.send(area.RELEASE).failure is FailureCode.DEVICE


def test_sun_sensor_error_is_no_sun() -> None:
    """Housekeeping never fails for a sensor."""
    rover = Rover()
    rover.sun.error = BadReading("sun_sensor")

    assert rover.mobility.housekeeping().sun_azimuth_rad is None


def test_motion_is_bounded_in_time_even_without_a_timeout() -> None:
    """A stream of rate commands ends with the longest motion allowed."""
    rover = Rover()
    rover.parameters.set(area.MOTION_TIME, 10.0)
    started_ns = rover.clock.now_ns()
    while rover.events.count(events.MOTION_LIMIT) == 0:
        rover.send(area.DRIVE, speed_m_s=0.02, yaw_rate_rad_s=0.0)
        rover.cycle()

    assert rover.clock.now_ns() - started_ns <= 10.3 * NS_PER_S


def test_wheel_test_without_power_fails() -> None:
    """A test whose motors get no power ends after five seconds."""
    rover = Rover(Mode.SERVICE)
    rover.loads.denied.add("motors")

    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.FRONT_LEFT, speed_rad_s=0.2, duration_s=2.0)
    rover.until(lambda: execution.ended, 6.0)

    assert execution.detail == StopReason.POWER


def test_wheels_that_never_take_their_stop_lose_power_after_a_second() -> None:
    """A stop is repeated for a second before the motors' power is cut."""
    rover, _ = driving()
    rover.wheels.safe_error = silence()
    rover.mobility.stop_now(rover.clock.now_ns())

    rover.stand(0.8)
    assert rover.loads.is_on("motors")
    rover.stand(0.6)

    assert not rover.loads.is_on("motors")
