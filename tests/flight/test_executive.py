"""The executive: order, rates, deadlines, and the rings of errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from flight.executive import Executive, ExitReason
from flight.schedule import Row, Slot
from hal.api.errors import ComputerStopped
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode
from tests.fakes.context import Bench


class Recorder:
    """A row that notes when it ran and does what the test tells it to."""

    def __init__(self, name: str, log: list[tuple[str, int]], action: Callable[[], None] = lambda: None) -> None:
        self.name, self.log, self.action = name, log, action
        self.safe_calls = 0
        self.safe_error: Exception | None = None

    def tick(self, now_ns: int) -> None:
        self.log.append((self.name, now_ns))
        self.action()

    def make_safe(self) -> None:
        self.safe_calls += 1
        if self.safe_error:
            raise self.safe_error


class FakeBoard:
    """What the executive asks of a board."""

    def __init__(self) -> None:
        self.process = None
        self.dropped: list[str] = []
        self.safe_calls = 0
        self.loads = SimpleNamespace(set=lambda name, on, hold_ns: self.dropped.append(name))

    def make_safe(self) -> None:
        self.safe_calls += 1


class Stand:
    """An executive over rows named like the real ones."""

    def __init__(self, **slots: dict[str, Any]) -> None:
        self.bench = Bench(Mode.IDLE)
        self.board = FakeBoard()
        self.log: list[tuple[str, int]] = []
        self.built: list[Recorder] = []
        self.actions: dict[str, Callable[[], None]] = {}
        self.crashes: list[tuple[str, str | None, int, bool]] = []
        self.on_crash: Callable[[], None] = lambda: None
        table = tuple(Slot(name=name, factory=partial(self._build, name), **extra) for name, extra in slots.items())
        self.executive = Executive(
            hal=self.board,  # type: ignore[arg-type]  # a fake with the two members the executive uses
            clock=self.bench.clock,
            table=table,
            events=self.bench.events,
            modes=self.bench.modes,
            parameters=self.bench.parameters,
            crashed=self._note,
        )

    def _note(self, error: Exception, row: str | None, cycle: int, last: bool) -> None:
        self.crashes.append((str(error), row, cycle, last))
        self.on_crash()

    def _build(self, name: str) -> Row:
        def act() -> None:
            self.actions.get(name, lambda: None)()

        row = Recorder(name, self.log, act)
        self.built.append(row)
        return row

    def cycles(self, count: int) -> None:
        for _ in range(count):
            self.executive.step()
            self.bench.clock.advance_s(0.1)


VICTIMS = ("power", "thermal", "comms", "mobility", "instruments", "modes", "telemetry", "watchdog")


def fail() -> None:
    raise RuntimeError("always")


def test_rows_run_in_table_order_at_their_rates() -> None:
    """A row with `every=10` runs once while the others run ten times, in the order of the table."""
    stand = Stand(receive={}, power={"every": 10}, watchdog={})

    stand.cycles(10)

    names = [name for name, _ in stand.log]
    assert names[:3] == ["receive", "power", "watchdog"]
    assert (names.count("receive"), names.count("power")) == (10, 1)


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_row_that_always_raises_costs_the_others_nothing(victim: str) -> None:
    """The others lose no cycle, the row is rebuilt with back-off and struck out to SAFE."""
    stand = Stand(receive={}, **{victim: {}}, transmit={})
    stand.actions[victim] = fail

    stand.cycles(100)

    names = [name for name, _ in stand.log]
    assert names.count("receive") == names.count("transmit") == 100
    assert 3 <= names.count(victim) < 10
    assert stand.bench.modes.mode is Mode.SAFE
    assert stand.bench.events.count(system.ROW_STRUCK_OUT) == 1
    assert all(row.safe_calls == 1 for row in stand.built if row.name == victim)
    assert stand.executive.exit_reason is None


def test_a_row_that_recovers_runs_again_and_says_so() -> None:
    """One failure costs the back-off, nothing more."""
    stand = Stand(power={})
    stand.actions["power"] = fail
    stand.cycles(1)
    del stand.actions["power"]

    stand.cycles(30)

    assert stand.bench.events.count(system.ROW_REBUILT) == 1
    assert stand.bench.modes.mode is Mode.IDLE
    assert len(stand.built) == 2


@pytest.mark.parametrize("vital", ["receive", "commands"])
def test_a_vital_row_struck_out_ends_the_process(vital: str) -> None:
    """Without receive or commands ground is shut out, so the process ends and boots again."""
    stand = Stand(**{vital: {"vital": True}}, power={})
    stand.actions[vital] = fail

    reason = stand.executive.run()

    assert reason is ExitReason.CRASHED
    assert stand.board.safe_calls == 1
    assert stand.executive.rows[vital].strikes == 3


def test_a_row_that_cannot_be_made_safe_loses_its_power_lines() -> None:
    """The last means to stop a device is its load switch."""
    stand = Stand(mobility={"power_lines": ("motors",)})
    stand.cycles(1)
    stand.built[0].safe_error = RuntimeError("stuck")
    stand.actions["mobility"] = fail

    stand.cycles(1)

    assert stand.board.dropped == ["motors"]
    assert stand.bench.events.count(system.POWER_DROPPED) == 1


def test_a_factory_that_raises_is_a_failure_of_its_row() -> None:
    """Rebuilding may fail too; it counts and backs off like a tick."""
    stand = Stand(power={}, thermal={})
    stand.executive.rows["power"].slot = Slot(name="power", factory=fail)  # type: ignore[arg-type]  # never returns

    stand.cycles(50)

    assert [name for name, _ in stand.log].count("thermal") == 50
    assert stand.bench.modes.mode is Mode.SAFE


def test_computer_stopped_is_never_swallowed() -> None:
    """A power cut inside a row unwinds through the executive and makes nothing safe."""
    stand = Stand(power={})

    def cut() -> None:
        raise ComputerStopped("cut")

    stand.actions["power"] = cut

    with pytest.raises(ComputerStopped):
        stand.executive.run()
    assert stand.board.safe_calls == 0
    assert stand.built[0].safe_calls == 0


def test_missed_slots_are_skipped_and_counted() -> None:
    """A cycle of 350 ms costs three slots; the schedule stays on its grid and does not run in a burst."""
    stand = Stand(power={})
    start_ns = stand.bench.clock.now_ns()
    runs = iter(range(10))

    def slow_once() -> None:
        run = next(runs)
        if run == 1:
            stand.bench.clock.advance_s(0.35)
        if run == 4:
            stand.executive.end(ExitReason.STOPPED)

    stand.actions["power"] = slow_once

    stand.executive.run()

    at = [(now_ns - start_ns) // 100_000_000 for _, now_ns in stand.log]
    assert at == [0, 1, 5, 6, 7]
    assert stand.executive.slots_missed == 3
    assert stand.bench.events.count(system.SLOTS_MISSED) == 1
    assert stand.executive.rows["power"].over_budget == 1
    assert stand.executive.worst_cycle_ns == 350_000_000


def test_an_executive_fault_stops_the_motors_and_ends() -> None:
    """What breaks the loop itself is not survived: outputs safe, non-zero end."""
    stand = Stand(power={})
    stand.bench.clock.sleep_until_ns = lambda deadline_ns: fail()  # type: ignore[method-assign]  # a clock that breaks

    assert stand.executive.run() is ExitReason.FAULT
    assert stand.board.safe_calls == 1


def test_run_in_row_counts_against_that_row() -> None:
    """A handler that raises strikes its subsystem, not the commands row."""
    stand = Stand(commands={"vital": True}, mobility={})
    stand.cycles(1)

    assert not stand.executive.run_in_row("mobility", fail)
    assert stand.executive.run_in_row("mobility", lambda: None)
    assert (stand.executive.rows["mobility"].strikes, stand.executive.rows["commands"].strikes) == (1, 0)


# What is told of it.


def test_each_failure_is_told_and_the_one_that_strikes_out_as_the_last_word() -> None:
    stand = Stand(power={})
    stand.actions["power"] = fail
    stand.cycles(300)

    strikes = int(system.ROW_STRIKES.default)
    assert [crash[:2] for crash in stand.crashes[:strikes]] == [("always", "power")] * strikes
    assert [crash[3] for crash in stand.crashes[:strikes]] == [False] * (strikes - 1) + [True]
    assert stand.crashes[0][2] == 0
    assert stand.crashes[1][2] >= 10  # rebuilt a second later


def test_a_fault_of_the_executive_itself_is_told_without_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = Stand(power={})
    monkeypatch.setattr(stand.executive, "step", fail)
    assert not stand.executive.cycle()
    assert stand.crashes == [("always", None, 0, True)]


def test_who_is_told_cannot_make_it_worse() -> None:
    stand = Stand(power={}, thermal={})
    stand.actions["power"] = fail
    stand.on_crash = fail
    stand.cycles(5)
    assert [name for name, _ in stand.log].count("thermal") == 5
    assert stand.executive.exit_reason is None


@pytest.mark.parametrize(("took_s", "failures"), [(0.9, 0), (1.1, 1)])
def test_a_row_that_came_back_far_too_late_has_failed(took_s: float, failures: int) -> None:
    """Made safe and built anew, as if it had raised."""
    stand = Stand(power={})
    stand.actions["power"] = lambda: stand.bench.clock.sleep_until_ns(stand.bench.clock.now_ns() + round(took_s * 1e9))
    stand.executive.step()

    assert stand.executive.rows["power"].failures == failures
    assert stand.built[0].safe_calls == failures
    assert [crash[0] for crash in stand.crashes] == [f"{took_s:.2f} s in one run"] * failures


def test_a_critical_row_that_makes_no_progress_is_not_alive() -> None:
    """Nobody strokes the watchdog for it; one that waits for its rebuild, or is not critical, is in good order."""
    stand = Stand(power={}, store={"critical": False})
    stand.cycles(1)
    assert stand.executive.all_alive()

    stand.bench.clock.advance_s(6.0)
    assert not stand.executive.all_alive()
    stand.executive.rows["power"].row = None
    assert stand.executive.all_alive()


def test_time_spent_for_another_row_counts_against_that_row() -> None:
    """A handler that hangs must not strike out the vital row that called it."""
    stand = Stand(commands={"vital": True}, mobility={})
    stand.cycles(1)

    def wait() -> None:
        stand.bench.clock.advance_s(2.0)

    def handle() -> None:
        stand.executive.run_in_row("mobility", wait)

    stand.actions["commands"] = handle

    stand.cycles(1)

    rows = stand.executive.rows
    assert (rows["commands"].failures, rows["mobility"].failures) == (0, 1)
