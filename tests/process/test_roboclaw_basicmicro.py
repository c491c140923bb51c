"""The vendor's own library against the emulator, over a pseudo-terminal: both must have read the same manual."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from basicmicro import Basicmicro

from sim_hal.clock import SimClock
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from tests.process.served import behind_a_port

pytestmark = pytest.mark.process

BAUD = 115_200
PATIENCE_S = 10.0


class Bench:
    """Two units on one line, and the vendor's library at its other end."""

    def __init__(self, path: str, units: tuple[RoboclawUnit, ...], clock: SimClock) -> None:
        self.units = units
        self.clock = clock
        self.vendor = Basicmicro(path, BAUD, retries=5)
        assert self.vendor.Open()

    def until(self, met: Callable[[], bool], what: str) -> None:
        """Wait for something real."""
        end_s = time.monotonic() + PATIENCE_S
        while not met():
            assert time.monotonic() < end_s, what
            time.sleep(0.01)


@pytest.fixture
def bench() -> Iterator[Bench]:
    units = (RoboclawUnit(0x80), RoboclawUnit(0x81, wide=False, firmware="USB Roboclaw 2x7a v4.1.2"))
    clock = SimClock()
    with behind_a_port(clock, RoboclawBus(units), BAUD) as path:
        found = Bench(path, units, clock)
        yield found
        found.vendor.close()


def test_the_vendors_library_reads_what_the_unit_has(bench: Bench) -> None:
    """Version, battery, temperature, encoders, currents, timeout, velocity loop, status."""
    vendor = bench.vendor
    assert vendor.ReadVersion(0x80)[0]
    assert "USB Roboclaw 2x7a v4.2.8" in vendor.ReadVersion(0x80)[1]
    assert "v4.1.2" in vendor.ReadVersion(0x81)[1]
    assert vendor.ReadMainBatteryVoltage(0x80) == (True, 148)
    assert vendor.ReadTemp(0x80) == (True, 250)
    assert vendor.SetEncM1(0x80, 123_456)
    assert vendor.ReadEncM1(0x80) == (True, 123_456, 0)
    assert vendor.SetEncM2(0x80, 77)
    assert vendor.GetEncoders(0x80) == (True, 123_456, 77)
    assert vendor.ResetEncoders(0x80)
    assert vendor.GetEncoders(0x80) == (True, 0, 0)
    assert vendor.ReadCurrents(0x80) == (True, 0, 0)
    assert vendor.SetTimeout(0x80, 2.5)
    assert vendor.GetTimeout(0x80) == (True, 2.5)
    assert vendor.SetM1VelocityPID(0x80, 1.5, 0.25, 0.125, 3_000)
    assert vendor.ReadM1VelocityPID(0x80) == (True, 1.5, 0.25, 0.125, 3_000)
    assert vendor.SetM1MaxCurrent(0x80, 250, 0)
    assert vendor.ReadM1MaxCurrent(0x80)[:2] == (True, 250)
    assert vendor.ReadError(0x80) == (True, 0x2000_3000)


def test_a_unit_that_is_not_there_is_silent(bench: Bench) -> None:
    """The library gives up; the line works on."""
    bench.vendor._trystimeout = 1
    assert not bench.vendor.ReadVersion(0x87)[0]
    assert bench.vendor.ReadVersion(0x80)[0]


def test_speed_commands_turn_the_wheels_and_silence_stops_them(bench: Bench) -> None:
    """The library's speeds arrive with sign; when it falls silent for the timeout, the wheels stand."""
    vendor, unit = bench.vendor, bench.units[0]
    assert vendor.SetTimeout(0x80, 1.0)
    assert vendor.SpeedAccelM1M2(0x80, 3_000, 1_000, -500)
    bench.until(lambda: vendor.ReadSpeedM1(0x80)[1] > 950, "M1 turns forwards")
    bench.until(lambda: vendor.ReadSpeedM2(0x80)[2] == 1, "M2 turns backwards")
    assert unit.channels[1].demand == ("speed", -500.0, 3_000.0)
    amps = vendor.ReadCurrents(0x80)
    assert amps[0]
    assert amps[1] > 15
    count = vendor.ReadEncM1(0x80)[1]
    assert count > 0
    bench.until(lambda: unit.demand(0, bench.clock.now_ns()) == ("duty", 0.0, 0.0), "the timeout stops the wheels")
    bench.until(lambda: vendor.ReadSpeedM1(0x80) == (True, 0, 0), "M1 stands")
    standing = vendor.ReadEncM1(0x80)
    assert vendor.ReadEncM1(0x80) == standing


def test_duty_commands_of_the_library_arrive(bench: Bench) -> None:
    """Forwards, backwards, both."""
    vendor, unit = bench.vendor, bench.units[1]
    assert vendor.DutyM1(0x81, 16_384)
    assert unit.channels[0].demand.kind == "duty"
    assert unit.channels[0].demand.value == pytest.approx(0.5, abs=1e-4)
    assert vendor.DutyM1M2(0x81, -32_767, 0)
    assert [channel.demand.value for channel in unit.channels] == [-1.0, 0.0]
    assert vendor.SpeedM1M2(0x81, 0, 0)
    assert bench.units[0].just_started
