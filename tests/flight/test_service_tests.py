"""What SERVICE lets ground try out: corners, heaters, and a question to every device."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.mobility.gate import STEER_TEST_NS, WheelGate
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, NotReady
from telemetry_defs.areas import health, mobility as area, mobility_events as events
from telemetry_defs.areas.health import DEVICES, DeviceId, ProbeAnswer
from telemetry_defs.areas.heaters import TEST_HEATER, Heater, TestHeater
from telemetry_defs.areas.mobility_reports import CornerChoice, MotionKind, StopReason, Wheel
from telemetry_defs.definitions import FailureCode, Mode
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.steering import FakeSteering
from tests.fakes.wheels import FakeWheels
from tests.flight.health_bench import HealthBench
from tests.flight.mobility_bench import Rover
from tests.flight.thermal_bench import ThermalBench

four_angles = st.tuples(*[st.floats(-3.0, 3.0)] * 4)

# Corners.


@given(st.sampled_from(list(Mode)), four_angles, st.booleans(), st.booleans(), st.floats(0.0, 20.0))
def test_the_gate_turns_corners_for_a_test_only_in_service_armed_standing_and_a_little(
    mode: Mode, angles: tuple[float, ...], armed: bool, wheel_too: bool, wait_s: float
) -> None:
    """Any angles, in any mode, at any time after arming; arming a wheel takes the corners' arming away."""
    bench = Bench(mode)
    steering = FakeSteering(bench.clock)
    gate = WheelGate(FakeWheels(bench.clock), steering, max_rad_s=0.8, modes=bench.modes, sink=bench.events)
    if armed:
        gate.arm_steering(bench.clock.now_ns())
    if wheel_too:
        gate.arm_test(0, bench.clock.now_ns())
    bench.clock.advance_s(wait_s)

    taken = gate.steer_test(angles, bench.clock.now_ns())

    may = mode is Mode.SERVICE and armed and not wheel_too and round(wait_s * 1e9) < STEER_TEST_NS
    assert taken is may
    assert bool(steering.commands) is may
    assert all(abs(angle) <= 0.5 for command in steering.commands for angle in command)


def test_no_wheel_turns_while_corners_are_armed() -> None:
    bench = Bench(Mode.SERVICE)
    wheels = FakeWheels(bench.clock)
    gate = WheelGate(wheels, FakeSteering(bench.clock), max_rad_s=0.8, modes=bench.modes, sink=bench.events)
    gate.arm_test(2, bench.clock.now_ns())
    gate.arm_steering(bench.clock.now_ns())

    assert not gate.command((0.0, 0.0, 0.1, 0.0, 0.0, 0.0), bench.clock.now_ns())
    assert not any(wheels.turning)


def steer(rover: Rover, corner: CornerChoice, angle_rad: float, hold_s: float = 1.0) -> FakeExecution:
    return rover.send(area.TEST_STEERING, corner=corner, angle_rad=angle_rad, hold_s=hold_s)


@pytest.mark.parametrize(
    ("corner", "wanted"),
    [(CornerChoice.REAR_LEFT, (0.0, 0.0, 0.2, 0.0)), (CornerChoice.ALL, (0.2, 0.2, 0.2, 0.2))],
)
def test_a_corner_turns_is_held_and_told(corner: CornerChoice, wanted: tuple[float, ...]) -> None:
    """Motors have power for the test only, no wheel turns, and the event says how far it came."""
    rover = Rover(Mode.SERVICE)
    execution = steer(rover, corner, 0.2)
    rover.until(lambda: execution.ended or rover.turning, 10.0)

    assert execution.completed
    assert not rover.turning
    assert rover.steering.angle_rad == pytest.approx(wanted, abs=0.05)
    assert rover.loads.requested["motors"] is False
    told = rover.last(events.STEERING_TESTED)
    assert isinstance(told, events.SteeringTested)
    assert told.corner is corner
    assert told.angle_rad == pytest.approx(0.2, abs=0.05)


def test_a_steering_test_shows_in_housekeeping_and_excludes_a_wheel_test() -> None:
    rover = Rover(Mode.SERVICE)
    execution = steer(rover, CornerChoice.FRONT_LEFT, 0.1, hold_s=3.0)
    rover.cycle()

    assert rover.mobility.housekeeping().kind is MotionKind.STEERING_TEST
    other = rover.send(area.TEST_WHEEL, wheel=Wheel.REAR_LEFT, speed_rad_s=0.2, duration_s=1.0)
    assert other.failure is FailureCode.BUSY
    rover.until(lambda: execution.ended, 10.0)
    assert execution.completed


def test_a_corner_that_stays_fails_the_test() -> None:
    rover = Rover(Mode.SERVICE)
    rover.steering.stuck.add(1)
    execution = steer(rover, CornerChoice.FRONT_RIGHT, 0.3)
    rover.until(lambda: execution.ended, 15.0)

    assert (execution.failure, execution.detail) == (FailureCode.DEVICE, StopReason.STEERING)
    assert rover.loads.requested["motors"] is False


def test_a_wheel_that_turns_by_itself_ends_the_test_of_a_corner() -> None:
    """Its motor has power for the sake of the corner, and nobody has told it to turn."""
    rover = Rover(Mode.SERVICE)
    execution = steer(rover, CornerChoice.ALL, 0.3, hold_s=5.0)
    rover.stand(1.0)
    rover.wheels.runaway_rad_s[Wheel.REAR_RIGHT] = -1.0
    took_s = rover.until(lambda: execution.ended, 5.0)

    assert took_s <= 3.2  # wheel drives get two seconds to start
    assert (execution.failure, execution.detail) == (FailureCode.DEVICE, StopReason.RUNAWAY)
    assert rover.last(events.RUNAWAY) == events.WheelOnly(wheel=Wheel.REAR_RIGHT)
    assert rover.loads.requested["motors"] is False


def test_wheel_drives_that_do_not_answer_leave_the_corners_alone() -> None:
    """A corner can be tried out before the wheels are wired."""
    rover = Rover(Mode.SERVICE)
    rover.wheels.read_error = DeviceTimeout("no drives")
    execution = steer(rover, CornerChoice.ALL, 0.2, hold_s=5.0)
    asked = rover.wheels.reads
    rover.until(lambda: execution.ended, 10.0)
    assert execution.completed
    assert rover.events.count(events.WHEELS_LOST) == 0
    assert rover.wheels.reads - asked == 2, "one more, and health would look after them"


def test_a_masked_wheel_is_watched_in_its_test_too() -> None:
    """That is what the test is for: what works, and what does not."""
    rover = Rover(Mode.SERVICE)
    rover.mobility.restore(msgspec.structs.replace(rover.mobility.kept(), masked_wheels=(True,) + (False,) * 5))
    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.FRONT_LEFT, speed_rad_s=0.1, duration_s=2.0)
    rover.wheels.runaway_rad_s[Wheel.FRONT_LEFT] = 1.0
    rover.until(lambda: execution.ended, 5.0)
    assert execution.detail == StopReason.RUNAWAY


def test_a_steering_test_without_power_fails() -> None:
    rover = Rover(Mode.SERVICE)
    rover.loads.denied.add("motors")
    execution = steer(rover, CornerChoice.FRONT_RIGHT, 0.3)
    rover.until(lambda: execution.ended, 15.0)

    assert execution.detail == StopReason.POWER


@pytest.mark.parametrize("reason", [StopReason.COMMANDED, StopReason.MODE])
def test_stop_and_another_mode_end_a_steering_test(reason: StopReason) -> None:
    rover = Rover(Mode.SERVICE)
    execution = steer(rover, CornerChoice.ALL, 0.3, hold_s=5.0)
    rover.stand(0.5)
    if reason is StopReason.MODE:
        rover.modes.put(Mode.SAFE)
    else:
        rover.mobility.stop_now(rover.clock.now_ns())
    rover.cycle()
    commanded = len(rover.steering.commands)
    rover.stand(1.0)

    assert execution.detail == reason
    assert len(rover.steering.commands) == commanded


def test_corners_are_not_tested_with_cold_motors() -> None:
    rover = Rover(Mode.SERVICE)
    rover.warm = False
    rover.stand(1.0)

    assert steer(rover, CornerChoice.ALL, 0.1).failure is FailureCode.PRECONDITION


# Heaters.


def heat(bench: ThermalBench, heater: Heater, duration_s: float = 3.0) -> FakeExecution:
    execution = FakeExecution()
    bench.thermal.handlers()[TEST_HEATER.name](TestHeater(heater=heater, duration_s=duration_s), execution)
    return execution


@pytest.mark.parametrize("heater", list(Heater))
def test_one_heater_is_on_for_its_time_and_off_again(heater: Heater) -> None:
    bench = ThermalBench(Mode.SERVICE)
    execution = heat(bench, heater)
    bench.run(1)
    assert bench.on() == [heater.name.lower()]
    assert not execution.ended
    bench.run(3)
    assert bench.on() == []
    assert execution.completed


@pytest.mark.parametrize("stuck_at", [False, True])
def test_a_heater_switch_that_does_not_obey_fails_the_test(stuck_at: bool) -> None:
    bench = ThermalBench(Mode.SERVICE)
    bench.run(1)
    bench.heaters.stuck["motor_rear_left"] = stuck_at
    execution = heat(bench, Heater.MOTOR_REAR_LEFT)
    bench.run(5)

    assert (execution.failure, execution.detail) == (FailureCode.DEVICE, Heater.MOTOR_REAR_LEFT)


def test_a_heater_test_without_power_to_spare_is_refused() -> None:
    from telemetry_defs.areas import thermal

    bench = ThermalBench(Mode.SERVICE)
    bench.parameters.set(thermal.HEATER_BUDGET_W, 1.0)
    execution = heat(bench, Heater.BATTERY)
    bench.run(2)

    assert execution.failure is FailureCode.PRECONDITION
    assert bench.on() == []


def test_leaving_service_ends_a_heater_test_and_a_second_one_waits() -> None:
    bench = ThermalBench(Mode.SERVICE)
    execution = heat(bench, Heater.BATTERY, 10.0)
    bench.run(1)
    assert heat(bench, Heater.MOTOR_FRONT_LEFT).failure is FailureCode.BUSY
    bench.mode(Mode.SAFE)
    bench.run(1)

    assert execution.failure is FailureCode.ABORTED
    assert bench.on() == []


# Devices.


def answers(bench: HealthBench) -> dict[DeviceId, ProbeAnswer | None]:
    return dict(zip(DEVICES, bench.recovery.probing.housekeeping().answer, strict=True))


def test_every_device_is_asked_once_and_its_answer_kept() -> None:
    """Absent ones are told as such; nothing is counted as an error; the command ends with the round."""
    bench = HealthBench(absent=("sun_sensor", "plasma"))
    faults: dict[str, type[DeviceError]] = {"imu": DeviceTimeout, "wheels": NotReady, "array": BadReading}
    for name, fault in faults.items():
        bench.devices[name].fault = fault
    assert set(answers(bench).values()) == {None, ProbeAnswer.ABSENT}
    execution = bench.give(health.PROBE_DEVICES)
    bench.run_s(10)

    found = answers(bench)
    assert execution.completed
    assert {device.name.lower(): answer for device, answer in found.items() if answer is not ProbeAnswer.GOOD} == {
        "imu": ProbeAnswer.TIMEOUT,
        "wheels": ProbeAnswer.NOT_READY,
        "array": ProbeAnswer.BAD_READING,
        "sun_sensor": ProbeAnswer.ABSENT,
        "plasma": ProbeAnswer.ABSENT,
    }
    assert [bench.devices[name].reached for name in ("imu", "wheels", "steering", "loads")] == [1, 1, 1, 0]
    assert bench.record("imu").errors == 0


def test_a_critical_device_answers_unless_its_owner_met_an_error_meanwhile() -> None:
    bench = HealthBench()
    bench.in_use = {"temperatures": None, "loads": None}
    bench.run_s(1)
    bench.devices["loads"].fault = DeviceTimeout
    bench.give(health.PROBE_DEVICES)
    bench.run_s(10)

    assert answers(bench)[DeviceId.LOADS] is ProbeAnswer.TIMEOUT
    assert answers(bench)[DeviceId.TEMPERATURES] is ProbeAnswer.GOOD


def test_one_round_at_a_time_and_a_failed_row_ends_it() -> None:
    bench = HealthBench()
    first = bench.give(health.PROBE_DEVICES)
    assert bench.give(health.PROBE_DEVICES).failure is FailureCode.BUSY
    bench.recovery.make_safe()
    assert first.failure is FailureCode.INTERNAL
    again = bench.give(health.PROBE_DEVICES)
    bench.run_s(10)
    assert again.completed


# One lost answer on a busy bus.


@pytest.mark.parametrize("missed_cycles", [1, 3])
def test_a_command_and_a_reading_that_are_lost_do_not_end_a_wheel_test(missed_cycles: int) -> None:
    """As in a motion, it takes half a second without."""
    rover = Rover(Mode.SERVICE)
    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.REAR_LEFT, speed_rad_s=0.2, duration_s=1.5)
    rover.until(lambda: rover.turning, 5.0)
    rover.stand(0.4)
    rover.wheels.read_error = rover.wheels.command_error = DeviceTimeout("wheels")
    rover.stand(0.1 * missed_cycles)
    rover.wheels.read_error = rover.wheels.command_error = None
    rover.until(lambda: execution.ended, 5.0)

    assert execution.completed


def test_an_encoder_that_falls_silent_for_good_fails_a_wheel_test() -> None:
    rover = Rover(Mode.SERVICE)
    execution = rover.send(area.TEST_WHEEL, wheel=Wheel.REAR_LEFT, speed_rad_s=0.2, duration_s=2.0)
    rover.until(lambda: rover.turning, 5.0)
    rover.stand(0.8)
    rover.wheels.read_error = DeviceTimeout("wheels")
    rover.until(lambda: execution.ended, 5.0)

    assert execution.detail == StopReason.ENCODER
    assert not rover.turning


def test_a_steering_test_outlives_a_lost_answer_and_not_a_silent_chip() -> None:
    for cycles, reason in ((2, None), (20, StopReason.STEERING)):
        rover = Rover(Mode.SERVICE)
        execution = steer(rover, CornerChoice.ALL, 0.0, hold_s=3.0)
        rover.stand(1.0)
        rover.steering.error = DeviceTimeout("steering")
        rover.stand(0.1 * cycles)
        rover.steering.error = None
        rover.until(lambda: execution.ended, 10.0)  # noqa: B023 - called before the next turn

        assert execution.detail == reason
