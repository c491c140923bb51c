"""A boot is called healthy once it has proved so: cycles, rows, storage, a radio; not before, and no peer needed."""

from __future__ import annotations

import msgspec

from hal.api.errors import DriverDefect
from hal.api.values import RadioStatus, ResetCause, TemperatureReadings
from telemetry_defs.areas.health import DeviceId
from tests.fakes.context import FakeClock
from tests.fakes.radio import FakeRadio
from tests.fakes.storage import FakeStorage
from tests.flight.board_bench import NotedWatchdog, board, flight_on, run

ENOUGH = 130
"""Cycles: the hundred, and the next looks after them."""
ANOTHER_LOOK = 110


class FailingSensors:
    """Not a device error: a defect of their driver."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self) -> TemperatureReadings:
        self.reads += 1
        raise ZeroDivisionError


class RaisingRow:
    """A defect in a row itself."""

    def tick(self, now_ns: int) -> None:
        raise ZeroDivisionError

    def make_safe(self) -> None:
        """It has no outputs."""


def _silent_radio() -> FakeRadio:
    radio = FakeRadio(FakeClock(), (1e6,))
    radio.silent = True
    return radio


def test_a_healthy_boot_is_told_once_after_a_hundred_cycles() -> None:
    """Nobody on the ground has said a word."""
    watchdog = NotedWatchdog()
    flight = flight_on(board(watchdog=watchdog), 99)
    assert watchdog.ready_told == []
    run(flight, ENOUGH)
    assert watchdog.ready_told == [False]


def test_a_boot_whose_writes_do_not_become_durable_is_not_healthy() -> None:
    """Until they do."""
    watchdog, storage = NotedWatchdog(), FakeStorage()
    storage.never_syncs = True
    flight = flight_on(board(watchdog=watchdog, storage=storage), ENOUGH)
    assert watchdog.ready_told == []
    assert watchdog.strokes > 10  # it is alive all the same

    storage.never_syncs = False
    storage.request_sync()
    run(flight, ANOTHER_LOOK)
    assert watchdog.ready_told == [False]


def test_a_boot_without_a_radio_that_answers_is_not_healthy() -> None:
    """One is enough, and it may come later."""
    watchdog, radios = NotedWatchdog(), (_silent_radio(), _silent_radio())
    flight = flight_on(board(watchdog=watchdog, radio_local=radios[0], radio_relay=radios[1]), ENOUGH)
    assert watchdog.ready_told == []

    radios[1].silent = False
    run(flight, ANOTHER_LOOK)
    assert watchdog.ready_told == [False]


class CountedRadio(FakeRadio):
    """Dead, and counts how often it is asked for its status."""

    def __init__(self) -> None:
        super().__init__(FakeClock(), (1e6,))
        self.silent = True
        self.asked = 0

    def status(self) -> RadioStatus:
        self.asked += 1
        return super().status()


def test_a_dead_radio_is_hardly_asked_more_often_for_it() -> None:
    """Its owner backs off to minutes; readiness asks every ten seconds."""
    local, relay = CountedRadio(), CountedRadio()
    flight = flight_on(board(watchdog=NotedWatchdog(), radio_local=local, radio_relay=relay), 600)
    before = local.asked
    run(flight, 600)
    assert 1 <= local.asked - before <= 12


def test_a_boot_with_a_critical_row_down_is_not_healthy() -> None:
    """Thermal raises each time it runs."""
    watchdog = NotedWatchdog()
    flight = flight_on(board(watchdog=watchdog), 1)
    thermal = flight.executive.rows["thermal"]
    thermal.slot = msgspec.structs.replace(thermal.slot, factory=RaisingRow)
    thermal.row = RaisingRow()
    run(flight, ENOUGH)
    assert thermal.failures > 1
    assert watchdog.ready_told == []


def test_a_boot_with_a_defect_in_a_driver_lives_on_and_approves_nothing() -> None:
    """Its device is a failing one, and every row is well; but a version of the software with that is none to keep."""
    watchdog, sensors = NotedWatchdog(), FailingSensors()
    flight = flight_on(board(watchdog=watchdog, temperatures=sensors), ENOUGH)
    assert sensors.reads > 1
    assert flight.executive.all_running()
    assert watchdog.ready_told == [True]


def test_a_defect_in_a_payload_keeps_no_version_from_approval() -> None:
    """Science waits; the rest is better than what was there before."""
    watchdog = NotedWatchdog()
    flight = flight_on(board(watchdog=watchdog), 1)
    plasma = flight.core.devices.records[DeviceId.PLASMA]
    flight.core.devices.failed(plasma, DriverDefect("plasma", "TypeError in plasma.py:7: a slip"))
    run(flight, ENOUGH)
    assert watchdog.ready_told == [False]


def test_a_minimal_boot_says_that_it_is_one() -> None:
    """It is healthy, but approves no version."""
    watchdog = NotedWatchdog()
    flight = flight_on(board(watchdog=watchdog, reset_cause=ResetCause.CRASH), ENOUGH)
    assert flight.boot.minimal
    assert watchdog.ready_told == [True]


def test_a_board_that_does_not_take_it_is_told_again() -> None:
    watchdog = NotedWatchdog()
    watchdog.deaf = True
    flight = flight_on(board(watchdog=watchdog), ENOUGH)
    watchdog.deaf = False
    run(flight, ANOTHER_LOOK)
    assert watchdog.ready_told == [False]
