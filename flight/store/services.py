"""Handlers of PUS service 15."""

from __future__ import annotations

from collections.abc import Mapping

from flight.context import Execution, Handler
from flight.store.packet_store import MAX_RETRIEVALS, PacketStore
from flight.store.retrieval import Retrieval
from flight.telemetry.outbox import Outbox, Priority
from hal.api.errors import DeviceError
from telemetry_defs.areas import store as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.reports import STORE_SERVICE, STORE_SUMMARY_SUBTYPE, StoreSummary


class StoreServices:
    """What ground can ask of the packet store."""

    def __init__(self, store: PacketStore, outbox: Outbox, codecs: Codecs) -> None:
        self._store = store
        self._outbox = outbox
        self._codecs = codecs

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {
            area.ENABLE.name: lambda arguments, execution: self._record(True),
            area.DISABLE.name: lambda arguments, execution: self._record(False),
            area.RETRIEVE.name: self._retrieve,
            area.DELETE.name: self._delete,
            area.SUMMARY.name: self._report,
            area.ABORT.name: self._abort,
        }

    def _record(self, on: bool) -> None:
        self._store.recording = on

    def _retrieve(self, arguments: area.Retrieve, execution: Execution) -> None:
        if arguments.to_gps_s < arguments.from_gps_s:
            execution.fail(FailureCode.RANGE)
        elif len(self._store.retrievals) >= MAX_RETRIEVALS:
            execution.fail(FailureCode.BUSY, len(self._store.retrievals))
        else:
            execution.start()
            self._store.retrievals.append(Retrieval(arguments, execution, self._store.log))

    def _abort(self, arguments: NoArguments, execution: Execution) -> None:
        while self._store.retrievals:
            self._store.retrievals.popleft().execution.fail(FailureCode.ABORTED)

    def _delete(self, arguments: area.DeleteBefore, execution: Execution) -> None:
        log = self._store.log
        limit_ns = round(arguments.gps_s * 1e9)
        try:
            while segment := log.oldest_before(limit_ns):
                log.remove(segment)
        except DeviceError:
            execution.fail(FailureCode.STORAGE)

    def _report(self, arguments: NoArguments, execution: Execution) -> None:
        for priority in Priority:
            segments = self._store.log.of_class(priority)
            oldest = [s.oldest_ns for s in segments if s.oldest_ns is not None]
            newest = [s.newest_ns for s in segments if s.newest_ns is not None]
            summary = StoreSummary(
                index=priority,
                total=len(Priority),
                segments=len(segments),
                packets=sum(segment.packets for segment in segments),
                size_bytes=sum(segment.bytes for segment in segments),
                oldest_gps_s=min(oldest) / 1e9 if oldest else None,
                newest_gps_s=max(newest) / 1e9 if newest else None,
            )
            data = self._codecs.pack(summary)
            self._outbox.put(Priority.REPORT, area.AREA.apid, STORE_SERVICE, STORE_SUMMARY_SUBTYPE, data)
