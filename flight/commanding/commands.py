"""The commands row: runs accepted telecommands in the rows that handle them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from flight.commanding.completion import Save, complete
from flight.commanding.queue import Accepted, CommandQueue
from flight.context import Handler
from flight.durable import Durable
from hal.api.errors import DeviceError
from telemetry_defs.definitions import FailureCode

MAX_COMMANDS: Final = 16


class HandlerTable(Protocol):
    """Finds handlers among the rows that run now."""

    def find(self, command_name: str) -> tuple[str, Handler] | None:
        """The row's name and the handler, or None while that row is down."""
        ...


RunInRow = Callable[[str, Callable[[], None]], bool]
"""Runs an action on a row's account: what it raises counts against that row.  True if it raised nothing."""


class Commands:
    """Takes the queue in order."""

    def __init__(
        self,
        *,
        queue: CommandQueue,
        handlers: HandlerTable,
        run_in_row: RunInRow,
        durable: Durable,
        save: Save,
    ) -> None:
        self._queue = queue
        self._durable = durable
        self._handlers = handlers
        self._run_in_row = run_in_row
        self._save = save

    def tick(self, now_ns: int) -> None:
        """Complete what has become durable, then run what is waiting."""
        self._durable.tick(now_ns)
        for _ in range(MAX_COMMANDS):
            accepted = self._queue.take()
            if accepted is None:
                return
            self._run(accepted)

    def make_safe(self) -> None:
        """Commands hold no outputs."""

    def _run(self, accepted: Accepted) -> None:
        checked, execution = accepted
        found = self._handlers.find(checked.command.name)
        if found is None:
            execution.fail(FailureCode.NOT_AVAILABLE)
            return
        row, handler = found

        def run() -> None:
            try:
                handler(checked.arguments, execution)
            except DeviceError:
                execution.fail(FailureCode.DEVICE)

        if not self._run_in_row(row, run):
            execution.fail(FailureCode.INTERNAL)
        elif not execution.started and not execution.ended:
            complete(checked.command, execution, self._durable, self._save)
