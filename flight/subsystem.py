"""A subsystem as a row of the schedule: it hears of a new mode in its own row, before its tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from flight.context import Handler, Modes
from telemetry_defs.definitions import Mode


class Subsystem(Protocol):
    """The common shape of everything in `flight/subsystems`."""

    def tick(self, now_ns: int) -> None:
        """One step."""
        ...

    def make_safe(self) -> None:
        """All outputs to their safe values."""
        ...

    def apply_mode(self, mode: Mode) -> None:
        """Take on the target state of a newly entered mode."""
        ...

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers of this subsystem's telecommands by name."""
        ...


S = TypeVar("S", bound=Subsystem)


class SubsystemRow(Generic[S]):
    """Brings the mode to the subsystem, so that a failure to take it counts against the right row."""

    def __init__(self, subsystem: S, modes: Modes) -> None:
        self.subsystem = subsystem
        self.handlers = subsystem.handlers()
        self._modes = modes
        self._mode: Mode | None = None

    def tick(self, now_ns: int) -> None:
        """Mode first, then the subsystem's own tick."""
        mode = self._modes.mode
        if mode is not self._mode:
            self._mode = mode
            self.subsystem.apply_mode(mode)
        self.subsystem.tick(now_ns)

    def make_safe(self) -> None:
        """Passed on."""
        self.subsystem.make_safe()
