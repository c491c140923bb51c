"""Storing a product: one chunk a tick, compressed on the way, catalogued only once it is durable."""

from __future__ import annotations

import contextlib
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from flight.products.catalogue import Catalogue
from flight.products.format import CRC_BYTES, Entry, Payload, file_name, make_header
from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas.instruments import Encoding, InstrumentId

CHUNK_BYTES: Final = 16_384
"""Takes about a millisecond to compress on a Raspberry Pi 4."""
MAX_WAITING: Final = 4
SYNC_TIMEOUT_NS: Final = 30 * NS_PER_S

Stored = Callable[[Entry | None], None]
"""Called once with the entry of the stored product, or None when storage failed."""


class Job(msgspec.Struct, frozen=True):
    """One payload to store."""

    instrument: InstrumentId
    gps_ns: int
    payload: Payload
    done: Stored


class _Plain:
    """Stands in for a compressor where the payload is stored as it is."""

    def compress(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


class ProductWriter:
    """Stores one product at a time; at most four wait."""

    def __init__(self, storage: Storage, catalogue: Catalogue) -> None:
        self._storage = storage
        self._catalogue = catalogue
        self._waiting: deque[Job] = deque()
        self._job: Job | None = None
        self._packer: Any = None
        self._position = 0
        self._size = 0
        self._crc = 0
        self._ticket: int | None = None
        self._deadline_ns = 0
        self.product_id = 0
        """The product being written, 0 for none."""

    def put(self, job: Job) -> bool:
        """Store a payload soon; False when too many wait."""
        if len(self._waiting) >= MAX_WAITING:
            return False
        self._waiting.append(job)
        return True

    def tick(self, now_ns: int) -> None:
        """One step."""
        if self._job is None:
            if not self._waiting or not self._catalogue.loaded:
                return
            self._job = self._waiting.popleft()
            self._begin()
        try:
            self._step(self._job, now_ns)
        except DeviceError:
            self._give_up(self._job)

    def cancel(self) -> None:
        """Drop everything; a file begun is found and removed after the next boot or rebuild."""
        self._waiting.clear()
        self._job = None
        self.product_id = 0

    def _begin(self) -> None:
        self.product_id = self._catalogue.take_id()
        self._position = self._size = self._crc = 0
        self._ticket = None

    def _step(self, job: Job, now_ns: int) -> None:
        if self._ticket is not None:
            self._wait_for_sync(job, now_ns)
        elif self._size == 0:
            zipped = job.payload.encoding is Encoding.ZLIB
            self._packer = zlib.compressobj(6) if zipped else _Plain()
            self._storage.remove(file_name(self.product_id))
            self._append(make_header(self.product_id, job.instrument, job.gps_ns, job.payload))
        elif self._position < len(job.payload.data):
            chunk = job.payload.data[self._position : self._position + CHUNK_BYTES]
            self._position += len(chunk)
            self._append(self._packer.compress(chunk))
        else:
            self._append(self._packer.flush())
            self._ticket = self._storage.append(file_name(self.product_id), self._crc.to_bytes(CRC_BYTES, "big"))
            self._storage.request_sync()
            self._deadline_ns = now_ns + SYNC_TIMEOUT_NS

    def _append(self, data: bytes) -> None:
        if data:
            self._storage.append(file_name(self.product_id), data)
            self._size += len(data)
            self._crc = zlib.crc32(data, self._crc)

    def _wait_for_sync(self, job: Job, now_ns: int) -> None:
        if self._ticket is not None and self._storage.synced_through() >= self._ticket:
            entry = Entry(
                product_id=self.product_id,
                instrument=job.instrument,
                gps_ns=job.gps_ns,
                size_bytes=self._size + CRC_BYTES,
                crc32=self._crc,
            )
            self._catalogue.add(entry)
            self._finish(job, entry)
        elif now_ns >= self._deadline_ns:
            self._give_up(job)

    def _give_up(self, job: Job) -> None:
        with contextlib.suppress(DeviceError):  # what is left of the file is found and removed after the next boot
            self._storage.remove(file_name(self.product_id))
        self._finish(job, None)

    def _finish(self, job: Job, entry: Entry | None) -> None:
        self._job = None
        self.product_id = 0
        job.done(entry)
