"""What mobility believes while it drives and stands: pose, slip, bias, and the cost of standing."""

from __future__ import annotations

import math

import pytest

from telemetry_defs.areas import mobility as area
from telemetry_defs.areas.mobility_reports import MotionState, SlipSource, Wheel
from telemetry_defs.definitions import Mode
from tests.flight.mobility_bench import Rover

MINUTE = 600.0


def test_slip_is_measured_and_the_pose_follows_the_ground() -> None:
    """With 20 % slip the wheels roll 2 m, the ground gives 1.6 m, and both pose and slip know it."""
    rover = Rover()
    rover.slip = 0.2
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=2.0, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: rover.mobility.housekeeping().state is MotionState.STOPPING)
    hk = rover.mobility.housekeeping()
    rover.until(lambda: execution.ended)

    assert hk.slip == pytest.approx(0.2, abs=0.02)
    assert hk.slip_source is SlipSource.GROUND_MOTION
    assert rover.mobility.kept().x_m == pytest.approx(rover.x_m, abs=0.03)


def test_a_rover_that_stands_has_no_slip() -> None:
    """Slip is told while wheels turn under the rover and at no other time: its last value is no value."""
    rover = Rover()
    rover.slip = 0.2
    assert rover.mobility.housekeeping().slip is None
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=2.0, speed_m_s=0.05, timeout_s=MINUTE)
    told: dict[MotionState | None, bool] = {}
    while not execution.ended:
        hk = rover.mobility.housekeeping()
        told[hk.state] = told.get(hk.state, False) or hk.slip is not None
        rover.cycle()
    assert told.pop(MotionState.MOVING)
    assert told.pop(MotionState.STOPPING)
    assert not any(told.values())
    assert rover.mobility.housekeeping().slip is None


def test_late_fixes_are_matched_to_their_own_interval() -> None:
    """A fix that comes 3 s late is compared with what the wheels did in its interval, not with the last seconds."""
    rover = Rover()
    assert rover.ground is not None
    rover.ground.delay_ns = 3_000_000_000
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=2.0, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: rover.mobility.housekeeping().state is MotionState.STOPPING)
    slip = rover.mobility.housekeeping().slip
    rover.until(lambda: execution.ended)

    assert slip == pytest.approx(0.0, abs=0.01)
    assert rover.mobility.kept().x_m == pytest.approx(rover.x_m, abs=0.01)


def test_gyro_bias_is_learned_at_rest() -> None:
    """A biased gyro at rest does not turn the pose, then or later."""
    rover = Rover()
    rover.imu.bias_rad_s = 0.004
    rover.mobility = rover.make()
    rover.handlers = rover.mobility.handlers()
    rover.stand(30.0)

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=2.0, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert rover.mobility.kept().yaw_rad == pytest.approx(0.0, abs=0.005)


def test_gyro_bias_learned_on_the_level_holds_on_a_slope() -> None:
    """A bias about the body's x axis is no turn on the level, but on a slope it would pass for one."""
    rover = Rover()
    rover.imu.roll_bias_rad_s = 0.005
    rover.stand(30.0)
    rover.imu.pitch_rad = 0.3

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=2.0, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert rover.mobility.kept().yaw_rad == pytest.approx(0.0, abs=0.01)


def test_pose_is_kept_and_restored() -> None:
    """Pose and odometer survive a restart; ground can correct the pose while standing."""
    rover = Rover()
    execution = rover.send(area.ARC, curvature_1_m=1.0, distance_m=0.5, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)
    again = rover.make()

    again.restore(rover.mobility.kept())

    assert again.kept() == rover.mobility.kept()
    assert again.kept().odometer_m == pytest.approx(0.5, abs=0.01)
    assert rover.send(area.SET_POSE, x_m=3.0, y_m=4.0, yaw_rad=6.0).failure is None
    assert rover.believed == pytest.approx((3.0, 4.0, 6.0 - math.tau))


def test_standing_costs_one_inertial_reading_a_second() -> None:
    """Standing still, the inertial unit is read once a second and the snapshot stays fresh."""
    rover = Rover(Mode.IDLE)
    rover.stand(2.0)
    before = rover.imu.reads

    rover.stand(10.0)

    assert 9 <= rover.imu.reads - before <= 11
    assert rover.board.mobility is not None
    assert rover.clock.now_ns() - rover.board.mobility.time_ns <= 1_000_000_000


def test_housekeeping_shows_the_sun() -> None:
    """The Sun's direction in the body frame is reported so that ground can check the heading."""
    rover = Rover()

    assert rover.mobility.housekeeping().sun_azimuth_rad == 0.5


def test_encoder_that_counts_anew_does_not_move_the_rover() -> None:
    """A wheel controller that restarts its count on the way is one missing increment, not a leap."""
    rover = Rover()
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: rover.travelled_m > 0.3)

    rover.wheels.angle_rad[Wheel.REAR_LEFT] -= 400.0
    rover.until(lambda: execution.ended)

    assert execution.completed
    assert rover.x_m == pytest.approx(1.0, abs=0.02)
    assert rover.believed == pytest.approx((rover.x_m, 0.0, 0.0), abs=0.02)
