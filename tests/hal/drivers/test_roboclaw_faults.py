"""Units that fail in every known way: no call stalls, nothing is made up, and all is well afterwards."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from hal.api.clock import NS_PER_MS, Clock
from hal.api.errors import DeviceError, DeviceTimeout, NotReady
from hal.api.values import WheelReadings
from hal.buses.api import SerialBus
from hal.drivers.roboclaw_wheels import RoboClawWheels
from sim_hal.buses.reply_faults import Only, babble, corrupted, followed_by, late, preceded_by, silence, truncated
from sim_hal.buses.serial import ReplyFault
from tests.hal.drivers.roboclaw_bench import FORWARD, HOLD_NS, OF_UNIT, STILL, WIRING, Drives

BUDGET_MS = 60.0
FAULTS: tuple[ReplyFault, ...] = (
    silence,
    late(12 * NS_PER_MS),
    late(100 * NS_PER_MS),
    late(103 * NS_PER_MS),
    truncated(0),
    truncated(1),
    truncated(5),
    corrupted(0),
    corrupted(-1, 0x01),
    followed_by(b"\xff"),
    followed_by(b"\xff", 2 * NS_PER_MS),
    preceded_by(b"\xff"),
    preceded_by(b"\x00" * 40),
)


def _true(reading: WheelReadings, drives: Drives) -> bool:
    """Whether every value that is there is what the motors of `Drives(motors=True)` do."""
    found = zip(reading.angle_rad, reading.speed_rad_s, reading.current_a, strict=True)
    truths = {
        column: motor
        for pair, columns in zip(drives.motors, OF_UNIT, strict=True)
        for motor, column in zip(pair, columns, strict=True)
    }
    signs = (1, -1, 1, -1, 1, -1)
    scale = WIRING.counts_per_rad
    for column, (angle, speed, amps) in enumerate(found):
        motor, sign = truths[column], signs[column]
        if angle is None:
            if speed is not None or amps is not None:
                return False
        elif (round(angle * scale * sign), round((speed or 0.0) * scale * sign), round((amps or 0.0) * 100)) != (
            motor.at,
            round(motor.rate),
            round(motor.amps * 100),
        ):
            return False
    return True


def _standing() -> Drives:
    """Motors at numbers of their own, so that no reading fits another wheel."""
    drives = Drives(motors=True, budget_ms=BUDGET_MS)
    for number, motor in enumerate(motor for pair in drives.motors for motor in pair):
        motor.at, motor.rate, motor.amps = 1000 + 7 * number, 30.0 + number, 0.5 + 0.01 * number
    return drives


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_failing_unit_costs_its_own_wheels_and_recovers(fault: ReplyFault, number: int) -> None:
    """No call takes longer than the bus may, no value is untrue, and two seconds after the fault all are back."""
    drives = _standing()
    drives.cycles(3, STILL)
    drives.units[number].fault = fault
    for _ in range(30):
        start_ns = drives.now_ns
        for call in (drives.wheels.read, lambda: drives.wheels.command(STILL, HOLD_NS)):
            try:
                found = call()
            except DeviceError:
                continue
            if found is not None:
                assert _true(found, drives)
        assert drives.now_ns - start_ns <= (BUDGET_MS + 1.0) * NS_PER_MS
        drives.bench.plug.sleep_until_ns(start_ns + 100 * NS_PER_MS)
    drives.units[number].fault = None
    drives.cycles(20, STILL)
    reading = drives.wheels.read()
    assert None not in reading.angle_rad
    assert _true(reading, drives)
    assert drives.wheels.faults() == ()


@settings(max_examples=40)
@given(st.integers(0, 60), st.integers(1, 3), st.integers(0, 30), st.integers(1, 255))
def test_no_changed_byte_of_any_answer_is_read_as_truth(after: int, count: int, index: int, mask: int) -> None:
    """Any byte, any answer of set-up, reading or command: None, an error, or the true value; then all is well."""
    drives = _standing()
    drives.line.fault = Only(corrupted(index, mask), after=after, count=count)
    for found in drives.cycles(8, STILL):
        assert isinstance(found, DeviceError) or _true(found, drives)
    drives.pass_s(1.0)
    assert None not in drives.wheels.read().angle_rad


@pytest.mark.parametrize("number", range(3))
def test_the_other_wheels_are_read_while_one_unit_is_silent(number: int) -> None:
    """Four of six."""
    drives = _standing()
    drives.cycles(3)
    drives.units[number].fault = silence
    for found in drives.cycles(10):
        assert isinstance(found, WheelReadings)
        assert [n for n, angle in enumerate(found.angle_rad) if angle is None] == sorted(OF_UNIT[number])


def test_three_dead_units_cost_little() -> None:
    """At first one timeout each; left alone, next to nothing on average."""
    drives = Drives()
    drives.cycles(3, STILL)
    drives.line.fault = silence
    start_ns = drives.now_ns
    with pytest.raises(DeviceTimeout, match=r"0x80 on uart: status: no answer; .*0x81.*; .*0x82"):
        drives.wheels.read()
    assert drives.now_ns - start_ns <= 45 * NS_PER_MS
    with pytest.raises(DeviceTimeout):
        drives.wheels.command(FORWARD, HOLD_NS)
    assert drives.now_ns - start_ns <= 50 * NS_PER_MS
    drives.cycles(30, STILL)
    spent_ns = 0
    for _ in range(100):
        begin_ns = drives.now_ns
        with pytest.raises(DeviceTimeout):
            drives.wheels.read()
        spent_ns += drives.now_ns - begin_ns
        drives.bench.plug.sleep_until_ns(begin_ns + 100 * NS_PER_MS)
    assert spent_ns / 100 < 3 * NS_PER_MS
    drives.line.fault = None
    drives.cycles(20, STILL)
    assert None not in drives.wheels.read().angle_rad


def test_a_command_that_a_unit_does_not_take_fails_after_all_were_told() -> None:
    """The first is silent; the others have it."""
    drives = Drives()
    drives.cycles(2, STILL)
    drives.units[0].fault = silence
    with pytest.raises(DeviceTimeout, match=r"^wheels: unit 0x80 on uart: speed: no answer$"):
        drives.wheels.command(FORWARD, HOLD_NS)
    assert {kind for kind, _ in drives.demands()[2:]} == {"speed"}


def test_a_dead_unit_that_never_moved_does_not_keep_the_others_from_driving() -> None:
    """Its wheels masked to zero, the command succeeds; not so for a unit that may still be turning."""
    masked = tuple(0.0 if column in OF_UNIT[0] else 0.5 for column in range(6))
    drives = Drives()
    drives.units[0].power(False, 0)
    drives.cycles(3)
    drives.wheels.command(masked, HOLD_NS)
    drives = Drives()
    drives.cycles(2, FORWARD)
    drives.units[0].fault = silence
    with pytest.raises(DeviceTimeout):
        drives.wheels.command(masked, HOLD_NS)
    with pytest.raises(DeviceTimeout, match="left alone for now"):
        drives.wheels.command(masked, HOLD_NS)
    drives.units[0].fault = None
    drives.pass_s(0.2)
    drives.wheels.command(masked, HOLD_NS)
    drives.units[0].fault = silence
    drives.pass_s(0.1)
    drives.wheels.command(masked, HOLD_NS)


def test_make_safe_tries_every_unit_each_time() -> None:
    """Also one that is being left alone; it raises as long as one that may turn has not confirmed."""
    drives = Drives()
    drives.cycles(2, FORWARD)
    drives.units[1].fault = silence
    for _ in range(5):
        heard = drives.units[1].channels[0].demand
        with pytest.raises(DeviceTimeout, match=r"unit 0x81 on uart: duty: no answer"):
            drives.wheels.make_safe()
    assert heard.value == 0.0
    assert drives.demands() == (("duty", 0.0),) * 6
    drives.units[1].fault = None
    drives.wheels.make_safe()
    assert None not in drives.wheels.read().angle_rad
    drives.units[1].fault = silence
    drives.wheels.make_safe()


def test_the_end_of_a_hold_is_tried_until_every_unit_has_confirmed() -> None:
    """The stop's acknowledgements are lost for a while."""
    drives = Drives()
    drives.wheels.command(FORWARD, 100 * NS_PER_MS)
    drives.units[2].fault = silence
    drives.cycles(4)
    drives.units[2].fault = None
    drives.cycles(20)
    drives.units[2].fault = silence
    drives.wheels.make_safe()


def test_a_unit_that_started_anew_is_set_up_again_and_its_angle_goes_on() -> None:
    """A brown-out of one unit: no step in the angle, no turning on old settings, four wheels never missed."""
    drives = Drives()
    drives.cycles(10, FORWARD)
    before = drives.wheels.read()
    unit = drives.units[0]
    unit.power(False, drives.now_ns)
    unit.power(True, drives.now_ns)
    assert unit.settings.timeout_tenths == 0
    found = drives.cycles(6)
    for reading in found:
        assert isinstance(reading, WheelReadings)
        for column in OF_UNIT[0]:
            angle, last = reading.angle_rad[column], before.angle_rad[column]
            assert angle is None or (last is not None and angle == pytest.approx(last, abs=0.05))
    assert unit.settings.timeout_tenths == 5
    last_found = found[-1]
    assert isinstance(last_found, WheelReadings)
    assert None not in last_found.angle_rad


def test_a_restart_that_status_does_not_tell_is_seen_by_the_timeout() -> None:
    """Old firmware has no such bit; within three readings the unit stops by itself again when the line is silent."""
    drives = Drives(old=True)
    drives.cycles(5, FORWARD)
    before = drives.wheels.read().angle_rad[OF_UNIT[1][0]]
    unit = drives.units[1]
    unit.power(False, drives.now_ns)
    unit.power(True, drives.now_ns)
    for _ in range(6):
        drives.cycles(1)
    assert unit.settings.timeout_tenths == 5
    angle = drives.wheels.read().angle_rad[OF_UNIT[1][0]]
    assert angle is not None
    assert before is not None
    assert abs(angle - before) < 0.7


def test_a_unit_off_for_a_while_comes_back_where_it_was() -> None:
    """Its wheels are None while it is off; then the angle goes on from the last one."""
    drives = Drives()
    drives.cycles(10, FORWARD)
    drives.wheels.make_safe()
    drives.pass_s(0.2)
    before = drives.wheels.read().angle_rad
    drives.units[0].power(False, drives.now_ns)
    drives.cycles(10)
    drives.units[0].power(True, drives.now_ns)
    drives.cycles(20)
    assert drives.wheels.read().angle_rad == pytest.approx(before)


def test_a_stuck_encoder_is_read_as_it_is() -> None:
    """The driver makes nothing up: it stands, at no speed, and the current is seen."""
    drives = Drives()
    drives.cycles(5, FORWARD)
    column = OF_UNIT[0][0]
    drives.units[0].channels[0].stuck_at = drives.units[0].count(0)
    stuck = drives.wheels.read()
    drives.cycles(5, FORWARD)
    after = drives.wheels.read()
    assert after.angle_rad[column] == stuck.angle_rad[column]
    assert after.speed_rad_s[column] == 0.0
    assert (after.current_a[column] or 0.0) > 0.3


def test_a_dead_channel_stands() -> None:
    """Its neighbour turns."""
    drives = Drives()
    drives.units[0].channels[0].dead = True
    drives.cycles(10, FORWARD)
    reading = drives.wheels.read()
    assert reading.speed_rad_s[OF_UNIT[0][0]] == 0.0
    assert reading.speed_rad_s[OF_UNIT[0][1]] == pytest.approx(0.5, abs=0.02)


def test_babble_never_stalls_and_is_over_when_it_is_over() -> None:
    """A unit that talks all the time may spoil every answer; each cycle ends in time all the same."""
    drives = _standing()
    drives.cycles(3, STILL)
    timer = babble(drives.bench.clock, drives.line, b"\xff\x00\x55" * 20, 6 * NS_PER_MS)
    for _ in range(30):
        start_ns = drives.now_ns
        try:
            assert _true(drives.wheels.read(), drives)
            drives.wheels.command(STILL, HOLD_NS)
        except DeviceError:
            pass
        assert drives.now_ns - start_ns <= (BUDGET_MS + 1.0) * NS_PER_MS
        drives.bench.plug.sleep_until_ns(start_ns + 100 * NS_PER_MS)
    timer.cancel()
    drives.cycles(25, STILL)
    assert None not in drives.wheels.read().angle_rad


def test_two_units_at_one_address_are_not_read() -> None:
    """Their answers collide on the wire, so neither's wheels have values; the third unit's have."""
    drives = Drives(motors=True, addresses=(0x80, 0x81, 0x81))
    for number, motor in enumerate(motor for pair in drives.motors for motor in pair):
        motor.at += 12_345 * (number + 1)
    for reading in drives.cycles(8):
        assert isinstance(reading, WheelReadings)
        assert [n for n, angle in enumerate(reading.angle_rad) if angle is not None] == sorted(OF_UNIT[0])
    assert any("0x81" in text and "CRC" in text for text in drives.wheels.faults())


@settings(max_examples=150)
@given(st.integers(0, 26), st.integers(0, 130_000))
def test_an_answer_that_comes_a_cycle_late_is_never_read(after: int, extra_us: int) -> None:
    """One answer delayed by anything up to more than a cycle, while every count and speed changes each cycle."""
    drives = _standing()
    drives.cycles(3)
    drives.line.fault = Only(late(extra_us * 1_000), after=after)
    for _ in range(6):
        for pair in drives.motors:
            for motor in pair:
                motor.at += 3
                motor.rate += 1.0
        for found in drives.cycles(1):
            assert isinstance(found, DeviceError) or _true(found, drives)
    drives.pass_s(1.0)
    assert None not in drives.wheels.read().angle_rad


class Lagging:
    """The computer is held up for 3 ms before each request; otherwise the bus it is given."""

    def __init__(self, bus: SerialBus, clock: Clock) -> None:
        self._bus, self._clock = bus, clock
        self.name, self.byte_ns = bus.name, bus.byte_ns
        self.write, self.read = bus.write, bus.read

    def drop_input(self) -> int:
        self._clock.sleep_until_ns(self._clock.now_ns() + 3 * NS_PER_MS)
        return self._bus.drop_input()


class OldFirst:
    """Sends the counts of the reading before once more, ahead of the true ones."""

    def __init__(self) -> None:
        self._long: list[bytes] = []

    def __call__(self, data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
        if len(data) != 10:
            return [(data, delay_ns)]
        self._long.append(data)
        again = [(self._long[0], delay_ns)] if len(self._long) == 3 else []
        return [*again, (data, delay_ns)]


def test_an_older_answer_that_pushes_in_is_found_out_by_the_true_one_behind_it() -> None:
    """Its CRC is good and it is the same unit's answer to the same request."""
    drives = _standing()
    drives.wheels = RoboClawWheels(Lagging(drives.bus, drives.bench.plug), WIRING, drives.bench.plug, lambda: True)
    drives.wheels.read()
    drives.units[0].fault = OldFirst()
    for _ in range(4):
        drives.motors[0][0].at += 5
        drives.pass_s(0.3)
        assert _true(drives.wheels.read(), drives)


def test_a_bus_without_time_left_costs_no_unit_its_place() -> None:
    """Set-up goes on where it stopped; in the end all wheels are read."""
    drives = Drives(budget_ms=34.0)
    found = drives.cycles(8)
    last = found[-1]
    assert isinstance(last, WheelReadings)
    assert None not in last.angle_rad
    assert {unit.settings.timeout_tenths for unit in drives.units} == {5}


def test_a_line_that_is_pulled_out_is_told_and_comes_back() -> None:
    """All units down; the port named."""
    drives = Drives()
    drives.cycles(2)
    drives.line.unplugged = True
    with pytest.raises(DeviceTimeout, match="unplugged"):
        drives.wheels.read()
    drives.line.unplugged = False
    drives.cycles(10)
    assert None not in drives.wheels.read().angle_rad


def test_supply_lost_while_the_driver_does_not_know() -> None:
    """All units off: one error, then set up anew."""
    drives = Drives()
    drives.cycles(3, FORWARD)
    for unit in drives.units:
        unit.power(False, drives.now_ns)
    assert all(isinstance(found, DeviceError) for found in drives.cycles(5))
    drives.fed = False
    with pytest.raises(NotReady):
        drives.wheels.read()
    drives.fed = True
    for unit in drives.units:
        unit.power(True, drives.now_ns)
    drives.wheels.command(FORWARD, HOLD_NS)
    assert None not in drives.wheels.read().angle_rad
