"""Handlers of PUS service 11.  Whatever changes the timeline completes once the change survives a power cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flight.context import Execution, Handler
from flight.telemetry.outbox import Outbox, Priority
from flight.timeline.kept import Entry
from flight.timeline.timeline import Timeline
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import timeline as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.packets import parse_tc
from telemetry_defs.reports import (
    TIMELINE_REPORT_SUBTYPE,
    TIMELINE_SERVICE,
    TIMELINE_SUMMARY_SUBTYPE,
    TimelineEntry,
    TimelineSummary,
    request_number,
)

SOONEST_NS: Final = NS_PER_S
"""A release time must lie this far ahead."""


def _as_it_is() -> None:
    """What is in force already stays so."""


class TimelineServices:
    """What ground can ask of the timeline; the telecommand inside an insertion was checked on acceptance."""

    def __init__(self, timeline: Timeline, outbox: Outbox, codecs: Codecs) -> None:
        self._timeline = timeline
        self._outbox = outbox
        self._codecs = codecs

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {
            area.ENABLE.name: lambda arguments, execution: self._enable(execution, True),
            area.DISABLE.name: lambda arguments, execution: self._enable(execution, False),
            area.RESET.name: self._reset,
            area.INSERT.name: self._insert,
            area.DELETE.name: self._delete,
            area.SHIFT.name: self._shift,
            area.SHIFT_ALL.name: self._shift_all,
            area.REPORT.name: self._report,
            area.SUMMARY.name: self._summary,
            area.GO.name: self._go,
        }

    def _keep(self, execution: Execution, undo: Callable[[], None] = _as_it_is) -> None:
        """Complete once durable; else `undo`, so that nothing runs that ground believes is not on board."""
        execution.start()

        def done(durable: bool) -> None:
            if durable:
                execution.complete()
                return
            undo()
            execution.fail(FailureCode.STORAGE)

        self._timeline.keep(done)

    def _enable(self, execution: Execution, on: bool) -> None:
        self._timeline.enabled = on
        self._keep(execution)

    def _reset(self, arguments: NoArguments, execution: Execution) -> None:
        self._timeline.reset()
        self._keep(execution)

    def _go(self, arguments: NoArguments, execution: Execution) -> None:
        if not self._timeline.trusted:
            execution.fail(FailureCode.PRECONDITION)
            return
        self._timeline.held = False
        self._keep(execution)

    def _insert(self, arguments: area.Insert, execution: Execution) -> None:
        timeline = self._timeline
        release_ns = round(arguments.release_gps_s * NS_PER_S)
        tc = parse_tc(arguments.telecommand)
        if not timeline.trusted:
            execution.fail(FailureCode.PRECONDITION)
        elif not self._is_ahead(release_ns):
            execution.fail(FailureCode.RANGE)
        elif len(timeline.entries) >= area.MAX_ENTRIES:
            execution.fail(FailureCode.LIMIT, area.MAX_ENTRIES)
        elif timeline.find(tc.source_id, tc.apid, tc.sequence_count) is not None:
            execution.fail(FailureCode.DUPLICATE, tc.sequence_count)
        else:
            entry = timeline.insert(release_ns, arguments.telecommand)
            self._keep(execution, lambda: timeline.remove(entry))

    def _delete(self, arguments: area.RequestKey, execution: Execution) -> None:
        entry = self._find(arguments, execution)
        if entry is not None:
            self._timeline.remove(entry)
            self._keep(execution)

    def _shift(self, arguments: area.Shift, execution: Execution) -> None:
        offset_ns = round(arguments.offset_s * NS_PER_S)
        entry = self._find(arguments, execution)
        if entry is None:
            return
        if not self._is_ahead(entry.release_ns + offset_ns):
            execution.fail(FailureCode.RANGE)
            return
        self._timeline.shift(entry, offset_ns)
        self._keep(execution)

    def _shift_all(self, arguments: area.ShiftAll, execution: Execution) -> None:
        timeline = self._timeline
        offset_ns = round(arguments.offset_s * NS_PER_S)
        if timeline.entries and not self._is_ahead(timeline.entries[0].release_ns + offset_ns):
            execution.fail(FailureCode.RANGE)
            return
        timeline.shift_all(offset_ns)
        self._keep(execution)

    def _is_ahead(self, release_ns: int) -> bool:
        return release_ns >= self._timeline.gps_ns() + SOONEST_NS

    def _find(self, key: area.RequestKey | area.Shift, execution: Execution) -> Entry | None:
        entry = self._timeline.find(key.source_id, key.apid, key.sequence_count)
        if entry is None:
            execution.fail(FailureCode.UNKNOWN_ID, key.sequence_count)
        return entry

    def _report(self, arguments: NoArguments, execution: Execution) -> None:
        entries = self._timeline.entries
        for index, entry in enumerate(entries):
            report = TimelineEntry(
                index=index,
                total=len(entries),
                release_gps_s=entry.release_ns / NS_PER_S,
                telecommand=entry.packet,
            )
            self._put(TIMELINE_REPORT_SUBTYPE, self._codecs.pack(report))

    def _summary(self, arguments: NoArguments, execution: Execution) -> None:
        entries = self._timeline.entries
        for index, entry in enumerate(entries):
            tc = parse_tc(entry.packet)
            report = TimelineSummary(
                index=index,
                total=len(entries),
                release_gps_s=entry.release_ns / NS_PER_S,
                source_id=tc.source_id,
                request=request_number(tc.request_id),
            )
            self._put(TIMELINE_SUMMARY_SUBTYPE, self._codecs.pack(report))

    def _put(self, subtype: int, data: bytes) -> None:
        self._outbox.put(Priority.REPORT, area.AREA.apid, TIMELINE_SERVICE, subtype, data)
