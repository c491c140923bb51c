"""One running sequence: one step at a time, aborted as a unit.

A command's step is over when its execution has completed; whatever else becomes of it aborts the sequence.  From then
on no later step runs, and the abort steps run once, each whether the one before went well or not.
"""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol

import msgspec

from flight.commanding.onboard import Done
from flight.sequences.mode_walk import Order
from flight.sequences.record import CommandStep, Sequence, WaitStep
from flight.sequences.validate import Review
from flight.telemetry.current import Sample
from hal.api.clock import NS_PER_MS, NS_PER_S
from telemetry_defs.areas import sequences as area, system
from telemetry_defs.definitions import Command, Event, FailureCode, Mode
from telemetry_defs.points import Point, Validity
from telemetry_defs.sequence_reports import SequenceState

QUEUE_FULL_NS: Final = 5 * NS_PER_S
"""How long a step is given again to a full queue."""
ABORT_STEP_NS: Final = 60 * NS_PER_S
"""An abort step that has not ended by then is not waited for."""
PROTECTIVE: Final = (Mode.SAFE, Mode.HIBERNATE, Mode.THERMAL_HOLD)
"""Entered by anybody else, they abort the sequence: the rover protects itself, and nothing may work against that."""


class Surroundings(Protocol):
    """What a runner needs of the rover."""

    def now_ns(self) -> int:
        """Monotonic time."""
        ...

    @property
    def mode(self) -> Mode:
        """The mode now."""
        ...

    @property
    def stops(self) -> int:
        """STOPs received from ground since boot."""
        ...

    def is_valid_now(self, sequence: Sequence) -> bool:
        """Whether on-board time can be trusted and lies in the sequence's window; True if it has none."""
        ...

    def submit(self, command: Command, arguments: object, done: Done) -> FailureCode | None:
        """Put a command into the queue; why not, if not."""
        ...

    def read(self, point: Point, now_ns: int) -> Sample:
        """A value of telemetry."""
        ...

    def emit(self, event: Event, fields: msgspec.Struct) -> None:
        """Report an event."""
        ...


class Runner:
    """Runs from its making until `ended`."""

    def __init__(self, sequence: Sequence, review: Review, rover: Surroundings, now_ns: int) -> None:
        self.sequence = sequence
        self.started_ns = now_ns
        self.ended = False
        self.outcome: FailureCode | None = None
        """Why it was aborted, None as long as it was not."""
        self._rover = rover
        self._orders = review.orders
        self._abort_orders = review.abort_orders
        self._moves = review.moves
        self._index = 0
        self._segment_ns = now_ns
        self._stepped_ns = now_ns
        """When the current step became the current one."""
        self._pending = False
        """A command of this step is queued or running."""
        self._ticket = 0
        """Of the pending command: what an earlier one still says is not heard."""
        self._stops = rover.stops
        self._mode = rover.mode
        self._asked: Mode | None = None
        """Mode that the sequence has asked for and not seen yet."""

    @property
    def aborting(self) -> bool:
        """Abort steps are running, or have run."""
        return self.outcome is not None

    @property
    def step(self) -> int:
        """Step it is at, from 1; 0 while aborting."""
        return 0 if self.aborting else self._index + 1

    @property
    def state(self) -> SequenceState:
        """For the status report."""
        if self.aborting:
            return SequenceState.ABORTING
        waiting = isinstance(self.sequence.steps[self._index], WaitStep)
        return SequenceState.WAITING if waiting else SequenceState.RUNNING

    def tick(self, now_ns: int) -> None:
        """Do what is due: at most one step."""
        if not self.aborting:
            code = self._reason_to_end(now_ns)
            if code is None:
                self._run(now_ns)
            else:
                self.abort(code)
        elif not self.ended:
            self._run_abort_steps(now_ns)

    def abort(self, code: FailureCode) -> None:
        """No later step runs; the abort steps begin in the next tick.  Only the first reason counts."""
        if self.aborting or self.ended:
            return
        step = self.step
        self.outcome = code
        self._next(0)
        self._rover.emit(area.ABORTED, area.Aborted(sequence_id=self.sequence.sequence_id, step=step, code=code))

    def _reason_to_end(self, now_ns: int) -> FailureCode | None:
        mode, entered = self._rover.mode, self._rover.mode is not self._mode
        self._mode = mode
        if entered:
            asked, self._asked = self._asked, None
            if mode in PROTECTIVE and mode is not asked:
                return FailureCode.MODE
        if self._moves and self._rover.stops != self._stops:
            return FailureCode.SUPERSEDED
        if now_ns - self.started_ns >= self.sequence.max_run_ms * NS_PER_MS:
            return FailureCode.LIMIT
        return None if self._rover.is_valid_now(self.sequence) else FailureCode.PRECONDITION

    def _run(self, now_ns: int) -> None:
        step = self.sequence.steps[self._index]
        if isinstance(step, WaitStep):
            self._wait(step, now_ns)
        elif not self._pending and now_ns >= self._due_ns(step):
            order = self._orders[self._index]
            code = FailureCode.INTERNAL if order is None else self._give(order, self._command_ended)
            full = code is FailureCode.QUEUE_FULL and now_ns < self._due_ns(step) + QUEUE_FULL_NS
            if code is not None and not full:
                self.abort(code)

    def _due_ns(self, step: CommandStep) -> int:
        """When the step may run, and from when on a full queue is counted against it."""
        return max(self._segment_ns + step.at_ms * NS_PER_MS, self._stepped_ns)

    def _wait(self, step: WaitStep, now_ns: int) -> None:
        sample = self._rover.read(step.point, now_ns)
        if sample.validity is Validity.GOOD and sample.value is not None and step.is_met_by(sample.value):
            self._segment_ns = now_ns
            self._step_done(now_ns)
        elif now_ns - self._stepped_ns >= step.timeout_ms * NS_PER_MS:
            self.abort(FailureCode.TIMEOUT)

    def _give(self, order: Order, ended: Done) -> FailureCode | None:
        self._ticket += 1
        code = self._rover.submit(order.command, order.arguments, partial(self._done, self._ticket, ended))
        if code is None:
            self._pending = True
            if order.command is system.SET_MODE:
                self._asked = order.arguments.mode
        return code

    def _done(self, ticket: int, ended: Done, code: FailureCode | None) -> None:
        if ticket == self._ticket and self._pending:
            ended(code)

    def _command_ended(self, code: FailureCode | None) -> None:
        if code is None:
            self._step_done(self._rover.now_ns())
        else:
            self.abort(code)

    def _step_done(self, now_ns: int) -> None:
        sequence_id = self.sequence.sequence_id
        self._rover.emit(area.STEP_DONE, area.StepDone(sequence_id=sequence_id, step=self.step))
        if self._index + 1 < len(self.sequence.steps):
            self._next(self._index + 1)
            return
        self.ended = True
        run_s = (now_ns - self.started_ns) / NS_PER_S
        self._rover.emit(area.COMPLETED, area.Completed(sequence_id=sequence_id, run_s=run_s))

    def _next(self, index: int) -> None:
        self._index = index
        self._stepped_ns = self._rover.now_ns()
        self._pending = False

    def _run_abort_steps(self, now_ns: int) -> None:
        if self._index >= len(self._abort_orders):
            self.ended = True
            return
        late = now_ns - self._stepped_ns
        if self._pending:
            if late >= ABORT_STEP_NS:
                self._next(self._index + 1)
            return
        order = self._abort_orders[self._index]
        code = FailureCode.INTERNAL if order is None else self._give(order, self._abort_step_ended)
        full = code is FailureCode.QUEUE_FULL and late < QUEUE_FULL_NS
        if code is not None and not full:
            self._next(self._index + 1)

    def _abort_step_ended(self, _: FailureCode | None) -> None:
        self._next(self._index + 1)
