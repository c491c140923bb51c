"""Commands that flight gives itself: released time-tagged ones, steps of sequences, actions of monitors.

They take the same queue and run in the same rows as those from ground, so that a fault in one counts where it should.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flight.commanding.checks import AcceptanceChecks, Checked
from flight.commanding.execution import TelecommandExecution, Verification
from flight.commanding.queue import Accepted, CommandQueue
from flight.commanding.refusal import Refusal
from flight.context import Modes
from telemetry_defs.definitions import Command, FailureCode
from telemetry_defs.packets import Tc

Done = Callable[[FailureCode | None], None]
"""Called once at the end: None after completion, else why it failed."""


class OnboardExecution:
    """The `Execution` of a command that nobody on the ground asked for: it answers its giver instead."""

    __slots__ = ("_done", "ended", "started")

    def __init__(self, done: Done) -> None:
        self._done = done
        self.started = False
        self.ended = False

    def start(self) -> None:
        """It goes on after the handler has returned."""
        self.started = True

    def progress(self, step: int) -> None:
        """Of no interest to the giver."""

    def complete(self) -> None:
        """Done well."""
        self._end(None)

    def fail(self, code: FailureCode, detail: float | None = None) -> None:
        """Done badly."""
        self._end(code)

    def _end(self, code: FailureCode | None) -> None:
        if not self.ended:
            self.ended = True
            self._done(code)


class OnboardCommands:
    """Puts commands into the queue as if they had just been accepted."""

    def __init__(self, queue: CommandQueue, modes: Modes, checks: AcceptanceChecks, verification: Verification) -> None:
        self._queue = queue
        self._modes = modes
        self._checks = checks
        self._verification = verification

    def submit(self, command: Command, arguments: Any, done: Done) -> FailureCode | None:
        """Run a command; returns why not (then `done` is never called).

        Arming is not asked for: who put the command into a table of the rover, or armed its upload, has vouched.
        """
        refusal = self._refusal(command)
        if refusal is None:
            self._queue.put(Accepted(Checked(command, arguments, 0), OnboardExecution(done)))
        return refusal

    def submit_tc(self, tc: Tc) -> FailureCode | None:
        """Run a stored telecommand, verified to ground under its own request id; a refusal is TM[1,2] too."""
        execution = TelecommandExecution(tc, self._verification)
        try:
            command, arguments = self._checks.decode(tc.apid, tc.service, tc.subtype, tc.data)
        except Refusal as problem:
            refusal: FailureCode | None = problem.code
        else:
            refusal = self._refusal(command)
        if refusal is not None:
            self._verification.failed(tc, 2, refusal, None)
            return refusal
        execution.accepted()
        self._queue.put(Accepted(Checked(command, arguments, 0), execution))
        return None

    def _refusal(self, command: Command) -> FailureCode | None:
        if not command.allowed_in(self._modes.mode):
            return FailureCode.MODE
        return FailureCode.QUEUE_FULL if self._queue.full else None
