"""Large packets (PUS 13): parts of a product, made only when the link has room for one."""

from __future__ import annotations

from collections import deque
from typing import Final

import msgspec

from flight.context import EventSink, Execution
from flight.products.catalogue import Catalogue
from flight.products.format import file_name, is_sound
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas import instruments as area
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import APID_INSTRUMENTS, FailureCode
from telemetry_defs.reports import PART_BYTES, ProductPart

MAX_REQUESTS: Final = 8
SERVICE: Final = 13
FIRST, INTERMEDIATE, LAST = 1, 2, 3


class _Request(msgspec.Struct):
    product_id: int
    next_part: int
    first_part: int
    last_part: int
    execution: Execution


class DownlinkPump:
    """Requests in the order they came; the transmit row pulls part after part."""

    def __init__(self, storage: Storage, catalogue: Catalogue, events: EventSink) -> None:
        self._storage = storage
        self._catalogue = catalogue
        self._events = events
        self._requests: deque[_Request] = deque()
        self._codec = Codec(ProductPart)
        self._content: bytes | None = None
        self.parts_sent = 0

    @property
    def waiting(self) -> int:
        """Requests, the running one included."""
        return len(self._requests)

    @property
    def position(self) -> tuple[int, int]:
        """Product and next part of the running request, (0, 0) for none."""
        return (self._requests[0].product_id, self._requests[0].next_part) if self._requests else (0, 0)

    def concerns(self, product_id: int) -> bool:
        """Whether a request for this product waits or runs."""
        return any(request.product_id == product_id for request in self._requests)

    def request(self, arguments: area.Downlink, execution: Execution) -> None:
        """Queue parts of a product; `last_part` 0 is the end.  Ends the execution when the last was handed over."""
        entry = self._catalogue.get(arguments.product_id)
        if entry is None:
            execution.fail(FailureCode.UNKNOWN_ID, arguments.product_id)
            return
        last_part = arguments.last_part or entry.parts
        if not arguments.first_part <= last_part <= entry.parts:
            execution.fail(FailureCode.REFUSED, entry.parts)
        elif len(self._requests) >= MAX_REQUESTS:
            execution.fail(FailureCode.BUSY, len(self._requests))
        else:
            execution.start()
            first = arguments.first_part
            self._requests.append(_Request(arguments.product_id, first, first, last_part, execution))

    def stop(self) -> None:
        """Drop all requests."""
        requests, self._requests = self._requests, deque()
        self._content = None
        for request in requests:
            request.execution.fail(FailureCode.ABORTED, request.next_part)

    def next_bulk(self) -> tuple[int, int, int, bytes] | None:
        """APID, service, subtype and data of the next part; None when nothing is asked for."""
        while self._requests:
            request = self._requests[0]
            if self._content is None:
                self._content = self._open(request)
            if self._content is not None:
                return self._part(request, self._content)
        return None

    def _open(self, request: _Request) -> bytes | None:
        """The product's content; None after a request was failed because it cannot be had."""
        try:
            content = self._storage.read(file_name(request.product_id))
        except DeviceError:
            content = b""
        entry = self._catalogue.get(request.product_id)
        if entry is not None and len(content) == entry.size_bytes and is_sound(content):
            return content
        self._requests.popleft()
        self._events.emit(area.PRODUCT_LOST, area.WhichProduct(product_id=request.product_id))
        request.execution.fail(FailureCode.STORAGE, request.product_id)
        return None

    def _part(self, request: _Request, content: bytes) -> tuple[int, int, int, bytes]:
        number = request.next_part
        start = (number - 1) * PART_BYTES
        part = ProductPart(transaction=request.product_id, part=number, data=content[start : start + PART_BYTES])
        last_of_all = start + PART_BYTES >= len(content)
        subtype = LAST if last_of_all else FIRST if number == 1 else INTERMEDIATE
        request.next_part += 1
        self.parts_sent += 1
        if number >= request.last_part:
            self._complete(request)
        return APID_INSTRUMENTS, SERVICE, subtype, self._codec.pack(part)

    def _complete(self, request: _Request) -> None:
        self._requests.popleft()
        self._content = None
        report = area.PartsSent(
            product_id=request.product_id, first_part=request.first_part, last_part=request.last_part
        )
        self._events.emit(area.DOWNLINK_DONE, report)
        request.execution.complete()
