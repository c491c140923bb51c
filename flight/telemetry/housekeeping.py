"""Housekeeping (PUS service 3): periodic and one-shot reports, each built when it is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from flight.telemetry.outbox import Outbox, Priority
from hal.api.clock import seconds
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Housekeeping
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.reports import HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, pack_structure

Provider = Callable[[], msgspec.Struct | None]
"""Builds one housekeeping structure now; None while its owner is down."""


class _Slot:
    __slots__ = ("apid", "definition", "due_ns", "enabled", "interval_ns", "provider")

    def __init__(self, definition: Housekeeping, apid: int, provider: Provider) -> None:
        self.definition = definition
        self.apid = apid
        self.provider = provider
        self.interval_ns = seconds(definition.period_s or 60.0)
        self.due_ns = 0
        self.enabled = definition.period_s > 0.0


class HousekeepingReports:
    """The telemetry row."""

    def __init__(
        self, *, dictionary: Dictionary, codecs: Codecs, outbox: Outbox, providers: Mapping[str, Provider]
    ) -> None:
        self._codecs = codecs
        self._outbox = outbox
        self._slots = {
            hk.structure_id: _Slot(hk, area.apid, providers[hk.name])
            for area in dictionary.areas
            for hk in area.housekeeping
            if hk.name in providers
        }
        self._next_ns = 0

    def tick(self, now_ns: int) -> None:
        """Send what is due."""
        if now_ns < self._next_ns:
            return
        for slot in self._slots.values():
            if slot.enabled and now_ns >= slot.due_ns:
                # From the due time, not from now: a late cycle must not shift the collection grid.
                slot.due_ns = max(slot.due_ns + slot.interval_ns, now_ns - now_ns % slot.interval_ns + slot.interval_ns)
                self._send(slot, Priority.HOUSEKEEPING)
        self._next_ns = min((slot.due_ns for slot in self._slots.values() if slot.enabled), default=now_ns)

    def make_safe(self) -> None:
        """Nothing to switch off."""

    def report_now(self, structure_id: int) -> bool:
        """One report out of turn; False for an unknown structure."""
        slot = self._slots.get(structure_id)
        if slot is None:
            return False
        self._send(slot, Priority.REPORT)
        return True

    def set_enabled(self, structure_id: int, on: bool) -> bool:
        """Start or stop periodic reports; False for an unknown structure."""
        slot = self._slots.get(structure_id)
        if slot is not None:
            slot.enabled = on
            self._next_ns = 0
        return slot is not None

    def set_interval(self, structure_id: int, interval_s: float) -> bool:
        """Change a collection interval; False for an unknown structure."""
        slot = self._slots.get(structure_id)
        if slot is not None:
            slot.interval_ns = seconds(interval_s)
            slot.due_ns = self._next_ns = 0
        return slot is not None

    def _send(self, slot: _Slot, priority: Priority) -> None:
        values = slot.provider()
        if values is not None:
            data = pack_structure(slot.definition.structure_id, self._codecs.pack(values))
            self._outbox.put(priority, slot.apid, HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, data)
