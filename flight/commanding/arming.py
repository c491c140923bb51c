"""Arming: a hazardous command runs only shortly after a command that names it."""

from __future__ import annotations

from flight.context import EventSink, Parameters
from hal.api.clock import seconds
from telemetry_defs.areas import system


class Arming:
    """At most one armed code.  Any use or the end of its time disarms it."""

    def __init__(self, parameters: Parameters, events: EventSink) -> None:
        self._parameters = parameters
        self._events = events
        self._until_ns = 0
        self.code = 0

    def arm(self, code: int, now_ns: int) -> None:
        """Arm `code` for the arm window; a code armed before is forgotten."""
        self.code = code
        self._until_ns = now_ns + seconds(self._parameters.get(system.ARM_WINDOW_S))
        self._events.emit(system.ARMED, system.ArmCode(code=code))

    def is_armed(self, code: int, now_ns: int) -> bool:
        """Whether a command with this code may run now."""
        return self.code == code and code != 0 and now_ns < self._until_ns

    def disarm(self) -> None:
        """After the armed command was accepted."""
        self.code = 0

    def expire(self, now_ns: int) -> None:
        """Drop a code whose time is over."""
        if self.code and now_ns >= self._until_ns:
            self._events.emit(system.ARM_EXPIRED, system.ArmCode(code=self.code))
            self.code = 0
