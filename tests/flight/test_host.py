"""What flight tells of its own computer and to the process that it runs as."""

from __future__ import annotations

import pytest

from hal.api.process import Level
from hal.api.values import HostReading
from telemetry_defs.areas import system
from telemetry_defs.codec import Codecs
from tests.flight.board_bench import NotedProcess, board, flight_on


class Host:
    """Implements `hal.api.devices.Host`."""

    def __init__(self, reading: HostReading) -> None:
        self.reading = reading

    def read(self) -> HostReading:
        return self.reading


def _report(flags: int | None, temperature_c: float | None = 51.25, free: int | None = 2_500_000_000) -> system.HostHk:
    reading = HostReading(time_ns=0, cpu_temperature_c=temperature_c, throttle_flags=flags, disk_free_bytes=free)
    flight = flight_on(board(host=Host(reading)), 20)
    report = flight.providers[system.HOST_HK.name]()
    assert isinstance(report, system.HostHk)
    codec = Codecs().of(system.HostHk)
    return codec.unpack(codec.pack(report))


@pytest.mark.parametrize(
    ("flags", "under_voltage", "throttled"),
    [
        (0, False, False),
        (0x1, True, False),
        (0x2, False, True),
        (0x4, False, True),
        (0x8, False, True),
        (0x50005, True, True),
        (0xF0000, False, False),
        (None, None, None),
    ],
)
def test_the_flags_of_the_firmware_are_told_apart(
    flags: int | None, under_voltage: bool | None, throttled: bool | None
) -> None:
    """Those of the past are in the raw word only."""
    report = _report(flags)
    assert (report.under_voltage, report.throttled, report.throttle_flags) == (under_voltage, throttled, flags)


def test_temperature_room_and_age_come_down_in_their_units() -> None:
    report = _report(0)
    assert report.cpu_temperature_c == pytest.approx(51.25)
    assert report.disk_free_mb == pytest.approx(2500.0)
    assert report.age_s == pytest.approx(2.0, abs=0.2)


def test_what_the_computer_cannot_tell_is_no_value() -> None:
    report = _report(None, None, None)
    assert (report.cpu_temperature_c, report.disk_free_mb) == (None, None)


def test_a_board_without_a_host_sends_no_report() -> None:
    assert flight_on(board()).providers[system.HOST_HK.name]() is None


def test_the_slack_is_offered_once_a_cycle_before_the_deadline() -> None:
    """The loop sleeps until the very time that it names."""
    process = NotedProcess()
    flight = flight_on(board(process=process), 5)
    assert len(process.slacks) == 5
    assert process.slacks[-1] == flight.core.clock.now_ns()
    assert [later - earlier for earlier, later in zip(process.slacks, process.slacks[1:], strict=False)] == [10**8] * 4


def test_events_of_weight_reach_the_journal_with_their_fields_and_others_do_not() -> None:
    """High as errors, medium as warnings, bounded by the throttle of the reports."""
    process = NotedProcess()
    flight = flight_on(board(process=process))
    process.lines.clear()
    events = flight.core.events
    events.emit(system.RESTARTING)
    events.emit(system.STATE_LOST, system.StateLost(name=b"state"))
    assert process.lines == [(_level(system.STATE_LOST.severity), "system.state_lost name='state'")]
    for _ in range(100):
        events.emit(system.STATE_LOST, system.StateLost(name=b"state"))
    assert len(process.lines) < 10


def _level(severity: int) -> Level:
    return {3: Level.WARNING, 4: Level.ERROR}[severity]
