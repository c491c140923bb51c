"""Reporting the catalogue: one event per product, slow enough for the event throttle."""

from __future__ import annotations

from typing import Final

from flight.context import EventSink, Execution
from flight.products.catalogue import Catalogue
from flight.products.format import Entry
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import instruments as area
from telemetry_defs.definitions import FailureCode

PACE_NS: Final = 2 * NS_PER_S
"""Five reports in ten seconds; the throttle lets eight pass."""


def info(entry: Entry) -> area.ProductInfo:
    """The report of one entry."""
    return area.ProductInfo(
        product_id=entry.product_id,
        instrument=entry.instrument,
        size_bytes=entry.size_bytes,
        crc32=entry.crc32,
        parts=entry.parts,
        gps_ns=entry.gps_ns,
    )


class Listing:
    """Runs one listing at a time."""

    def __init__(self, catalogue: Catalogue, events: EventSink) -> None:
        self._catalogue = catalogue
        self._events = events
        self._execution: Execution | None = None
        self._next_id = 0
        self._due_ns = 0

    def request(self, arguments: area.ListProducts, execution: Execution) -> None:
        """List from `first_id` on; completes after the last."""
        if self._execution is not None:
            execution.fail(FailureCode.BUSY)
            return
        execution.start()
        self._execution = execution
        self._next_id = arguments.first_id

    def stop(self) -> None:
        """Drop a running listing."""
        execution, self._execution = self._execution, None
        if execution is not None:
            execution.fail(FailureCode.ABORTED)

    def tick(self, now_ns: int) -> None:
        """Report the next product when it is due."""
        if self._execution is None or now_ns < self._due_ns:
            return
        entry = self._catalogue.following(self._next_id)
        if entry is None:
            execution, self._execution = self._execution, None
            execution.complete()
            return
        self._events.emit(area.PRODUCT_LISTED, info(entry))
        self._next_id = entry.product_id + 1
        self._due_ns = now_ns + PACE_NS
