"""The cyclic executive: the main loop of flight.

`Executive.run` is the loop, `cycle` one turn of it, `step` the work of one turn.  Whatever a row raises is caught in
`_attempt` and nowhere else; the row is made safe, rebuilt after a back-off, and struck out when it keeps failing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Final

from flight.context import EventSink, Modes, Parameters
from flight.schedule import BASE_PERIOD_NS, CYCLES_PER_S, Row, RowState, Slot
from hal.api.board import Hal
from hal.api.clock import NS_PER_S, Clock, seconds
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode

FORGIVEN_AFTER_NS: Final = 600 * NS_PER_S
"""A row that ran this long without failing starts again with no strikes."""
ALIVE_NS: Final = 5 * NS_PER_S
"""A critical row that is neither running nor waiting for its rebuild counts as hung after this."""
HUNG_NS: Final = NS_PER_S
"""A single run that takes longer has failed: nobody else ran meanwhile."""
DROP_HOLD_S: Final = 60.0
CrashSink = Callable[[Exception, str | None, int, bool], None]
"""Hears what was raised, in which row (None: the executive), in which cycle, and whether it may be the last word."""


class RowHung(Exception):
    """A row came back, far too late."""


class ExitReason(Enum):
    """Why the loop ended; the supervisor decides what to do next."""

    STOPPED = "stopped"
    RESTART = "restart"
    CRASHED = "crashed"
    """A vital row was struck out: boot again, with the minimal set of rows."""
    FAULT = "fault"
    """The executive itself failed: boot again, with the minimal set of rows."""
    HALTED = "halted"
    """Crashed too often in a row: stay down, wheels still and loads off, until somebody looks."""


def _attempt(action: Callable[[int], None], now_ns: int) -> Exception | None:
    """The one place where an exception of unknown kind that leaves a row is caught; of drivers, `health/watched.py`."""
    try:
        action(now_ns)
    except Exception as error:  # noqa: BLE001 - a row may raise anything, and the others must go on
        return error
    return None


class Executive:
    """Runs the schedule at 10 Hz on absolute deadlines."""

    def __init__(
        self,
        *,
        hal: Hal,
        clock: Clock,
        table: tuple[Slot, ...],
        events: EventSink,
        modes: Modes,
        parameters: Parameters,
        crashed: CrashSink,
    ) -> None:
        self._hal = hal
        self._clock = clock
        self._events = events
        self._modes = modes
        self._parameters = parameters
        self._crashed = crashed
        self._slack = None if hal.process is None else hal.process.slack
        self._elsewhere_ns = 0
        """Of the running row's time, what it spent on the account of other rows."""
        self.rows = {slot.name: RowState(slot) for slot in table}
        self._due = tuple(
            tuple(state for state in self.rows.values() if cycle % state.slot.every == 0)
            for cycle in range(CYCLES_PER_S)
        )
        self.started_ns = self._deadline_ns = clock.now_ns()
        self.cycles = 0
        self.slots_missed = 0
        self.worst_cycle_ns = 0
        self.total_cycle_ns = 0
        self.exit_reason: ExitReason | None = None

    def run(self) -> ExitReason:
        """The main loop.  Returns when something asked it to end; `ComputerStopped` passes through."""
        while self.cycle():
            pass
        return self.exit_reason or ExitReason.STOPPED

    def cycle(self) -> bool:
        """One turn of the main loop: a step, then sleep until the next deadline.  False once the loop has ended."""
        error = _attempt(self._turn, 0)
        if error is not None:
            self._tell_crash(error, None, last=True)
            self.end(ExitReason.FAULT)
        if self.exit_reason is None:
            return True
        self._hal.make_safe()
        return False

    def end(self, reason: ExitReason) -> None:
        """End the loop after this cycle; the first reason counts."""
        if self.exit_reason is None:
            self.exit_reason = reason

    def _turn(self, _: int) -> None:
        self.step()
        self._deadline_ns = self._next_deadline(self._deadline_ns)
        if self.exit_reason is None:
            if self._slack is not None:
                self._slack(self._deadline_ns)
            self._clock.sleep_until_ns(self._deadline_ns)

    def _next_deadline(self, deadline_ns: int) -> int:
        """Absolute schedule; slots missed by an overrun are skipped, never run in a burst."""
        deadline_ns += BASE_PERIOD_NS
        late_ns = self._clock.now_ns() - deadline_ns
        if late_ns > 0:
            missed = -(-late_ns // BASE_PERIOD_NS)
            self.slots_missed += missed
            self._events.emit(system.SLOTS_MISSED, system.Count(count=self.slots_missed))
            deadline_ns += missed * BASE_PERIOD_NS
        return deadline_ns

    def step(self) -> None:
        """One cycle: every row that is due, in the order of the table."""
        started_ns = now_ns = self._clock.now_ns()
        for state in self._due[self.cycles % CYCLES_PER_S]:
            row = state.row
            if row is None:
                row = self._rebuild(state, now_ns)
                if row is None:
                    continue
            self._elsewhere_ns = 0
            error = _attempt(row.tick, now_ns)
            ended_ns = self._clock.now_ns()
            used_ns = ended_ns - now_ns
            error = error or _hung(used_ns - self._elsewhere_ns)
            if error is None:
                state.ran(ended_ns, used_ns)
            else:
                self._failed(state, error, ended_ns)
            now_ns = ended_ns
        self.cycles += 1
        used_ns = now_ns - started_ns
        if used_ns:
            self.total_cycle_ns += used_ns
            self.worst_cycle_ns = max(self.worst_cycle_ns, used_ns)

    def run_in_row(self, name: str, action: Callable[[], None]) -> bool:
        """Run `action` on the account of row `name`; True if it raised nothing."""
        now_ns = self._clock.now_ns()
        error = _attempt(lambda _: action(), now_ns)
        ended_ns = self._clock.now_ns()
        self._elsewhere_ns += ended_ns - now_ns
        failure = error or _hung(ended_ns - now_ns)
        if failure is not None:
            self._failed(self.rows[name], failure, ended_ns)
        return error is None

    def row(self, name: str) -> Row | None:
        """The row that runs under this name now, None while it is down or not in the table."""
        state = self.rows.get(name)
        return None if state is None else state.row

    def all_alive(self) -> bool:
        """Whether every critical row ran lately or is waiting for its rebuild in good order."""
        now_ns = self._clock.now_ns()
        return all(
            now_ns - state.ran_ns < ALIVE_NS or state.row is None
            for state in self.rows.values()
            if state.slot.critical and state.runs
        )

    def all_running(self) -> bool:
        """Whether every critical row is built and ran lately: stricter than alive."""
        now_ns = self._clock.now_ns()
        critical = (state for state in self.rows.values() if state.slot.critical)
        return all(state.row is not None and state.runs and now_ns - state.ran_ns < ALIVE_NS for state in critical)

    def _rebuild(self, state: RowState, now_ns: int) -> Row | None:
        if now_ns < state.retry_ns:
            return None

        def build(_: int) -> None:
            state.row = state.slot.factory()

        error = _attempt(build, now_ns)
        if error is not None:
            self._failed(state, error, now_ns)
        elif state.failures:
            self._events.emit(system.ROW_REBUILT, system.RowNumber(row=_number(state)))
        return state.row

    def _failed(self, state: RowState, error: Exception, now_ns: int) -> None:
        if now_ns - state.failed_ns > FORGIVEN_AFTER_NS:
            state.strikes, state.backoff_s = 0, 1.0
        state.failures += 1
        state.strikes += 1
        state.failed_ns = now_ns
        state.retry_ns = now_ns + seconds(state.backoff_s)
        state.backoff_s = min(2.0 * state.backoff_s, state.slot.backoff_limit_s)
        text = f"{type(error).__name__}: {error}".encode("ascii", "replace")[:120]
        self._events.emit(system.ROW_FAILED, system.RowFailed(row=_number(state), strikes=state.strikes, error=text))
        self._make_safe(state, now_ns)
        state.row = None
        struck_out = state.strikes >= self._parameters.get(system.ROW_STRIKES)
        self._tell_crash(error, state.slot.name, last=struck_out)
        if struck_out:
            self._strike_out(state)

    def _tell_crash(self, error: Exception, row: str | None, *, last: bool) -> None:
        """Whoever hears of a crash cannot make it worse."""
        _attempt(lambda _: self._crashed(error, row, self.cycles, last), 0)

    def _make_safe(self, state: RowState, now_ns: int) -> None:
        row = state.row
        if row is None or _attempt(lambda _: row.make_safe(), now_ns) is None:
            return
        for line in state.slot.power_lines:
            _attempt(partial(self._drop, line), now_ns)
        self._events.emit(system.POWER_DROPPED, system.RowNumber(row=_number(state)))

    def _drop(self, line: str, _: int) -> None:
        self._hal.loads.set(line, False, seconds(DROP_HOLD_S))

    def _strike_out(self, state: RowState) -> None:
        if state.slot.vital:
            self.end(ExitReason.CRASHED)
        elif self._modes.mode is not Mode.SAFE:
            self._events.emit(system.ROW_STRUCK_OUT, system.RowNumber(row=_number(state)))
            self._modes.request(Mode.SAFE)


def _hung(used_ns: int) -> RowHung | None:
    """The failure of a run that took this long, None if that is in order."""
    return RowHung(f"{used_ns / NS_PER_S:.2f} s in one run") if used_ns > HUNG_NS else None


def _number(state: RowState) -> int:
    return system.ROWS.index(state.slot.name)
