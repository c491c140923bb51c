"""Six wheels behind three RoboClaws: readings, commands, holds, and setting the units up."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.api.wiring import WheelsWiring
from tests.hal.drivers.roboclaw_bench import (
    COUNTS_PER_RAD,
    FORWARD,
    HOLD_NS,
    OF_UNIT,
    STILL,
    WIRING,
    Drives,
)


@pytest.fixture
def drives() -> Drives:
    return Drives()


def test_wheels_turn_as_told_and_are_read_in_their_order(drives: Drives) -> None:
    """Each wheel at a speed of its own, through signs and channels of its unit."""
    speeds = (0.1, -0.2, 0.3, -0.4, 0.5, -0.6)
    for _ in range(10):
        drives.wheels.command(speeds, HOLD_NS)
        drives.pass_s(0.1)
    reading = drives.wheels.read()
    assert reading.time_ns == drives.now_ns
    assert reading.speed_rad_s == pytest.approx(speeds, abs=1.0 / COUNTS_PER_RAD)
    for angle, speed in zip(reading.angle_rad, speeds, strict=True):
        assert angle is not None
        assert math.copysign(1.0, angle) == math.copysign(1.0, speed)
        assert abs(angle) == pytest.approx(abs(speed) * 1.2, rel=0.2)
    assert all(amps is not None and amps > 0.1 for amps in reading.current_a)


def test_speeds_go_out_rounded_alike_both_ways() -> None:
    """Half a count is rounded away from zero, forwards and backwards."""
    drives = Drives()
    half = 0.5 / COUNTS_PER_RAD
    drives.wheels.command(
        (10.5 / COUNTS_PER_RAD + 1e-9, 0.0, -10.5 / COUNTS_PER_RAD - 1e-9, half * 0.99, 0.0, 0.0), HOLD_NS
    )
    values = dict(zip(("fl", "ml", "rr", "rl", "fr", "mr"), (value for _, value in drives.demands()), strict=True))
    assert values == {"fl": 11.0, "ml": -11.0, "rr": 0.0, "rl": 0.0, "fr": 0.0, "mr": 0.0}


@given(st.floats(-20.0, 20.0))
def test_both_ways_are_alike(speed: float) -> None:
    """A command and its mirror image differ in nothing but sign, whatever the wiring's signs."""
    drives = Drives()
    drives.wheels.command((speed, speed, -speed, -speed, speed, -speed), HOLD_NS)
    sizes = {abs(value) for _, value in drives.demands()}
    assert len(sizes) == 1
    assert sizes.pop() == pytest.approx(abs(speed) * COUNTS_PER_RAD, abs=0.5001)


@given(st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=6), st.sampled_from((0, 2**31 - 7, 2**32 - 3, -5)))
def test_angles_go_on_over_the_wrap_of_the_counter(steps: list[int], start: int) -> None:
    """Counts are unwrapped in both directions, a step back by one included."""
    drives = Drives(motors=True)
    motor = drives.motors[0][0]
    channel = drives.units[0].channels[0]
    channel.zero = -start
    first = drives.wheels.read().angle_rad[0]
    assert first is not None
    expected = (start + 2**31) % 2**32 - 2**31
    for step in [*steps, -1]:
        motor.at += step
        expected += step
        drives.pass_s(2.0)
        assert drives.wheels.read().angle_rad[0] == pytest.approx(expected / COUNTS_PER_RAD)


@pytest.mark.parametrize(
    "speeds", [(0.1,) * 5, (0.1,) * 7, (math.nan,) * 6, (math.inf, *STILL[1:]), (0.0, 200.0, *STILL[2:])]
)
def test_commands_that_make_no_sense_are_refused_and_nothing_is_sent(drives: Drives, speeds: tuple[float, ...]) -> None:
    """A wrong number of wheels, no number, beyond any wheel."""
    with pytest.raises(BadReading, match="wheels: "):
        drives.wheels.command(speeds, HOLD_NS)
    assert drives.now_ns == 0


def test_set_up_arms_the_serial_timeout_and_stores_nothing() -> None:
    """Timeout of each unit, current limit where one is wired; the unit's own memory stays as it was."""
    wiring = WheelsWiring(
        bus="uart", counts_per_rad=COUNTS_PER_RAD, timeout_s=0.75, current_limit_a=1.5, units=WIRING.units
    )
    drives = Drives(wiring)
    before = [unit.nvm for unit in drives.units]
    drives.wheels.read()
    assert [unit.settings.timeout_tenths for unit in drives.units] == [7, 7, 7]
    assert {unit.settings.max_current for unit in drives.units} == {((150, 0), (150, 0))}
    assert [unit.nvm for unit in drives.units] == before


def test_without_supply_nothing_is_sent_and_everything_is_forgotten(drives: Drives) -> None:
    """Not ready; afterwards units are set up anew and angles count from zero again."""
    drives.cycles(5, FORWARD)
    assert drives.wheels.read().angle_rad[0] != 0.0
    drives.fed = False
    for unit in drives.units:
        unit.power(False, drives.now_ns)
    now_ns = drives.now_ns
    for call in (drives.wheels.read, lambda: drives.wheels.command(FORWARD, HOLD_NS)):
        with pytest.raises(NotReady):
            call()
    drives.wheels.make_safe()
    assert drives.now_ns == now_ns
    drives.fed = True
    drives.pass_s(0.5)
    for unit in drives.units:
        unit.power(True, drives.now_ns)
    assert drives.wheels.read().angle_rad == STILL
    assert {unit.settings.timeout_tenths for unit in drives.units} == {5}


def test_the_end_of_a_hold_stops_the_wheels_though_the_line_is_busy(drives: Drives) -> None:
    """Reading keeps the units awake; the driver itself sends zero."""
    drives.wheels.command(FORWARD, 300 * NS_PER_MS)
    drives.cycles(2)
    assert {kind for kind, _ in drives.demands()} == {"speed"}
    drives.cycles(3)
    assert drives.demands() == (("duty", 0.0),) * 6


def test_no_hold_outlasts_the_wired_timeout(drives: Drives) -> None:
    """Asked for a minute, given half a second."""
    drives.wheels.command(FORWARD, 60_000 * NS_PER_MS)
    drives.cycles(7)
    assert drives.demands() == (("duty", 0.0),) * 6


def test_a_silent_computer_stops_the_wheels(drives: Drives) -> None:
    """No byte for the timeout, and the units stop by themselves; they do not go on when bytes come again."""
    drives.cycles(3, FORWARD)
    drives.pass_s(0.3)
    assert {kind for kind, _ in drives.demands()} == {"speed"}
    drives.pass_s(0.4)
    assert drives.demands() == (("duty", 0.0),) * 6
    drives.wheels.read()
    assert drives.demands() == (("duty", 0.0),) * 6


def test_made_safe_every_bridge_is_at_zero(drives: Drives) -> None:
    """Also before anything was set up."""
    drives.wheels.make_safe()
    drives.cycles(3, FORWARD)
    drives.wheels.make_safe()
    assert drives.demands() == (("duty", 0.0),) * 6


def test_readings_beyond_any_wheel_are_none() -> None:
    """A speed, a current, a jump of the encoder; the neighbour on the same unit is read."""
    drives = Drives(motors=True)
    drives.wheels.read()
    (m1, m2), column, other = drives.motors[1], OF_UNIT[1][0], OF_UNIT[1][1]
    for attribute, value in (("rate", 1e6), ("amps", 40.0), ("at", 10_000_000)):
        drives.pass_s(0.1)
        before = getattr(m1, attribute)
        setattr(m1, attribute, value)
        reading = drives.wheels.read()
        assert (reading.angle_rad[column], reading.speed_rad_s[column], reading.current_a[column]) == (None,) * 3
        assert reading.angle_rad[other] == m2.at
        if attribute != "at":
            setattr(m1, attribute, before)
    drives.pass_s(0.1)
    assert drives.wheels.read().angle_rad[column] == 0.0


def test_current_is_a_size() -> None:
    """A unit's sign for a motor that turns backwards is not relied on."""
    drives = Drives(motors=True)
    drives.motors[0][0].amps = -1.25
    assert drives.wheels.read().current_a[OF_UNIT[0][0]] == 1.25


def test_old_firmware_is_read_by_other_commands() -> None:
    """Without 78 and 79, with 16 bits of status: found out once, then as quick as can be."""
    drives = Drives(old=True)
    first_ns = drives.now_ns
    drives.wheels.read()
    learning_ns = drives.now_ns - first_ns
    second_ns = drives.now_ns
    drives.wheels.command(FORWARD, HOLD_NS)
    drives.pass_s(0.4)
    start_ns = drives.now_ns
    reading = drives.wheels.read()
    assert drives.now_ns - start_ns < 35 * NS_PER_MS < learning_ns
    assert reading.speed_rad_s == pytest.approx(FORWARD, abs=0.02)
    assert second_ns > first_ns


def test_a_healthy_cycle_takes_its_time_on_the_wire(drives: Drives) -> None:
    """One reading and one command of all six at 115200 baud."""
    drives.wheels.read()
    start_ns = drives.now_ns
    drives.wheels.read()
    drives.wheels.command(FORWARD, HOLD_NS)
    assert drives.now_ns - start_ns < 32 * NS_PER_MS


def test_an_emergency_stop_refuses_motion_but_not_standing_still(drives: Drives) -> None:
    """Readings go on, faults name it, a command to move is refused and stops the other units; zero passes."""
    drives.cycles(3, FORWARD)
    drives.units[2].press_stop(True, drives.now_ns)
    drives.pass_s(0.01)
    assert None not in drives.wheels.read().angle_rad
    assert drives.wheels.faults() == ("unit 0x82 on uart: emergency stop",)
    assert [kind for kind, _ in drives.demands()] == ["speed"] * 4 + ["off"] * 2
    with pytest.raises(NotReady, match=r"unit 0x82 on uart: outputs are off \(emergency stop\)"):
        drives.wheels.command(FORWARD, HOLD_NS)
    assert drives.demands()[:4] == (("duty", 0.0),) * 4
    drives.wheels.command(STILL, HOLD_NS)
    drives.units[2].press_stop(False, drives.now_ns)
    with pytest.raises(NotReady):
        drives.wheels.command(FORWARD, HOLD_NS)
    drives.units[2].reset_stop()
    drives.wheels.command(FORWARD, HOLD_NS)
    assert {kind for kind, _ in drives.demands()} == {"speed"}


def test_another_device_at_an_address_takes_only_its_own_wheels(drives: Drives) -> None:
    """Whatever it is, it is not driven and not read."""
    drives.units[0].firmware = "MCP266 v1.0.0"
    reading = drives.wheels.read()
    assert [angle is None for angle in reading.angle_rad] == [True, False, True, False, False, False]
    assert drives.wheels.faults() == ("unit 0x80 on uart: expected a RoboClaw, not 'MCP266 v1.0.0'",)
    with pytest.raises(DeviceTimeout, match="expected a RoboClaw"):
        drives.wheels.command(FORWARD, HOLD_NS)
    assert drives.demands()[:2] == (("duty", 0.0),) * 2
