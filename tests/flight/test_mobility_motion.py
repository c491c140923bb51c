"""What mobility does when all is well: arcs, turns, waypoints, rates, egress, single-wheel test, pose."""

from __future__ import annotations

import math

import pytest

from hal.api.values import WHEELS
from telemetry_defs.areas import mobility as area, mobility_events as events
from telemetry_defs.areas.mobility_reports import MotionState, StopReason, Wheel
from telemetry_defs.definitions import FailureCode, Mode
from tests.flight.mobility_bench import Rover

MINUTE = 600.0


def test_wheel_numbers_follow_the_hardware_order() -> None:
    """Wheel codes of the dictionary are places in the hardware's tuples."""
    assert tuple(wheel.name.lower() for wheel in Wheel) == WHEELS


def test_line_is_driven_to_its_length() -> None:
    """A straight metre ends within a centimetre of a metre, by wheel travel, and completes."""
    rover = Rover()

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.03, timeout_s=MINUTE)
    took_s = rover.until(lambda: execution.ended)

    assert execution.completed
    assert rover.x_m == pytest.approx(1.0, abs=0.01)
    assert 33.0 < took_s < 38.0
    assert not rover.turning


def test_line_backwards() -> None:
    """A negative distance drives backwards."""
    rover = Rover()

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=-0.5, speed_m_s=0.03, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert rover.x_m == pytest.approx(-0.5, abs=0.01)
    assert rover.believed[0] == pytest.approx(-0.5, abs=0.01)


@pytest.mark.parametrize("curvature", [0.5, -1.8])
def test_arc_ends_where_geometry_says(curvature: float) -> None:
    """An arc of a metre ends on its circle, and the pose estimate says the same as the truth."""
    rover = Rover()

    execution = rover.send(area.ARC, curvature_1_m=curvature, distance_m=1.0, speed_m_s=0.03, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert rover.yaw_rad == pytest.approx(curvature, abs=0.03)
    assert rover.x_m == pytest.approx(math.sin(curvature) / curvature, abs=0.02)
    assert rover.y_m == pytest.approx((1 - math.cos(curvature)) / curvature, abs=0.02)
    assert rover.believed == pytest.approx((rover.x_m, rover.y_m, rover.yaw_rad), abs=0.02)


@pytest.mark.parametrize("angle", [1.2, -3.0, 0.1])
def test_turn_on_the_spot(angle: float) -> None:
    """A turn ends at its angle and does not travel."""
    rover = Rover()

    execution = rover.send(area.TURN, angle_rad=angle, rate_rad_s=0.07, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert execution.completed
    assert rover.yaw_rad == pytest.approx(angle, abs=0.01)
    assert rover.travelled_m < 0.01


def test_wheels_wait_for_the_corners() -> None:
    """No wheel turns before the four corners stand where a turn on the spot needs them."""
    rover = Rover()
    rover.send(area.TURN, angle_rad=1.0, rate_rad_s=0.07, timeout_s=MINUTE)

    rover.until(lambda: rover.turning)

    assert rover.steering.angle_rad == pytest.approx([-0.829, 0.829, 0.829, -0.829], abs=0.04)


def test_waypoint_is_reached_in_steps() -> None:
    """A waypoint 11 m off is driven in steps of at most 5 m, each with a stop, a check and a progress report."""
    rover = Rover()

    execution = rover.send(area.DRIVE_TO, x_m=-8.0, y_m=7.5, speed_m_s=0.05, timeout_s=1500.0)
    rover.until(lambda: execution.ended, 1500.0)

    assert execution.completed
    assert execution.steps == [1, 2]
    assert math.hypot(rover.x_m + 8.0, rover.y_m - 7.5) < 0.15
    assert rover.events.count(events.STEP_DONE) == 2


def test_no_step_is_longer_than_allowed() -> None:
    """Between two standstills the rover never travels more than a step."""
    rover = Rover()
    execution = rover.send(area.DRIVE_TO, x_m=12.0, y_m=0.0, speed_m_s=0.05, timeout_s=1500.0)
    stops = [0.0]

    def watch() -> bool:
        if rover.mobility.housekeeping().state is MotionState.CHECKING and not rover.turning:
            stops.append(rover.travelled_m)
        return execution.ended

    rover.until(watch, 1500.0)

    gaps = [after - before for before, after in zip(stops, [*stops[1:], rover.travelled_m], strict=True)]
    assert max(gaps) <= 5.0 + 1e-9
    assert max(gaps) > 4.9


def test_waypoint_behind_the_rover_is_faced_first() -> None:
    """The rover turns on the spot towards a goal that lies far off its heading."""
    rover = Rover()

    execution = rover.send(area.DRIVE_TO, x_m=-2.0, y_m=0.1, speed_m_s=0.03, timeout_s=MINUTE)
    rover.until(lambda: rover.travelled_m > 0.05)

    assert abs(abs(rover.yaw_rad) - math.pi) < 0.15
    rover.until(lambda: execution.ended)
    assert execution.completed


def test_rate_goes_on_while_refreshed_and_ends_without() -> None:
    """Commands four times a second keep the rover going; without them it stands within dead-man time and ramp."""
    rover = Rover()
    for _ in range(40):
        execution = rover.send(area.DRIVE, speed_m_s=0.04, yaw_rate_rad_s=0.0)
        assert execution.completed
        for _ in range(2):
            rover.cycle()
    assert rover.turning
    assert rover.x_m > 0.2

    took_s = rover.until(lambda: not rover.turning)

    assert took_s <= 0.5 + 0.04 / 0.05 + 0.2
    rover.stand(0.5)
    assert rover.last(events.MOTION_ENDED).reason is StopReason.DEAD_MAN  # type: ignore[attr-defined]


def test_rate_command_turns_a_tight_arc_into_what_corners_can_do() -> None:
    """Turning and creeping at once is more than the corners reach: it becomes a turn on the spot."""
    rover = Rover()
    for _ in range(60):
        rover.send(area.DRIVE, speed_m_s=0.005, yaw_rate_rad_s=0.1)
        rover.cycle()

    assert rover.yaw_rad > 0.05
    assert rover.travelled_m < 0.01


def test_drive_is_asked_for_in_idle() -> None:
    """A motion accepted in IDLE asks for DRIVE and goes on in it."""
    rover = Rover(Mode.IDLE)

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=0.2, speed_m_s=0.03, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert rover.modes.requested == [Mode.DRIVE]
    assert execution.completed


def test_refused_drive_fails_the_command_with_the_guards_code() -> None:
    """A guard's refusal is the command's failure report and nothing moves."""
    rover = Rover(Mode.IDLE)
    rover.modes.refuse_with(Mode.DRIVE, FailureCode.GUARD_REFUSED)

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=0.2, speed_m_s=0.03, timeout_s=MINUTE)
    rover.stand(3.0)

    assert execution.failure is FailureCode.GUARD_REFUSED
    assert rover.wheels.commands == []


def test_second_motion_is_refused_while_one_runs() -> None:
    """One motion at a time: BUSY, and the first goes on."""
    rover = Rover()
    first = rover.send(area.ARC, curvature_1_m=0.0, distance_m=1.0, speed_m_s=0.03, timeout_s=MINUTE)
    rover.stand(5.0)

    second = rover.send(area.TURN, angle_rad=1.0, rate_rad_s=0.05, timeout_s=MINUTE)
    rate = rover.send(area.DRIVE, speed_m_s=0.01, yaw_rate_rad_s=0.0)

    assert second.failure is FailureCode.BUSY
    assert rate.failure is FailureCode.BUSY
    rover.until(lambda: first.ended)
    assert first.completed


def test_stop_command_ends_the_motion_at_once() -> None:
    """mobility.stop: zero on the wheels before anything else happens, the motion reported as aborted."""
    rover = Rover()
    motion = rover.send(area.ARC, curvature_1_m=0.0, distance_m=5.0, speed_m_s=0.05, timeout_s=MINUTE)
    rover.until(lambda: rover.travelled_m > 0.2)

    stop = rover.send(area.HALT)

    assert not rover.turning
    assert stop.completed
    assert motion.failure is FailureCode.ABORTED
    assert motion.detail == StopReason.COMMANDED


def test_egress_releases_then_drives_straight() -> None:
    """In EGRESS: no drive before the hold-down is open; release reports completion; then straight down."""
    rover = Rover(Mode.EGRESS)
    early = rover.send(area.EGRESS_DRIVE, distance_m=1.0, speed_m_s=0.02, timeout_s=MINUTE)
    assert early.failure is FailureCode.PRECONDITION

    release = rover.send(area.RELEASE)
    rover.until(lambda: release.ended, 15.0)
    drive = rover.send(area.EGRESS_DRIVE, distance_m=1.0, speed_m_s=0.02, timeout_s=MINUTE)
    rover.until(lambda: drive.ended)

    assert release.completed
    assert rover.egress.fired == 1
    assert drive.completed
    assert rover.x_m == pytest.approx(1.0, abs=0.01)


def test_release_that_does_not_open_fails() -> None:
    """A hold-down that stays shut is a timeout, not a success."""
    rover = Rover(Mode.EGRESS)
    rover.egress.stuck = True

    release = rover.send(area.RELEASE)
    rover.until(lambda: release.ended, 15.0)

    assert release.failure is FailureCode.TIMEOUT


def test_single_wheel_test_turns_only_that_wheel() -> None:
    """In SERVICE one wheel turns, slowly, and the result is reported; motor power is off before and after."""
    rover = Rover(Mode.SERVICE)
    assert not rover.loads.is_on("motors")

    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.REAR_LEFT, speed_rad_s=0.2, duration_s=1.5)
    rover.until(lambda: execution.ended, 10.0)

    assert execution.completed
    assert rover.wheels.angle_rad[Wheel.REAR_LEFT] == pytest.approx(0.3, abs=0.03)
    assert sum(map(abs, rover.wheels.angle_rad)) == abs(rover.wheels.angle_rad[Wheel.REAR_LEFT])
    assert rover.last(events.WHEEL_TESTED).turned_rad == pytest.approx(0.3, abs=0.03)  # type: ignore[attr-defined]
    assert not rover.loads.is_on("motors")


@pytest.mark.parametrize("silent", [False, True])
def test_masked_wheel_is_left_out(silent: bool) -> None:
    """A masked wheel is never told to turn, and the drive is as long as without, its encoder standing or silent."""
    rover = Rover()
    rover.send(area.MASK_WHEEL, wheel=Wheel.FRONT_LEFT, masked=True)
    if silent:
        rover.wheels.silent.add(Wheel.FRONT_LEFT)

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=0.5, speed_m_s=0.03, timeout_s=MINUTE)
    rover.until(lambda: execution.ended)

    assert execution.completed
    assert all(command[Wheel.FRONT_LEFT] == 0.0 for command in rover.wheels.commands)
    assert rover.x_m == pytest.approx(0.5, abs=0.01)


def test_three_masked_wheels_are_too_many() -> None:
    """Four wheels are needed."""
    rover = Rover()
    for wheel in (Wheel.FRONT_LEFT, Wheel.FRONT_RIGHT, Wheel.REAR_LEFT):
        rover.send(area.MASK_WHEEL, wheel=wheel, masked=True)

    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=0.5, speed_m_s=0.03, timeout_s=MINUTE)

    assert execution.failure is FailureCode.PRECONDITION
