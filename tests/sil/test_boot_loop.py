"""Where the watchdog and the boot-loop breaker could go wrong: no progress, no storage, no write in time."""

from __future__ import annotations

from flight.boot import LOOP_BOOTS, SETTLED_S
from hal.api.values import ResetCause
from sim_hal.clock import Rank
from telemetry_defs.areas import system
from tests.sil.lone_rover import CODECS, LoneRover

LEAVE = "system.leave_boot_loop"


def boot_report(rover: LoneRover) -> system.Boot:
    """What the present life has said of itself."""
    (item,) = [item for item in rover.events(system.BOOT.event_id) if item.life == rover.lives]
    return CODECS.of(system.Boot).unpack(item.tm.data[2:])


def hang(rover: LoneRover) -> None:
    """Flight stops executing; returns once the watchdog has brought it up again."""
    lives = rover.lives
    rover.clock.at(rover.clock.now_ns() + 1, Rank.SCENARIO, rover.simulation.hang)
    rover.run_s(0.2)
    assert rover.flight is None
    for _ in range(600):
        if rover.lives > lives:
            return
        rover.run_s(0.1)
    raise AssertionError("the watchdog did not bite")


def looped() -> LoneRover:
    rover = LoneRover()
    rover.run_s(5.0)
    for _ in range(LOOP_BOOTS):
        hang(rover)
        rover.run_s(2.0)
    return rover


def test_a_critical_row_that_makes_no_progress_ends_in_a_watchdog_reset() -> None:
    """The loop runs on, but the row is neither run nor rebuilt: no stroke."""
    rover = LoneRover()
    rover.run_s(5.0)
    assert rover.flight is not None
    executive = rover.flight.executive
    executive._due = tuple(tuple(s for s in due if s.slot.name != "power") for due in executive._due)

    rover.run_s(60.0)

    assert rover.lives >= 2
    assert boot_report(rover).reset_cause == ResetCause.WATCHDOG


def test_a_boot_loop_that_storage_cannot_forget_is_not_left() -> None:
    """The write comes back refused, and IDLE is refused as before."""
    rover = looped()
    rover.run_s(3.0)
    lives = rover.lives
    rover.make_dead("storage")
    rover.send("system.arm", {"target": system.LEAVE_BOOT_LOOP.arm_code})

    leave = rover.send(LEAVE)
    rover.run_s(5.0)
    idle = rover.send("system.set_mode", {"mode": "IDLE"})
    rover.run_s(2.0)

    assert 8 in rover.answers(leave)
    assert 4 in rover.answers(idle)
    assert rover.lives == lives


def test_resets_spread_over_hours_are_no_boot_loop() -> None:
    """Each boot settles first; the telecommand puts off the minute's write, so that settling must ask for its own."""
    rover = LoneRover()
    for _ in range(LOOP_BOOTS + 1):
        rover.run_s(SETTLED_S - 10.0)
        rover.send("system.ping")
        rover.run_s(50.0)
        rover.stop_computer(ResetCause.WATCHDOG)
    rover.run_s(15.0)

    assert rover.lives == LOOP_BOOTS + 2
    assert not boot_report(rover).minimal
    assert not list(rover.events(system.BOOT_LOOP.event_id))
