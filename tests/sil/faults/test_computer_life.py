"""Resets, cuts, hangs and slowness: the computer comes back by itself, and says so."""

from __future__ import annotations

import pytest

from hal.api.values import ResetCause
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode
from tests.sil.faults.device_bench import Flown, twin
from tests.sil.faults.plant_bench import AT_S, END_S, OVER_S, broken, sent, told

BITES_S = 22.0
"""The watchdog's patience, the raster of its looks, and a boot."""


def boots(flown: Flown) -> list[float]:
    """Times of the boot reports after the first one."""
    return [t_s for t_s, name in sent(flown) if name == system.BOOT.name][1:]


def cause(flown: Flown) -> ResetCause:
    assert flown.mission.flight is not None
    return flown.mission.flight.boot.cause


@pytest.mark.parametrize(
    ("kind", "expected", "down_s"),
    [
        ("reset", ResetCause.WATCHDOG, 2.0),
        ("power_cut", ResetCause.POWER_CUT, 2.0),
        ("power_dip", ResetCause.POWER_CUT, 0.1),
        ("hang", ResetCause.WATCHDOG, BITES_S),
        ("cut_in_write", ResetCause.POWER_CUT, 63.0),
    ],
)
def test_the_computer_comes_back_in_the_mode_it_was_in(kind: str, expected: ResetCause, down_s: float) -> None:
    """Once, in time, and with the cause that it was."""
    flown = broken(f"computer/{kind}", "idle")
    assert flown.mission.flights == 2
    assert len(boots(flown)) == 1
    assert AT_S < boots(flown)[0] <= AT_S + down_s + 1.0
    assert cause(flown) is expected
    assert flown.mission.mode_name == Mode.IDLE.name


def test_a_healthy_computer_boots_once() -> None:
    """No other boot report, no slot missed."""
    assert boots(twin("idle", OVER_S)) == []
    assert twin("idle", OVER_S).mission.overruns == 0


def test_a_hang_during_a_drive_ends_it_by_the_holds_of_the_wheels() -> None:
    """They stand a second later, long before the watchdog bites; the rover boots into SAFE."""
    flown = broken("computer/hang", "drive")
    recorder = flown.mission.simulation.truth
    turning = dict(zip(recorder.column("time_s"), recorder.column("wheels_turning"), strict=True))
    assert turning[AT_S] == 1.0
    assert turning[AT_S + 2.0] == 0.0
    assert flown.mission.mode_name == Mode.SAFE.name


def test_a_cut_comes_in_the_nth_write() -> None:
    """Counted from the fault on: a later one comes later, and it happens once."""
    first, fourth = (broken("computer/cut_in_write", "calls", {"write": write}) for write in (1, 4))
    assert boots(fourth)[0] > boots(first)[0]
    for flown in (first, fourth):
        assert flown.mission.flights == 2
        assert flown.mission.simulation.disk.after_write is None


def test_a_boot_loop_ends_in_the_minimal_set_of_rows() -> None:
    """Six boots of 2 s: then flight has counted enough, tells it, and ground reaches it in SAFE."""
    flown = broken("computer/reboot_loop", "calls", {"after_s": 2.0})
    assert flown.mission.flights == 1 + 6
    assert "system.boot_loop" in {name for _, name in sent(flown)}
    assert flown.mission.flight is not None
    assert flown.mission.flight.boot.minimal
    assert flown.mission.mode_name == Mode.SAFE.name
    assert "system.boot_loop" not in {name for _, name in sent(twin("calls", OVER_S))}


def test_a_boot_loop_can_be_ended_before_its_time() -> None:
    """No reset comes after its end."""
    flown = broken("computer/reboot_loop", "idle", {"boots": 50, "after_s": 12.0})
    assert flown.mission.flights < 5
    assert max(boots(flown)) < END_S + 5.0


def test_a_slow_row_costs_slots_and_no_more() -> None:
    """Told each time, no row fails, and all is in time again at the end."""
    flown = broken("computer/slow", "idle")
    assert told("computer/slow", flown, "idle") == {"system.slots_missed"}
    flight = flown.mission.flight
    assert flight is not None
    assert flight.executive.worst_cycle_ns == 150_000_000
    assert flight.executive.slots_missed > 100
    assert "system.slots_missed" not in flown.raised(END_S + 1.0, OVER_S)
    assert not any(row.failures for row in flight.executive.rows.values())


def test_a_row_grows_slow_by_degrees() -> None:
    """No slot is lost before it takes a tenth of a second."""
    flown = broken("computer/slow", "idle", {"time_s": 0.2}, ramp_s=20.0)
    first_s = min(t_s for t_s, name in flown.events if name == "system.slots_missed")
    assert AT_S + 9.0 < first_s < AT_S + 12.0


@pytest.mark.parametrize("row", ["power", "thermal", "mobility"])
def test_a_row_that_takes_over_a_second_has_failed(row: str) -> None:
    """And is built anew until it is well; the watchdog does not bite."""
    flown = broken("computer/slow", "idle", {"row": row, "time_s": 1.5})
    assert "system.row_failed" in told("computer/slow", flown, "idle")
    flight = flown.mission.flight
    assert flight is not None
    failed = [name for name, state in flight.executive.rows.items() if state.failures]
    assert failed == [row]
    assert flown.mission.flights == 1
