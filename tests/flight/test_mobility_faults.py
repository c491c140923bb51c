"""Wheels, corners, inertial unit and tilt: each fault stops the rover, one test each that fails without its check."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import pytest

from hal.api.errors import DeviceTimeout
from telemetry_defs.areas import mobility as area, mobility_events as events
from telemetry_defs.areas.mobility_reports import StallCause, StopReason, Wheel
from telemetry_defs.definitions import FailureCode, Mode
from tests.fakes.wheels import silence
from tests.flight.mobility_bench import RAMP_S, Rover, driving, stops

DEGREE = math.pi / 180.0


def test_jammed_wheel_is_a_stall() -> None:
    """Stall current on one wheel stops the motion after two seconds."""
    rover, execution = driving()
    rover.wheels.jammed.add(Wheel.MIDDLE_RIGHT)

    stops(rover, execution, StopReason.STALL, events.STALL, 2.0 + RAMP_S)

    stall = rover.last(events.STALL)
    assert isinstance(stall, events.Stall)
    assert stall.wheel is Wheel.MIDDLE_RIGHT
    assert execution.failure is FailureCode.LIMIT


@pytest.mark.parametrize("more_rad_s", [0.5, 1.0, -0.9, -2.0])
def test_a_wheel_that_does_not_listen_loses_its_power(more_rad_s: float) -> None:
    """Ahead of its command for a second, or as fast against it."""
    rover, execution = driving()
    rover.wheels.runaway_rad_s[Wheel.MIDDLE_RIGHT] = more_rad_s

    took_s = rover.until(lambda: execution.ended, 5.0)

    assert 1.0 <= took_s <= 1.3
    assert execution.detail == StopReason.RUNAWAY
    assert execution.failure is FailureCode.DEVICE
    assert rover.last(events.RUNAWAY) == events.WheelOnly(wheel=Wheel.MIDDLE_RIGHT)
    assert not rover.loads.is_on("motors")


def test_a_stream_of_commands_gives_a_wheel_that_does_not_listen_no_power() -> None:
    """Somebody steers by hand, and each command would begin a motion of its own."""
    rover, _ = driving()
    rover.mobility.stop_now(rover.clock.now_ns())
    rover.wheels.runaway_rad_s[Wheel.MIDDLE_RIGHT] = 1.0
    for _ in range(16):
        rover.send(area.DRIVE, speed_m_s=0.03, yaw_rate_rad_s=0.0, valid_for_s=1.0)
        rover.stand(0.5)
    assert rover.events.count(events.RUNAWAY) == 1
    assert not rover.loads.is_on("motors")

    rover.wheels.runaway_rad_s.clear()
    rover.stand(8.0)
    again = rover.send(area.DRIVE, speed_m_s=0.03, yaw_rate_rad_s=0.0, valid_for_s=1.0)
    assert again.completed


def test_a_wheel_that_runs_away_while_a_motion_ends_loses_its_power_at_once() -> None:
    """The ramp is no time to look away."""
    rover, execution = driving()
    rover.wheels.jammed.add(Wheel.FRONT_LEFT)
    rover.stand(1.6)
    rover.wheels.runaway_rad_s[Wheel.MIDDLE_RIGHT] = 1.0
    rover.until(lambda: execution.ended, 5.0)
    assert rover.events.count(events.STALL) == 1
    assert execution.detail == StopReason.RUNAWAY
    assert not rover.loads.is_on("motors")


@pytest.mark.parametrize("jump_rad", [-15.0, -5.0, -1.0, 1.0, 15.0])
def test_one_jump_of_an_encoder_is_no_runaway(jump_rad: float) -> None:
    """It goes on from there as it is told."""
    rover, execution = driving()
    rover.wheels.angle_rad[Wheel.MIDDLE_RIGHT] += jump_rad
    rover.stand(5.0)
    assert not execution.ended


@pytest.mark.parametrize("more_rad_s", [0.2, -0.1])
def test_a_wheel_that_is_badly_regulated_drives_on(more_rad_s: float) -> None:
    """A little too fast or too slow is what slopes and old bridges do."""
    rover, execution = driving()
    rover.wheels.runaway_rad_s[Wheel.MIDDLE_RIGHT] = more_rad_s
    rover.stand(5.0)
    assert not execution.ended


@pytest.mark.parametrize("speed_rad_s", [-0.7, -0.6])
def test_a_wheel_that_turns_against_its_command_is_a_stall(speed_rad_s: float) -> None:
    """It turns, but not as it is told: no progress, and the motion ends in the stall time."""
    rover, execution = driving()
    rover.wheels.runaway_rad_s[Wheel.MIDDLE_RIGHT] = speed_rad_s

    took_s = rover.until(lambda: execution.ended, 5.0)

    assert took_s <= 2.2 + RAMP_S
    assert execution.detail == StopReason.STALL
    stall = rover.last(events.STALL)
    assert isinstance(stall, events.Stall)
    assert stall.wheel is Wheel.MIDDLE_RIGHT
    assert stall.cause is StallCause.STILL


def test_an_encoder_that_is_counted_anew_is_no_stall() -> None:
    """Its angle jumps back by hundreds of turns, and goes on."""
    rover, execution = driving()
    rover.wheels.angle_rad[Wheel.MIDDLE_RIGHT] -= 1000.0

    rover.stand(5.0)

    assert not execution.ended


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

    assert rover.send(area.MASK_WHEEL, wheel=Wheel.FRONT_RIGHT, masked=True).failure is None
    again = rover.send(area.ARC, curvature_1_m=0.0, distance_m=0.3, speed_m_s=0.05, timeout_s=60.0)
    rover.until(lambda: again.ended)
    assert again.completed


def test_dead_wheel_drives_stop_the_motion() -> None:
    """No readings from any drive: ramp down within half a second and the ramp."""
    rover, execution = driving()
    rover.wheels.read_error = silence()

    stops(rover, execution, StopReason.ENCODER, events.WHEELS_LOST, 0.8 + RAMP_S)


@pytest.mark.parametrize(
    "break_imu",
    [
        lambda imu, now: setattr(imu, "error", DeviceTimeout("imu")),
        lambda imu, now: setattr(imu, "accel_m_s2", (0.0, 0.0, 0.0)),
        lambda imu, now: setattr(imu, "accel_m_s2", (math.nan, 0.0, 1.6)),
    ],
    ids=["silent", "no gravity", "nan"],
)
def test_lost_imu_stops_the_motion(break_imu: Callable[[object, int], None]) -> None:
    """A silent or impossible inertial unit ends the motion, and tilt is unknown from then on."""
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


@pytest.mark.parametrize("angle_rad", [math.nan, math.inf, -1e300])
def test_impossible_corner_angle_is_a_lost_corner_and_never_reaches_the_pose(angle_rad: float) -> None:
    """One reading that is no number would otherwise stay in the pose for good."""
    rover, execution = driving()
    rover.steering.angle_rad[1] = angle_rad

    stops(rover, execution, StopReason.STEERING, events.STEERING_LOST, 5.0)

    hk = rover.mobility.housekeeping()
    assert hk.x_m is not None
    assert math.isfinite(hk.x_m)
    assert hk.y_m is not None
    assert math.isfinite(hk.y_m)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1e300])
def test_impossible_ground_motion_is_no_fix(value: float) -> None:
    """Neither the interval nor the displacement of such a fix is used; driving goes on."""
    rover, execution = driving()
    assert rover.ground is not None
    make = rover.ground.read
    rover.ground.read = lambda: msgspec.structs.replace(make(), interval_s=value, forward_m=value)  # type: ignore[method-assign]  # that is the fault

    rover.stand(5.0)

    assert not execution.ended
    assert math.isfinite(rover.mobility.housekeeping().x_m or math.nan)
