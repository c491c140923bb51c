"""What every row of the schedule is handed besides its own devices and configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from flight.blackboard import Blackboard
from hal.api.clock import Clock
from telemetry_defs.definitions import Event, FailureCode, Mode, Parameter


class EventSink(Protocol):
    """Where events go: throttled, counted, sent as PUS 5 reports."""

    def emit(self, event: Event, fields: msgspec.Struct | None = None) -> None:
        """Report `event` with an instance of its field type (None for an event without fields)."""
        ...


class Parameters(Protocol):
    """Active on-board parameters."""

    def get(self, parameter: Parameter) -> float:
        """The active value, in the unit of its definition.  Cheap enough for every tick."""
        ...


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """A mode request was granted; the mode has changed."""

    mode: Mode


class Refused(msgspec.Struct, frozen=True, gc=False):
    """A mode request was refused; nothing has changed."""

    reason: str
    code: FailureCode


class Modes(Protocol):
    """The mode machine as the rest of flight sees it."""

    @property
    def mode(self) -> Mode:
        """The current mode."""
        ...

    def request(self, mode: Mode) -> Accepted | Refused:
        """Ask for a mode.  Decided at once, without I/O."""
        ...


class Execution(Protocol):
    """The verification reports of one accepted telecommand (PUS service 1).

    A handler that returns without touching it has completed.  One that goes on calls `start` and keeps the object
    until it calls `complete` or `fail`.
    """

    def start(self) -> None:
        """TM[1,3]."""
        ...

    def progress(self, step: int) -> None:
        """TM[1,5]."""
        ...

    def complete(self) -> None:
        """TM[1,7]."""
        ...

    def fail(self, code: FailureCode, detail: float | None = None) -> None:
        """TM[1,4] before `start`, TM[1,8] after.  `detail` is a number that helps (sent as a whole one)."""
        ...


Handler = Callable[[Any, Execution], None]
"""Runs one telecommand: gets the decoded argument struct (or None) and its execution."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Handed to every row's factory."""

    clock: Clock
    events: EventSink
    parameters: Parameters
    modes: Modes
    board: Blackboard
