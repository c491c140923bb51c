"""The catalogue of products, kept on storage and checked against the files themselves after a boot."""

from __future__ import annotations

import zlib
from typing import Final

import msgspec

from flight.context import EventSink
from flight.persistence import Backoff
from flight.products.format import FIRST_ID, LAST_ID, Entry, examine, file_name, next_after, product_id_of
from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas import instruments as area

FILE: Final = "products.cat"
MAX_PRODUCTS: Final = 200
_CRC_BYTES: Final = 4


class _Image(msgspec.Struct, frozen=True, array_like=True):
    next_id: int
    entries: tuple[Entry, ...]


class Catalogue:
    """Every product that is whole on storage.  Meets storage errors itself: what fails is tried again."""

    def __init__(self, storage: Storage, events: EventSink) -> None:
        self._storage = storage
        self._events = events
        self._entries: dict[int, Entry] = {}
        self._next_id = FIRST_ID
        self._unlisted: list[int] = []
        self._dirty = False
        self._retry = Backoff(NS_PER_S, 60 * NS_PER_S)
        self.loaded = False
        """False until storage has been read; no product can be made before."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def full(self) -> bool:
        """No room for another entry."""
        return len(self._entries) >= MAX_PRODUCTS

    @property
    def stored_bytes(self) -> int:
        """Storage used by products."""
        return sum(entry.size_bytes for entry in self._entries.values())

    @property
    def newest_id(self) -> int:
        """The product made last, 0 for none."""
        newest = max(self._entries.values(), key=lambda entry: (entry.gps_ns, entry.product_id), default=None)
        return 0 if newest is None else newest.product_id

    def get(self, product_id: int) -> Entry | None:
        """The entry of a product."""
        return self._entries.get(product_id)

    def following(self, product_id: int) -> Entry | None:
        """The entry with the lowest number from `product_id` on."""
        number = min((key for key in self._entries if key >= product_id), default=None)
        return None if number is None else self._entries[number]

    def take_id(self) -> int:
        """A number for a new product."""
        product_id = self._next_id
        while product_id in self._entries or product_id in self._unlisted:
            product_id = next_after(product_id)
        self._next_id = next_after(product_id)
        return product_id

    def add(self, entry: Entry) -> None:
        """Take in a product that is whole and durable."""
        self._entries[entry.product_id] = entry
        self._dirty = True

    def drop(self, product_id: int) -> None:
        """Forget a product."""
        self._entries.pop(product_id, None)
        self._dirty = True

    def delete(self, product_id: int) -> None:
        """Remove a product and its file.

        Raises:
            DeviceError: storage refused; the product is kept.
        """
        self._storage.remove(file_name(product_id))
        self.drop(product_id)

    def tick(self, now_ns: int) -> None:
        """Load, look at one unlisted file, write what has changed: one step of one of them."""
        if not self._retry.due(now_ns):
            return
        try:
            if not self.loaded:
                self._load()
            elif self._unlisted:
                self._look_at(self._unlisted[-1])
            elif self._dirty:
                self._save()
        except DeviceError:
            if not self._retry.failures:
                self._events.emit(area.STORAGE_FAULT, area.WhichProduct(product_id=0))
            self._retry.failed(now_ns)
        else:
            self._retry.succeeded()

    def _save(self) -> None:
        entries = tuple(self._entries[key] for key in sorted(self._entries))
        body = msgspec.msgpack.encode(_Image(self._next_id, entries))
        self._storage.replace(FILE, zlib.crc32(body).to_bytes(_CRC_BYTES, "big") + body)
        self._storage.request_sync()
        self._dirty = False

    def _load(self) -> None:
        """Compare the list with the files: missing ones are lost, unlisted ones are looked at one by one."""
        names = self._storage.list()
        files = {number for name in names if (number := product_id_of(name)) is not None}
        image = _decode(self._storage.read(FILE)) if FILE in names else _Image(FIRST_ID, ())
        if image is None:
            self._events.emit(area.PRODUCT_LOST, area.WhichProduct(product_id=0))
            image = _Image(FIRST_ID, ())
        self._next_id = image.next_id if FIRST_ID <= image.next_id <= LAST_ID else FIRST_ID
        for entry in image.entries:
            if entry.product_id in files:
                self._entries[entry.product_id] = entry
            else:
                self._events.emit(area.PRODUCT_LOST, area.WhichProduct(product_id=entry.product_id))
                self._dirty = True
        self._unlisted = sorted(files - self._entries.keys(), reverse=True)
        self.loaded = True

    def _look_at(self, product_id: int) -> None:
        """A sound file was finished when the power went before the catalogue was; anything else is rubbish."""
        entry = examine(product_id, self._storage.read(file_name(product_id)))
        if entry is None or self.full:
            self._storage.remove(file_name(product_id))
            self._events.emit(area.PRODUCT_LOST, area.WhichProduct(product_id=product_id))
        else:
            self.add(entry)
            self._events.emit(area.PRODUCT_ADOPTED, area.WhichProduct(product_id=product_id))
        self._unlisted.pop()


def _decode(data: bytes) -> _Image | None:
    body = data[_CRC_BYTES:]
    if len(data) <= _CRC_BYTES or zlib.crc32(body) != int.from_bytes(data[:_CRC_BYTES], "big"):
        return None
    try:
        return msgspec.msgpack.decode(body, type=_Image)
    except msgspec.DecodeError:  # a sound checksum over another version's layout
        return None
