"""Space packets (CCSDS 133.0-B-2) with the PUS-C secondary headers of ECSS-E-ST-70-41C, and their CRC.

TM: 6 + 7 bytes of headers, CUC time 4+2 without P-field (implicit 0x2E) at byte 13, data, CRC. TC: 6 + 5, data, CRC.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

import msgspec

from telemetry_defs import cuc
from telemetry_defs.crc import crc16

MAX_TM_BYTES = 1024
MAX_TC_BYTES = 256
TM_OVERHEAD_BYTES = 21
TC_OVERHEAD_BYTES = 13
MAX_TM_DATA = MAX_TM_BYTES - TM_OVERHEAD_BYTES
MAX_TC_DATA = MAX_TC_BYTES - TC_OVERHEAD_BYTES
# E-ST-70-41C 7.4.4.1, as in E-70-41A: acceptance is bit 3 of the field, its least significant one.
ACK_ACCEPTANCE, ACK_START, ACK_PROGRESS, ACK_COMPLETION = 0b0001, 0b0010, 0b0100, 0b1000

_PUS_C = 2 << 4
_TM_HEADER = struct.Struct(">HHHBBBHHIH")
_TC_HEADER = struct.Struct(">HHHBBBH")
_PRIMARY = struct.Struct(">HHH")
_CRC = struct.Struct(">H")
_UNSEGMENTED = 0xC000


class TimeQuality(IntEnum):
    """How far on-board time can be trusted; travels as the time reference status of the TM header."""

    UNSET = 0
    RTC = 1
    GROUND = 2


class PacketErrorCode(IntEnum):
    """Why a packet could not be read."""

    LENGTH = 1
    CRC = 2
    VERSION = 3
    TYPE = 4
    SECONDARY_HEADER = 5
    SEGMENTATION = 6
    PUS_VERSION = 7
    TIME_QUALITY = 8
    CONTENT = 9


class PacketError(Exception):
    """A packet cannot be read; ``code`` says why."""

    def __init__(self, code: PacketErrorCode, detail: str = "") -> None:
        """Keep the code; detail is for people."""
        super().__init__(f"{code.name}: {detail}" if detail else code.name)
        self.code = code


class Tm(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One telemetry packet; ``data`` is what lies between the headers and the CRC."""

    apid: int
    sequence_count: int
    service: int
    subtype: int
    message_count: int
    destination_id: int
    time_quality: TimeQuality
    time_ns: int
    data: bytes


class Tc(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One telecommand packet; ``request_id`` is its first four bytes, by which verification reports name it."""

    apid: int
    sequence_count: int
    service: int
    subtype: int
    source_id: int
    ack: int
    data: bytes
    request_id: bytes


def build_tm(
    apid: int,
    service: int,
    subtype: int,
    sequence_count: int,
    message_count: int,
    time_ns: int,
    time_quality: int,
    data: bytes,
    destination_id: int = 0,
) -> bytes:
    """Return one TM packet; counters wrap (14 and 16 bits), time saturates at the ends of CUC.

    Raises:
        ValueError: more than 1,003 bytes of data.
    """
    length = len(data)
    if length > MAX_TM_DATA:
        raise ValueError(f"TM[{service},{subtype}] holds at most {MAX_TM_DATA} bytes of data, got {length}")
    time_cuc = ((min(max(time_ns, 0), cuc.MAX_NS)) << 16) // 1_000_000_000
    body = (
        _TM_HEADER.pack(
            0x0800 | apid,
            _UNSEGMENTED | (sequence_count & 0x3FFF),
            length + 14,
            _PUS_C | time_quality,
            service,
            subtype,
            message_count & 0xFFFF,
            destination_id,
            time_cuc >> 16,
            time_cuc & 0xFFFF,
        )
        + data
    )
    return body + _CRC.pack(crc16(body))


def build_tc(
    apid: int, service: int, subtype: int, sequence_count: int, source_id: int, data: bytes, ack: int = 0b1111
) -> bytes:
    """Return one TC packet; the sequence count wraps at 14 bits.

    Raises:
        ValueError: more than 243 bytes of data.
    """
    length = len(data)
    if length > MAX_TC_DATA:
        raise ValueError(f"TC[{service},{subtype}] holds at most {MAX_TC_DATA} bytes of data, got {length}")
    sequence = _UNSEGMENTED | (sequence_count & 0x3FFF)
    body = _TC_HEADER.pack(0x1800 | apid, sequence, length + 6, _PUS_C | ack, service, subtype, source_id) + data
    return body + _CRC.pack(crc16(body))


def parse_tm(packet: bytes) -> Tm:
    """Return the parts of one TM packet.

    Raises:
        PacketError: length, CRC, version, type or a header is wrong.
    """
    _check_frame(packet, TM_OVERHEAD_BYTES, MAX_TM_BYTES)
    word0, word1, _, pus, service, subtype, messages, destination, seconds, fraction = _TM_HEADER.unpack_from(packet)
    _check_header(word0, word1, pus, 0)
    quality = pus & 0x0F
    if quality > TimeQuality.GROUND:
        raise PacketError(PacketErrorCode.TIME_QUALITY, f"time reference status {quality}")
    return Tm(
        apid=word0 & 0x07FF,
        sequence_count=word1 & 0x3FFF,
        service=service,
        subtype=subtype,
        message_count=messages,
        destination_id=destination,
        time_quality=TimeQuality(quality),
        time_ns=-(-((seconds << 16) | fraction) * 1_000_000_000 >> 16),
        data=packet[19:-2],
    )


def parse_tc(packet: bytes) -> Tc:
    """Return the parts of one TC packet.

    Raises:
        PacketError: length, CRC, version, type or a header is wrong.
    """
    _check_frame(packet, TC_OVERHEAD_BYTES, MAX_TC_BYTES)
    word0, word1, _, pus, service, subtype, source_id = _TC_HEADER.unpack_from(packet)
    _check_header(word0, word1, pus, 1)
    return Tc(
        apid=word0 & 0x07FF,
        sequence_count=word1 & 0x3FFF,
        service=service,
        subtype=subtype,
        source_id=source_id,
        ack=pus & 0x0F,
        data=packet[11:-2],
        request_id=packet[:4],
    )


def _check_frame(packet: bytes, least: int, most: int) -> None:
    size = len(packet)
    if not least <= size <= most:
        raise PacketError(PacketErrorCode.LENGTH, f"{size} bytes, not {least}..{most}")
    declared = _PRIMARY.unpack_from(packet)[2] + 7
    if declared != size:
        raise PacketError(PacketErrorCode.LENGTH, f"header says {declared} bytes, there are {size}")
    if crc16(packet) != 0:  # the CRC of a packet with its own CRC is zero
        raise PacketError(PacketErrorCode.CRC)


def _check_header(word0: int, word1: int, pus: int, packet_type: int) -> None:
    if word0 >> 13:
        raise PacketError(PacketErrorCode.VERSION, f"packet version {word0 >> 13}")
    if (word0 >> 12) & 1 != packet_type:
        raise PacketError(PacketErrorCode.TYPE, "telemetry and telecommand exchanged")
    if not word0 & 0x0800:
        raise PacketError(PacketErrorCode.SECONDARY_HEADER, "no secondary header")
    if word1 & 0xC000 != _UNSEGMENTED:
        raise PacketError(PacketErrorCode.SEGMENTATION, "segmented packet")
    if pus & 0xF0 != _PUS_C:
        raise PacketError(PacketErrorCode.PUS_VERSION, f"PUS version {pus >> 4}")


def split_packets(stream: bytes) -> Iterator[bytes]:
    """Yield the space packets of a concatenation, as in downlink.bin.

    Raises:
        PacketError: LENGTH, when the stream ends within a packet (all whole packets are yielded first).
    """
    start, end = 0, len(stream)
    while start < end:
        if end - start < 7:
            raise PacketError(PacketErrorCode.LENGTH, f"{end - start} bytes left at {start}: no whole header")
        stop = start + _PRIMARY.unpack_from(stream, start)[2] + 7
        if stop > end:
            raise PacketError(PacketErrorCode.LENGTH, f"packet at {start} is cut short")
        yield stream[start:stop]
        start = stop
