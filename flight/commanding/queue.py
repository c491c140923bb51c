"""Accepted telecommands on their way from the receive row to the commands row."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple, Protocol

from flight.commanding.checks import Checked
from flight.context import Execution

SLOTS: Final = 32


class QueuedExecution(Execution, Protocol):
    """An execution that tells whether its handler has taken it on."""

    @property
    def started(self) -> bool:
        """`start` was called."""
        ...

    @property
    def ended(self) -> bool:
        """`complete` or `fail` was called."""
        ...


class Accepted(NamedTuple):
    """One accepted telecommand."""

    checked: Checked
    execution: QueuedExecution


class CommandQueue:
    """Bounded; an accepted telecommand owns its slot until it is taken to run."""

    def __init__(self) -> None:
        self._queue: deque[Accepted] = deque()
        self.closed = False
        """Set when a restart begins: what is accepted now, the next boot would not know as a duplicate."""

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """No slot left, or none to be had before the restart."""
        return self.closed or len(self._queue) >= SLOTS

    def put(self, accepted: Accepted) -> None:
        """Append; the caller has looked at `full`."""
        self._queue.append(accepted)

    def take(self) -> Accepted | None:
        """The oldest, or None."""
        return self._queue.popleft() if self._queue else None
