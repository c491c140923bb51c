"""How packets lie on storage: files of records, each with its length and CRC-32, one class of priority a file.

A record is u16 length, the packet, CRC-32 over both.  Reading stops at the first bad record: writes that were not
synced when the power went may be torn or missing, and those that were always stand before them.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from telemetry_defs.packets import MAX_TM_BYTES, TM_OVERHEAD_BYTES

SEGMENT_BYTES: Final = 32_768
"""No segment is larger.  One is read in one cycle: at most 580 packets, 0.6 ms on a desktop core, so that the row stays
below its 5 ms on a computer an eighth as fast."""
RECORD_OVERHEAD_BYTES: Final = 6
_LENGTH: Final = struct.Struct(">H")
_CRC: Final = struct.Struct(">I")
_TIME: Final = struct.Struct(">IH")
_TIME_OFFSET: Final = 13
_NAME: Final = re.compile(r"tm([0-3])-([0-9]{8})")


class SegmentName(msgspec.Struct, frozen=True, order=True):
    """Which segment: class of priority and running number within it."""

    priority: int
    number: int

    @property
    def file(self) -> str:
        """Name on storage."""
        return f"tm{self.priority}-{self.number:08d}"


def segment_names(files: Iterable[str]) -> list[SegmentName]:
    """The segments among file names, sorted by class and age."""
    found = (_NAME.fullmatch(name) for name in files)
    return sorted(SegmentName(int(match[1]), int(match[2])) for match in found if match)


def encode_record(packet: bytes) -> bytes:
    """One record."""
    body = _LENGTH.pack(len(packet)) + packet
    return body + _CRC.pack(binascii.crc32(body))


def split_records(data: bytes) -> Iterator[bytes]:
    """The packets of a segment, up to the first bad record."""
    start, end = 0, len(data)
    while start + RECORD_OVERHEAD_BYTES <= end:
        length = _LENGTH.unpack_from(data, start)[0]
        stop = start + 2 + length
        if not TM_OVERHEAD_BYTES <= length <= MAX_TM_BYTES or stop + 4 > end:
            return
        if binascii.crc32(data[start:stop]) != _CRC.unpack_from(data, stop)[0]:
            return
        yield data[start + 2 : stop]
        start = stop + 4


def read_packets(files: Iterable[str], read: Callable[[str], bytes]) -> Iterator[bytes]:
    """Every packet of a whole store, class by class, oldest segment first."""
    for name in segment_names(files):
        yield from split_records(read(name.file))


def packet_time_ns(packet: bytes) -> int:
    """On-board time of a telemetry packet, ns since 1980-01-06, to 1/65536 s."""
    seconds, fraction = _TIME.unpack_from(packet, _TIME_OFFSET)
    return int(seconds * 1_000_000_000 + (fraction * 1_000_000_000 >> 16))
