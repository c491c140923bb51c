"""Products put together again from their PUS 13 parts, in whatever order and over however many sessions they came."""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ground.archive import Archive
from ground.errors import GroundError
from ground.png import grey_png
from telemetry_defs.areas.instruments import PRODUCT_MAGIC, Encoding, ProductHeader
from telemetry_defs.codec import Codec
from telemetry_defs.formats import DecodedTm
from telemetry_defs.packets import PacketError
from telemetry_defs.wire import RangeError

CRC_BYTES: Final = 4
_PARTS: Final = ("product.first", "product.part", "product.last")
_CATALOGUE: Final = ("instruments.product_ready", "instruments.product")


class Product:
    """One product, as far as it has come.

    Attributes:
        product_id: its number on board.
        instrument: its instrument in lower case, empty until the catalogue says so.
        parts: content by part number, from 1.
        part_count: parts of the whole, None until the catalogue or the last part says so.
        size_bytes, crc32: what the catalogue says, None until it does.
    """

    def __init__(self, product_id: int) -> None:
        """Nothing of it has come yet."""
        self.product_id = product_id
        self.instrument = ""
        self.parts: dict[int, bytes] = {}
        self.part_count: int | None = None
        self.size_bytes: int | None = None
        self.crc32: int | None = None

    @property
    def missing(self) -> list[int]:
        """Numbers of the parts that have not come; without a known end, those before the furthest one."""
        last = self.part_count or max(self.parts, default=0)
        return [number for number in range(1, last + 1) if number not in self.parts]

    @property
    def complete(self) -> bool:
        """All parts are here and size and CRC are right."""
        return self.problem() == ""

    def problem(self) -> str:
        """Return why this is not the whole product, empty if it is."""
        if self.part_count is None:
            return f"{len(self.parts)} parts received, end unknown"
        if self.missing:
            return f"{len(self.missing)} of {self.part_count} parts missing, first {self.missing[0]}"
        data = self.data()
        if self.size_bytes is not None and len(data) != self.size_bytes:
            return f"{len(data)} bytes, catalogue says {self.size_bytes}"
        body, crc = data[:-CRC_BYTES], data[-CRC_BYTES:]
        if len(crc) < CRC_BYTES or binascii.crc32(body) != int.from_bytes(crc, "big"):
            return "CRC is wrong"
        if self.crc32 is not None and binascii.crc32(body) != self.crc32:
            return "CRC is not that of the catalogue"
        return ""

    def data(self) -> bytes:
        """Return the parts that are here, in order."""
        return b"".join(self.parts[number] for number in sorted(self.parts))

    def header(self) -> ProductHeader:
        """Return what the first part says.

        Raises:
            GroundError: the first part is missing or no product header.
        """
        codec = Codec(ProductHeader)
        try:
            header = codec.unpack(self.parts.get(1, b"")[: codec.size])
        except (PacketError, RangeError) as error:
            raise GroundError(f"product {self.product_id}: no header ({error})") from None
        if header.magic != PRODUCT_MAGIC:
            raise GroundError(f"product {self.product_id}: begins with {header.magic:#010x}, not {PRODUCT_MAGIC:#010x}")
        return header

    def kind(self) -> str:
        """Return the instrument in lower case, ``product`` as long as nothing has told it."""
        try:
            return self.instrument or self.header().instrument.name.lower()
        except GroundError:
            return "product"

    def payload(self) -> bytes:
        """Return the decoded payload of the whole product.

        Raises:
            GroundError: it is not whole, or does not decode to the size that its header says.
        """
        problem = self.problem()
        if problem:
            raise GroundError(f"product {self.product_id}: {problem}")
        header = self.header()
        payload = self.data()[Codec(ProductHeader).size : -CRC_BYTES]
        if header.encoding is Encoding.ZLIB:
            payload = _inflate(payload, header.raw_bytes, self.product_id)
        if len(payload) != header.raw_bytes:
            raise GroundError(f"product {self.product_id}: {len(payload)} bytes, header says {header.raw_bytes}")
        return payload

    def png(self) -> bytes | None:
        """Return the picture of an image product, None for any other.

        Raises:
            GroundError: see :meth:`payload`.
        """
        header = self.header()
        if not header.width_px:
            return None
        try:
            return grey_png(header.width_px, header.height_px, self.payload())
        except ValueError as error:
            raise GroundError(f"product {self.product_id}: {error}") from None

    def add_part(self, number: int, data: bytes, is_last: bool) -> None:
        """Take one part; one that came before is replaced.  Only the end of the whole product is a last part."""
        self.parts[number] = data
        if is_last:
            self.part_count = number

    def catalogue(self, fields: dict[str, Any]) -> None:
        """Take a catalogue entry; another CRC under the same number is another product."""
        crc32 = fields["crc32"]
        if self.crc32 is not None and crc32 is not None and crc32 != self.crc32:
            self.parts.clear()
        self.crc32, self.size_bytes = crc32, fields["size_bytes"]
        self.part_count = fields["parts"] or self.part_count
        instrument = fields["instrument"]
        if instrument is not None:
            self.instrument = getattr(instrument, "name", str(instrument)).lower()


class Products:
    """All products of a session, by number."""

    def __init__(self) -> None:
        """Nothing received yet."""
        self._products: dict[int, Product] = {}

    @classmethod
    def of(cls, archive: Archive) -> Products:
        """Return the products in an archive."""
        products = cls()
        for name in (*_PARTS, *_CATALOGUE):
            for packet in archive.packets(name):
                products.take(packet.tm)
        return products

    def __iter__(self) -> Iterator[Product]:
        for product_id in sorted(self._products):
            yield self._products[product_id]

    def __len__(self) -> int:
        return len(self._products)

    def get(self, product_id: int) -> Product | None:
        """Return a product by its number."""
        return self._products.get(product_id)

    def take(self, tm: DecodedTm) -> None:
        """Take any telemetry packet; all but parts and catalogue entries are passed over."""
        if tm.name in _PARTS:
            fields = tm.fields
            self._product(fields["transaction"]).add_part(fields["part"], fields["data"], tm.name == _PARTS[-1])
        elif tm.name in _CATALOGUE and tm.fields["product_id"] is not None:
            self._product(tm.fields["product_id"]).catalogue(tm.fields)

    def save(self, folder: Path) -> list[Path]:
        """Write every complete product (``camera-00003.bin``, and ``.png`` of an image); return the files."""
        written: list[Path] = []
        for product in self:
            if not product.complete:
                continue
            folder.mkdir(parents=True, exist_ok=True)
            stem = folder / f"{product.kind()}-{product.product_id:05d}"
            written.append(_write(stem.with_suffix(".bin"), product.data()))
            try:
                picture = product.png()
            except GroundError:
                continue  # not in our format: the file itself is kept
            if picture is not None:
                written.append(_write(stem.with_suffix(".png"), picture))
        return written

    def _product(self, product_id: int) -> Product:
        product = self._products.get(product_id)
        if product is None:
            product = self._products[product_id] = Product(product_id)
        return product


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _inflate(data: bytes, size: int, product_id: int) -> bytes:
    reader = zlib.decompressobj()
    try:
        return reader.decompress(data, size + 1)  # bounded: damage must not fill the memory
    except zlib.error as error:
        raise GroundError(f"product {product_id}: {error}") from None
