"""Event reports (PUS service 5): throttled, switchable, counted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Final

import msgspec

from flight.telemetry.outbox import Outbox, Priority
from hal.api.clock import NS_PER_S, Clock
from hal.api.process import Level
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Event, Severity
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.reports import EVENT_SERVICE, pack_event

WINDOW_NS: Final = 10 * NS_PER_S
PER_WINDOW: Final = 8
"""Reports of one event definition in one window; the rest is only counted."""
REMEMBERED: Final = 20


class EventReporter:
    """The `EventSink` of flight."""

    def __init__(self, clock: Clock, outbox: Outbox, dictionary: Dictionary, codecs: Codecs) -> None:
        self._clock = clock
        self._outbox = outbox
        self._codecs = codecs
        self._apid_by_area = {area.number: area.apid for area in dictionary.areas}
        self._known = frozenset(event.event_id for area in dictionary.areas for event in area.events)
        self._windows: dict[int, tuple[int, int]] = {}
        self._disabled: set[int] = set()
        self.recent: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)
        self.throttled = 0
        self.listeners: list[Callable[[Event], None]] = []
        """Hear of every event, reported or not; whatever they do must wait for their own row."""
        self.journal: Callable[[Level, str], None] | None = None
        """Takes a line for each report of weight, on boards that have a journal."""

    def emit(self, event: Event, fields: msgspec.Struct | None = None) -> None:
        """Report `event` unless it is switched off or came too often just now."""
        now_ns = self._clock.now_ns()
        self.recent.append((now_ns, event.event_id))
        for listener in self.listeners:
            listener(event)
        if event.event_id in self._disabled or not self._admit(event.event_id, now_ns):
            return
        body = self._codecs.pack(fields) if fields is not None else b""
        priority = Priority.ALERT if event.severity >= Severity.MEDIUM else Priority.REPORT
        if priority is Priority.ALERT and self.journal is not None:
            self.journal(Level.ERROR if event.severity is Severity.HIGH else Level.WARNING, _line(event, fields))
        apid = self._apid_by_area[event.event_id >> 8]
        self._outbox.put(priority, apid, EVENT_SERVICE, event.severity, pack_event(event.event_id, body))

    def _admit(self, event_id: int, now_ns: int) -> bool:
        start_ns, count = self._windows.get(event_id, (now_ns, 0))
        if now_ns - start_ns >= WINDOW_NS:
            start_ns, count = now_ns, 0
        self._windows[event_id] = (start_ns, count + 1)
        if count < PER_WINDOW:
            return True
        self.throttled += 1
        return False

    def set_enabled(self, event_id: int, on: bool) -> bool:
        """Switch the reports of one definition (TC[5,5], TC[5,6]); False for an unknown one."""
        if event_id not in self._known:
            return False
        if on:
            self._disabled.discard(event_id)
        else:
            self._disabled.add(event_id)
        return True


def _line(event: Event, fields: msgspec.Struct | None) -> str:
    """`system.row_failed row=3 strikes=1 error='KeyError'`."""
    values = {} if fields is None else msgspec.structs.asdict(fields)
    return " ".join((event.name, *(f"{name}={_text(value)}" for name, value in values.items())))


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return repr(value.decode("ascii", "replace"))
    return value.name if isinstance(value, IntEnum) else repr(value)
