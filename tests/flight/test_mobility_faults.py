"""Everything that must stop the rover, one test each: taken out of the code, its test fails."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from telemetry_defs.areas import mobility as area
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import SlipSource, StallCause, StopReason, Wheel
from telemetry_defs.definitions import Event, FailureCode, Mode
from tests.fakes.context import FakeExecution
from tests.fakes.wheels import silence
from tests.flight.mobility_bench import Rover

DEGREE = math.pi / 180.0


def driving(mode: Mode = Mode.DRIVE, *, ground: bool = True, distance_m: float = 20.0) -> tuple[Rover, FakeExecution]:
    """A rover in the middle of a long straight drive."""
    rover = Rover(mode, ground=ground)
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=distance_m, speed_m_s=0.05, timeout_s=3000.0)
    rover.until(lambda: rover.travelled_m > 0.3)
    return rover, execution


def stops(rover: Rover, execution: FakeExecution, reason: StopReason, event: Event, within_s: float) -> None:
    """The motion fails for `reason`, tells of it exactly once and the wheels stand, all within a time."""
    took_s = rover.until(lambda: execution.ended and not rover.turning, within_s + 1.0)
    assert took_s <= within_s
    assert execution.failure is not None
    assert execution.detail == reason
    assert rover.events.count(event) == 1
    rover.stand(3.0)
    assert not rover.turning


RAMP_S = 0.05 / 0.05 + 0.3


def test_jammed_wheel_is_a_stall() -> None:
    """Stall current on one wheel stops the motion after two seconds."""
    rover, execution = driving()
    rover.wheels.jammed.add(Wheel.MIDDLE_RIGHT)

    stops(rover, execution, StopReason.STALL, events.STALL, 2.0 + RAMP_S)

    stall = rover.last(events.STALL)
    assert isinstance(stall, events.Stall)
    assert stall.wheel is Wheel.MIDDLE_RIGHT
    assert execution.failure is FailureCode.LIMIT


def test_stall_current_alone_is_a_stall() -> None:
    """Even a wheel that seems to turn may not draw stall current for two seconds."""
    rover, execution = driving()
    rover.wheels.extra_a[3] = 0.4

    stops(rover, execution, StopReason.STALL, events.STALL, 2.0 + RAMP_S)

    stall = rover.last(events.STALL)
    assert isinstance(stall, events.Stall)
    assert stall.cause is StallCause.CURRENT


def test_short_current_peak_is_no_stall() -> None:
    """One and a half seconds of stall current are not two."""
    rover, execution = driving()
    rover.wheels.extra_a[3] = 0.4
    rover.stand(1.5)
    rover.wheels.extra_a[3] = 0.0

    rover.stand(5.0)

    assert not execution.ended
    assert rover.events.count(events.STALL) == 0


def test_commanded_wheel_that_stands_is_a_stall() -> None:
    """An encoder that stands while its wheel is told to turn stops the motion, whatever the current."""
    rover, execution = driving()
    rover.wheels.still.add(Wheel.REAR_RIGHT)

    stops(rover, execution, StopReason.STALL, events.STALL, 2.2 + RAMP_S)

    stall = rover.last(events.STALL)
    assert isinstance(stall, events.Stall)
    assert stall.cause is StallCause.STILL


def test_warm_current_is_reported_and_driving_goes_on() -> None:
    """Current above the warning limit is told once and stops nothing."""
    rover, execution = driving()
    rover.parameters.set(area.OBSTACLE_RISE, 1.0)
    rover.stand(1.0)
    rover.wheels.extra_a[2] = 0.22

    rover.stand(5.0)

    assert rover.events.count(events.CURRENT_HIGH) == 1
    assert not execution.ended


def test_current_rise_is_an_obstacle() -> None:
    """A wheel that suddenly needs much more than its own mean has met something."""
    rover, execution = driving()
    rover.stand(3.0)
    rover.wheels.extra_a[0] = 0.15

    stops(rover, execution, StopReason.OBSTACLE, events.OBSTACLE, 0.6 + RAMP_S)


def test_silent_wheel_stops_the_motion_and_masking_lets_it_go_on() -> None:
    """One wheel without readings ends the motion; masked, the rover drives on five."""
    rover, execution = driving()
    rover.wheels.silent.add(Wheel.FRONT_RIGHT)

    stops(rover, execution, StopReason.ENCODER, events.ENCODER_LOST, 0.7 + RAMP_S)

    assert rover.send(area.MASK_WHEEL, wheel=Wheel.FRONT_RIGHT, masked=True).completed
    again = rover.send(area.ARC, curvature_1_m=0.0, distance_m=0.3, speed_m_s=0.05, timeout_s=60.0)
    rover.until(lambda: again.ended)
    assert again.completed


def test_dead_wheel_drives_stop_the_motion() -> None:
    """No readings from any drive: ramp down within half a second and the ramp."""
    rover, execution = driving()
    rover.wheels.read_error = silence()

    stops(rover, execution, StopReason.ENCODER, events.WHEELS_LOST, 0.8 + RAMP_S)


def test_drives_that_take_no_commands_stop_the_motion_and_lose_their_power() -> None:
    """Commands that do not arrive: the motion ends, and what cannot be told to stop is switched off."""
    rover, execution = driving()
    rover.wheels.command_error = rover.wheels.safe_error = silence()

    stops(rover, execution, StopReason.OUTPUT, events.OUTPUT_FAILED, 1.0)

    assert not rover.loads.is_on("motors")


@pytest.mark.parametrize(
    "break_imu",
    [
        lambda imu, now: setattr(imu, "error", DeviceTimeout("imu")),
        lambda imu, now: setattr(imu, "frozen_ns", now),
        lambda imu, now: setattr(imu, "accel_m_s2", (0.0, 0.0, 0.0)),
        lambda imu, now: setattr(imu, "accel_m_s2", (math.nan, 0.0, 1.6)),
    ],
    ids=["silent", "frozen", "no gravity", "nan"],
)
def test_lost_imu_stops_the_motion(break_imu: Callable[[object, int], None]) -> None:
    """A silent, frozen or impossible inertial unit ends the motion, and tilt is unknown from then on."""
    rover, execution = driving()
    break_imu(rover.imu, rover.clock.now_ns())

    stops(rover, execution, StopReason.IMU, events.IMU_LOST, 1.8 + RAMP_S)

    assert rover.board.mobility is not None
    assert rover.board.mobility.tilt_rad is None
    rover.modes.put(Mode.DRIVE)
    refused = rover.send(area.ARC, curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.05, timeout_s=60.0)
    assert refused.failure is FailureCode.DEVICE


def test_imu_that_comes_back_is_reported_and_used() -> None:
    """Loss and return are told once each."""
    rover = Rover(Mode.IDLE)
    rover.imu.error = DeviceTimeout("imu")
    rover.stand(10.0)
    assert rover.mobility.housekeeping().imu_ok is False

    rover.imu.error = None
    rover.stand(20.0)

    assert rover.events.count(events.IMU_LOST) == 1
    assert rover.events.count(events.IMU_RECOVERED) == 1
    assert rover.mobility.housekeeping().imu_ok is True


def test_tilt_ladder() -> None:
    """15 deg is told, 20 deg stops, 25 deg asks for SAFE."""
    rover, execution = driving()
    rover.imu.pitch_rad = 17.0 * DEGREE
    rover.stand(6.0)
    assert rover.events.count(events.TILT_HIGH) == 1
    assert not execution.ended

    rover.imu.pitch_rad = 22.0 * DEGREE
    stops(rover, execution, StopReason.TILT, events.TILT_STOP, 4.0 + RAMP_S)
    assert Mode.SAFE not in rover.modes.requested

    rover.imu.roll_rad = 20.0 * DEGREE
    rover.stand(10.0)
    assert rover.events.count(events.TILT_SAFE) == 1
    assert rover.modes.mode is Mode.SAFE


def test_sudden_tilt_while_driving_is_safe_at_once() -> None:
    """Past the safety limit the wheels stand before SAFE is asked for, and the report names the tilt."""
    rover, execution = driving()
    rover.imu.roll_rad = -40.0 * DEGREE

    rover.until(lambda: execution.ended, 5.0)

    assert not rover.turning
    assert execution.detail == StopReason.TILT
    assert rover.modes.mode is Mode.SAFE


def test_ramp_is_steeper_than_what_driving_allows() -> None:
    """On the lander's ramp 22 deg are expected, so EGRESS has limits of its own."""
    rover = Rover(Mode.EGRESS)
    rover.egress.released = True
    execution = rover.send(area.EGRESS_DRIVE, distance_m=1.0, speed_m_s=0.03, timeout_s=100.0)
    rover.imu.pitch_rad = -22.0 * DEGREE

    rover.until(lambda: execution.ended)

    assert execution.completed


def test_slip_ladder() -> None:
    """0.35 is told, 0.55 stops."""
    rover, execution = driving()
    rover.slip = 0.35
    rover.until(lambda: rover.events.count(events.SLIP_HIGH) > 0, 30.0)
    rover.stand(5.0)
    assert not execution.ended

    rover.slip = 0.6
    stops(rover, execution, StopReason.SLIP, events.SLIP_STOP, 20.0)

    assert Mode.SAFE not in rover.modes.requested


def test_embedding_asks_for_safe_and_stays_known() -> None:
    """Wheels that turn without the ground passing: stopped by slip before, or SAFE when it comes at once."""
    rover = Rover()
    rover.slip = 0.95
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=5.0, speed_m_s=0.05, timeout_s=300.0)

    rover.until(lambda: execution.ended, 60.0)

    assert execution.detail == StopReason.EMBEDDED
    assert rover.modes.mode is Mode.SAFE
    assert not rover.turning
    rover.stand(2.0)
    assert rover.board.mobility is not None and rover.board.mobility.embedded
    rover.send(area.CLEAR_EMBEDDED)
    rover.stand(2.0)
    assert not rover.board.mobility.embedded


def test_without_fix_slip_is_estimated_and_distance_bounded() -> None:
    """In the dark driving goes on, flagged as estimated, for 10 m and no further."""
    rover, execution = driving()
    assert rover.ground is not None
    rover.ground.valid = False
    start_m = rover.travelled_m
    rover.until(lambda: rover.events.count(events.FIX_LOST) > 0, 20.0)
    assert rover.mobility.housekeeping().slip_source is SlipSource.ESTIMATE

    stops(rover, execution, StopReason.NO_FIX, events.NO_FIX_LIMIT, 250.0)

    assert 9.0 < rover.travelled_m - start_m < 10.3


def test_broken_ground_motion_is_a_missing_fix() -> None:
    """A device that raises counts as no fix; when it answers again, so does measured slip."""
    rover, execution = driving()
    assert rover.ground is not None
    rover.ground.error = DeviceTimeout("ground_motion")
    rover.until(lambda: rover.events.count(events.FIX_LOST) > 0, 20.0)

    rover.ground.error = None
    rover.until(lambda: rover.mobility.housekeeping().slip_source is SlipSource.GROUND_MOTION, 60.0)

    assert rover.events.count(events.FIX_RECOVERED) == 1
    assert not execution.ended


def test_wild_fix_is_not_believed() -> None:
    """A fix that says the rover has gone twenty times as far as its wheels is no fix."""
    rover, _ = driving()
    assert rover.ground is not None
    rover.ground.scale = 20.0

    rover.until(lambda: rover.events.count(events.FIX_LOST) > 0, 20.0)

    assert rover.mobility.pose[0] == pytest.approx(rover.x_m, abs=0.05)


def test_rover_without_ground_motion_drives_on_the_estimate() -> None:
    """Where there is no such device, the estimate is permanent, flagged, and bounds nothing."""
    rover, execution = driving(ground=False, distance_m=13.0)

    rover.until(lambda: execution.ended, 400.0)

    assert execution.completed
    assert rover.mobility.housekeeping().slip_source is SlipSource.ESTIMATE


def test_estimated_slip_stops_on_a_slope() -> None:
    """Without ground motion, pitch and current alone stop the rover where the drawbar curve ends."""
    rover, execution = driving(ground=False)
    rover.wheels.running_a = 0.073
    rover.imu.pitch_rad = 19.5 * DEGREE
    rover.parameters.set(area.SLIP_STOP, 0.28)

    stops(rover, execution, StopReason.SLIP, events.SLIP_STOP, 15.0)


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


def test_turn_that_does_not_turn_is_bounded() -> None:
    """Wheels that roll a turn twice over while the gyro sees none have lost their grip."""
    rover = Rover()
    execution = rover.send(area.TURN, angle_rad=1.0, rate_rad_s=0.1, timeout_s=500.0)
    while not execution.ended:
        rover.yaw_rad = 0.0
        rover.cycle()
        rover.imu.yaw_rate_rad_s = 0.0
        rover.imu.bias_rad_s = -(rover.wheels.turning[3] - rover.wheels.turning[2]) * 0.09 / 0.55

    assert execution.detail == StopReason.DISTANCE_LIMIT


def test_gap_between_ticks_ends_the_motion() -> None:
    """When the executive misses more than the hold time, the wheels have stopped and the motion is over."""
    rover, execution = driving()

    rover.cycle(1.2)

    assert execution.ended
    assert execution.detail == StopReason.DEAD_MAN
    assert not rover.turning


def test_corner_that_does_not_turn_fails_before_the_wheels_move() -> None:
    """A stuck corner is found while steering, not by scraping."""
    rover = Rover()
    rover.steering.stuck.add(0)

    execution = rover.send(area.TURN, angle_rad=1.0, rate_rad_s=0.07, timeout_s=100.0)

    stops(rover, execution, StopReason.STEERING, events.STEERING_LOST, 16.0)
    assert rover.travelled_m == 0.0
    assert not any(any(command) for command in rover.wheels.commands)


def test_corner_lost_on_the_way_stops_the_motion() -> None:
    """A corner whose angle is no longer known while driving ends the drive."""
    rover, execution = driving()
    rover.steering.silent.add(2)

    stops(rover, execution, StopReason.STEERING, events.STEERING_LOST, 2.1 + RAMP_S)


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
    assert rover.turning
    rover.wheels.safe_error = None

    rover.cycle()

    assert not rover.turning
    assert rover.events.count(events.OUTPUT_FAILED) == 1


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


def test_navigation_power_that_returns_brings_fixes_back() -> None:
    """Fixes switched off below flight are asked for again."""
    rover, _ = driving()
    assert rover.ground is not None
    rover.ground.enabled = False
    rover.ground.error = NotReady("ground_motion", "navigation computer unpowered")
    rover.stand(10.0)

    rover.ground.error = None
    rover.stand(12.0)

    assert rover.ground.enabled
    assert rover.events.count(events.FIX_RECOVERED) == 1


def test_motion_is_bounded_in_time_even_without_a_timeout() -> None:
    """A stream of rate commands ends with the longest motion allowed."""
    rover = Rover()
    rover.parameters.set(area.MOTION_TIME, 10.0)
    started_ns = rover.clock.now_ns()
    while rover.events.count(events.MOTION_LIMIT) == 0:
        rover.send(area.DRIVE, speed_m_s=0.02, yaw_rate_rad_s=0.0)
        rover.cycle()

    assert rover.clock.now_ns() - started_ns <= 10.3 * NS_PER_S
