"""When a telecommand counts as completed: at once, or when what it has changed survives a power cut.

Where storage fails the change is in force all the same, until the next restart, and the telecommand fails with STORAGE.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flight.context import Execution
from flight.durable import Durable
from telemetry_defs.definitions import Command, FailureCode

Save = Callable[[], int | None]
"""Writes the state image; gives the ticket of the write, None if storage refused it."""


def complete(command: Command, execution: Execution, durable: Durable, save: Save) -> None:
    """The handler has returned and left it to us."""
    if not command.kept:
        execution.complete()
        return
    execution.start()
    durable.keep(save, partial(end, execution))


def end(execution: Execution, kept: bool) -> None:
    """What was changed is durable, or is not."""
    if kept:
        execution.complete()
    else:
        execution.fail(FailureCode.STORAGE)
