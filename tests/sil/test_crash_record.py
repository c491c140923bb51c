"""The crash record of a whole rover, hangs, and boot loops."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from flight.boot import LOOP_BOOTS
from flight.crash_record import FILE
from flight.executive import ExitReason
from flight.kept_file import copy_name
from hal.api.errors import ComputerStopped
from hal.api.values import ResetCause
from telemetry_defs.areas import system
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.formats import decode_tm
from tests.sil.lone_rover import LoneRover

ANSWER_S = 30.0
"""In SAFE the transmitter is on for a part of the time only."""


def fail(*_: object) -> None:
    raise RuntimeError("a defect")


def up() -> LoneRover:
    rover = LoneRover()
    rover.run_s(8.0)
    return rover


def spoil(rover: LoneRover, row: str) -> None:
    """From now on this row raises; until the next boot."""
    assert rover.flight is not None
    state = rover.flight.executive.rows[row]
    assert state.row is not None
    state.row.tick = fail  # type: ignore[assignment, method-assign]  # a defect, put in from outside


def spoil_factory(rover: LoneRover, row: str) -> None:
    """Nor can it be built again."""
    assert rover.flight is not None
    msgspec.structs.force_setattr(rover.flight.executive.rows[row].slot, "factory", fail)


def records(rover: LoneRover, life: int) -> list[dict[str, Any]]:
    """Crash records that came down in a life."""
    sent = [item for item in rover.events(system.CRASH_RECORD.event_id) if item.life == life]
    return [decode_tm(item.raw).fields for item in sent]


def restart(rover: LoneRover, cause: ResetCause = ResetCause.WATCHDOG) -> None:
    rover.stop_computer(cause)
    rover.run_s(8.0)


def test_what_a_row_raised_comes_down_at_the_next_boot_and_only_then() -> None:
    rover = up()
    assert rover.flight is not None
    spoil(rover, "thermal")
    rover.run_s(3.0)
    cycles = rover.flight.executive.cycles
    boots = rover.flight.boot.image.boot_count
    assert records(rover, 1) == []

    restart(rover)
    (record,) = records(rover, 2)
    assert record["error"] == b"RuntimeError: a defect"
    assert record["row"] == system.ROWS.index("thermal")
    assert record["boot_count"] == boots
    assert 0 < record["cycle"] < cycles
    assert system.BOOT.event_id in record["event_ids"]
    assert record["event_ids"].index(system.ROW_FAILED.event_id) > record["event_ids"].index(system.BOOT.event_id)
    ages = [age for age in record["event_ages_s"] if age is not None]
    assert ages == sorted(ages, reverse=True)

    restart(rover)
    assert records(rover, 3) == []


def test_it_is_sent_again_on_request() -> None:
    rover = up()
    request = rover.send("system.report_crash")
    rover.run_s(1.0)
    assert rover.answers(request) == [1, 4]
    (refused,) = [item for item in rover.sent if (item.tm.service, item.tm.subtype) == (1, 4)]
    assert int.from_bytes(refused.tm.data[4:6], "big") == FailureCode.PRECONDITION

    spoil(rover, "thermal")
    rover.run_s(2.0)
    restart(rover)
    rover.send("system.report_crash")
    rover.run_s(1.0)
    assert len(records(rover, 2)) == 2


@pytest.mark.parametrize("reason", [ExitReason.CRASHED, ExitReason.FAULT])
def test_what_ended_the_process_is_on_record(reason: ExitReason, monkeypatch: pytest.MonkeyPatch) -> None:
    rover = up()
    assert rover.flight is not None
    if reason is ExitReason.CRASHED:
        rover.flight.executive.rows["receive"].strikes = int(system.ROW_STRIKES.default) - 1
        spoil(rover, "receive")
    else:
        monkeypatch.setattr(rover.flight.executive, "step", fail)
    rover.run_s(12.0)

    assert rover.ended == [reason]
    (record,) = records(rover, 2)
    assert record["row"] == (None if reason is ExitReason.FAULT else system.ROWS.index("receive"))


def test_a_row_that_fails_again_and_again_does_not_wear_out_the_storage() -> None:
    rover = up()
    writes: list[str] = []

    def around(device: str, method: str, args: tuple[Any, ...], call: Any) -> Any:
        if method == "replace" and args[0].startswith(FILE):
            writes.append(args[0])
        return call()

    rover.around_storage = around
    assert rover.flight is not None
    spoil_factory(rover, "instruments")
    spoil(rover, "instruments")
    rover.run_s(60.0)
    assert 1 <= len(writes) <= 7


def test_a_power_cut_right_after_may_lose_it_and_nothing_else() -> None:
    rover = up()
    spoil(rover, "thermal")
    rover.run_s(1.0)
    restart(rover, ResetCause.POWER_CUT)
    assert len(records(rover, 2)) <= 1
    assert not list(rover.events(system.STATE_LOST.event_id))


def test_storage_that_is_dead_takes_nothing_else_down() -> None:
    rover = up()
    rover.make_dead("storage")
    spoil(rover, "thermal")
    rover.run_s(5.0)
    assert rover.flight is not None
    assert rover.flight.executive.row("thermal") is not None  # rebuilt


@settings(max_examples=20)
@given(st.binary(max_size=200))
def test_a_file_of_anything_is_reported_and_no_more(data: bytes) -> None:
    rover = LoneRover()
    for copy in ("a", "b"):
        rover.simulation.disk.preload(copy_name(FILE, copy), data)
    rover.run_s(6.0)
    assert rover.flight is not None
    assert not any(state.failures for state in rover.flight.executive.rows.values())
    assert [decode_tm(item.raw).fields["name"] for item in rover.events(system.STATE_LOST.event_id)] == [b"crash"]


# Hangs.


def test_a_hang_ends_in_a_reset_that_the_boot_report_tells() -> None:
    """The watchdog bites; the wheels have stopped by then."""
    rover = up()
    rover.send("mobility.arc", {"curvature_1_m": 0.0, "distance_m": 2.0, "speed_m_s": 0.03, "timeout_s": 120.0})
    rover.run_s(12.0)
    assert any(rover.simulation.world.drive.speed_rad_s)
    try:
        rover.simulation.hang()
    except ComputerStopped:
        rover.flight = None
    rover.run_s(20.0)

    assert rover.lives == 2
    (boot,) = [item for item in rover.events(system.BOOT.event_id) if item.life == 2]
    assert decode_tm(boot.raw).fields["reset_cause"] == ResetCause.WATCHDOG
    assert not any(rover.simulation.world.drive.speed_rad_s)


def test_progress_of_each_row_is_in_telemetry() -> None:
    rover = up()
    assert rover.flight is not None
    spoil(rover, "health")
    spoil_factory(rover, "health")
    rover.run_s(20.0)
    schedule: Any = rover.flight.providers[system.SCHEDULE_HK.name]()
    idle_s = dict(zip(system.ROWS, schedule.idle_s, strict=True))
    assert idle_s.pop("health") > 19.0
    assert all(idle is not None and idle <= 1.1 for idle in idle_s.values())


# Boot loops.


def looping(pause_s: float, resets: int) -> LoneRover:
    rover = up()
    for _ in range(resets):
        rover.stop_computer(ResetCause.WATCHDOG)
        rover.run_s(pause_s)
    return rover


def test_a_boot_loop_ends_in_safe_with_the_minimal_rows() -> None:
    """Within 5 s of the boot: receiver on, wheels still, commands taken."""
    rover = up()
    rover.send("mobility.arc", {"curvature_1_m": 0.0, "distance_m": 2.0, "speed_m_s": 0.03, "timeout_s": 120.0})
    rover.run_s(12.0)
    while rover.lives < LOOP_BOOTS:
        lives = rover.lives
        rover.stop_computer(ResetCause.WATCHDOG)
        while rover.lives == lives:
            rover.run_s(0.1)
        rover.run_s(5.0)

    flight, simulation = rover.flight, rover.simulation
    assert flight is not None
    assert flight.boot.minimal
    assert flight.executive.row("mobility") is None
    assert flight.core.modes.mode is Mode.SAFE
    assert not any(simulation.world.drive.speed_rad_s)
    assert simulation.listening("local")
    assert simulation.listening("relay")
    assert [item.life for item in rover.events(system.BOOT_LOOP.event_id)] == [LOOP_BOOTS]
    request = rover.send("system.ping")
    rover.run_s(ANSWER_S)
    assert rover.answers(request)[-1] == 7


def test_ground_leaves_the_boot_loop() -> None:
    """Armed; the rover restarts with every row, and may leave SAFE again."""
    rover = looping(8.0, LOOP_BOOTS)
    request = rover.send("system.set_mode", {"mode": "IDLE"})
    rover.run_s(ANSWER_S)
    assert rover.answers(request)[-1] in (4, 8)
    request = rover.send("system.leave_boot_loop")
    rover.run_s(ANSWER_S)
    assert rover.answers(request) == [2]

    rover.send("system.arm", {"target": system.LEAVE_BOOT_LOOP.arm_code})
    rover.send("system.leave_boot_loop")
    rover.run_s(10.0)
    assert rover.flight is not None
    assert not rover.flight.boot.minimal
    assert rover.flight.executive.row("mobility") is not None
    rover.send("system.set_mode", {"mode": "IDLE"})
    rover.run_s(1.0)
    assert rover.flight.core.modes.mode is Mode.IDLE


def test_resets_spread_over_hours_are_no_boot_loop() -> None:
    rover = looping(320.0, LOOP_BOOTS + 1)
    assert rover.flight is not None
    assert rover.lives == LOOP_BOOTS + 2
    assert not rover.flight.boot.minimal
