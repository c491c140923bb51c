"""Events on the edge, not on the level: one report when a condition begins, one when it ends."""

from __future__ import annotations

import msgspec

from flight.context import EventSink
from telemetry_defs.definitions import Event


class Edges:
    """Remembers which conditions are active, each named by the event that announces its beginning."""

    __slots__ = ("_active", "_events")

    def __init__(self, events: EventSink) -> None:
        self._events = events
        self._active: dict[str, bool] = {}

    def changed(self, begin: Event, active: bool) -> bool:
        """Note the condition; returns whether it differs from before (inactive at first)."""
        if self._active.get(begin.name, False) is active:
            return False
        self._active[begin.name] = active
        return True

    def report(self, active: bool, begin: Event, end: Event | None, fields: msgspec.Struct | None = None) -> None:
        """Note the condition and emit `begin` or `end`, both with `fields`, if it changed."""
        if self.changed(begin, active):
            event = begin if active else end
            if event is not None:
                self._events.emit(event, fields)
