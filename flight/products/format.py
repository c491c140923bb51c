"""What a product file looks like: header, payload, CRC-32 of both at the end.

The CRC makes a file tell by itself whether it is whole, so a catalogue that was lost can be made anew from the files.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

import msgspec

from telemetry_defs.areas.instruments import PRODUCT_MAGIC, Encoding, InstrumentId, ProductHeader
from telemetry_defs.codec import Codec
from telemetry_defs.packets import PacketError
from telemetry_defs.reports import PART_BYTES
from telemetry_defs.wire import RangeError

CRC_BYTES: Final = 4
FIRST_ID: Final = 1
LAST_ID: Final = 65_534
_NAME: Final = re.compile(r"product_(\d{5})\.bin")


class Payload(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an instrument gave; `encoding` says how it is to be stored."""

    data: bytes
    encoding: Encoding = Encoding.RAW
    width_px: int = 0
    height_px: int = 0


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One line of the catalogue; `crc32` is over the file without its last four bytes."""

    product_id: int
    instrument: InstrumentId
    gps_ns: int
    size_bytes: int
    crc32: int

    @property
    def parts(self) -> int:
        """Parts of a complete downlink."""
        return -(-self.size_bytes // PART_BYTES)


def file_name(product_id: int) -> str:
    """The file of a product."""
    return f"product_{product_id:05d}.bin"


def product_id_of(name: str) -> int | None:
    """The product a file belongs to, None for other files."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def next_after(product_id: int) -> int:
    """The number that follows, 1 after the last."""
    return product_id + 1 if product_id < LAST_ID else FIRST_ID


def make_header(product_id: int, instrument: InstrumentId, gps_ns: int, payload: Payload) -> bytes:
    """The first bytes of the file."""
    header = ProductHeader(
        magic=PRODUCT_MAGIC,
        product_id=product_id,
        instrument=instrument,
        encoding=payload.encoding,
        gps_ns=gps_ns,
        width_px=payload.width_px,
        height_px=payload.height_px,
        raw_bytes=len(payload.data),
    )
    return Codec(ProductHeader).pack(header)


def examine(product_id: int, content: bytes) -> Entry | None:
    """The catalogue entry of a whole and sound file; None for a torn, foreign or damaged one."""
    codec = Codec(ProductHeader)
    if len(content) < codec.size + CRC_BYTES or not is_sound(content):
        return None
    try:
        header = codec.unpack(content[: codec.size])
    except (PacketError, RangeError):
        return None
    if header.magic != PRODUCT_MAGIC or header.product_id != product_id:
        return None
    return Entry(
        product_id=product_id,
        instrument=header.instrument,
        gps_ns=header.gps_ns,
        size_bytes=len(content),
        crc32=int.from_bytes(content[-CRC_BYTES:], "big"),
    )


def is_sound(content: bytes) -> bool:
    """Whether the CRC at the end fits."""
    return zlib.crc32(memoryview(content)[:-CRC_BYTES]) == int.from_bytes(content[-CRC_BYTES:], "big")
