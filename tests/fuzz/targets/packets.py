"""Space packets and their content: refused with a `PacketError` or read, and then built again to the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from telemetry_defs.codec import Codecs
from telemetry_defs.crc import crc16
from telemetry_defs.definitions import Command, Event, Housekeeping
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import decode_tc, decode_tm
from telemetry_defs.packets import (
    PacketError,
    Tc,
    Tm,
    build_tc,
    build_tm,
    parse_tc,
    parse_tm,
    split_packets,
)
from telemetry_defs.reports import EVENT_SERVICE, HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE
from telemetry_defs.wire import RangeError
from tests.fuzz.draw import Draw

MAX_BYTES = 1200
_SHAPES: Final[tuple[Any, ...]] = (
    *DICTIONARY.housekeeping,
    *DICTIONARY.events,
    *DICTIONARY.reports,
    *DICTIONARY.commands,
)
_CODECS = Codecs()


def seeds() -> Iterator[bytes]:
    """Bytes as they are, mended bytes, and a body under every kind of known header."""
    ping = build_tc(0x100, 17, 1, 5, 1, b"")
    yield b"\x00" + ping
    yield b"\x01" + ping[:-2]
    yield b"\x00" + build_tm(0x101, 3, 25, 7, 9, 10**18, 2, bytes((1,)) + bytes(40))
    for number in range(0, len(_SHAPES), 40):
        yield b"\x02" + number.to_bytes(2, "big") + bytes(range(1, 30))


def check(data: bytes) -> None:
    """Raw bytes, bytes with length and CRC set right, or the body of a known packet."""
    draw = Draw(data)
    way = draw.below(3)
    if way == 2:
        _body(draw)
        return
    packet = draw.rest()
    _read(packet if way == 0 else _mended(packet))
    with suppress(PacketError):
        assert b"".join(split_packets(packet)) == packet


def _mended(body: bytes) -> bytes:
    body = body[:4] + max(len(body) + 2 - 7, 0).to_bytes(2, "big") + body[6:]
    return body + crc16(body).to_bytes(2, "big")


def _read(packet: bytes) -> None:
    with suppress(PacketError):
        _rebuild_tm(packet, parse_tm(packet))
        decode_tm(packet)
    with suppress(PacketError):
        _rebuild_tc(packet, parse_tc(packet))
        decode_tc(packet)


def _rebuild_tm(packet: bytes, tm: Tm) -> None:
    again = build_tm(tm.apid, tm.service, tm.subtype, tm.sequence_count, tm.message_count, tm.time_ns, tm.time_quality,
                     tm.data, tm.destination_id)  # fmt: skip
    assert again == packet


def _rebuild_tc(packet: bytes, tc: Tc) -> None:
    assert build_tc(tc.apid, tc.service, tc.subtype, tc.sequence_count, tc.source_id, tc.data, tc.ack) == packet
    assert tc.request_id == packet[:4]


def _body(draw: Draw) -> None:
    """Flight's codec and the ground's format must say the same of any body."""
    shape = draw.pick(_SHAPES)
    body = draw.rest()
    packet = _built(shape, body)
    if packet is None:
        return
    command = isinstance(shape, Command)
    decode = decode_tc if command else decode_tm
    try:
        fields: dict[str, Any] | None = decode(packet).fields
    except PacketError:
        fields = None
    try:
        record = _CODECS.of(shape.cls).unpack(body)
    except PacketError:
        assert fields is None, "the ground reads what flight does not"
        return
    except RangeError:  # flight takes no code without a meaning, the ground shows it as a number
        return
    assert fields is not None, "flight reads what the ground does not"
    assert msgspec.structs.asdict(record) == fields
    again = _CODECS.of(shape.cls).unpack(_CODECS.pack(record))
    assert again == record


def _built(shape: Any, body: bytes) -> bytes | None:
    service, subtype, data = _place(shape, body)
    try:
        if isinstance(shape, Command):
            return build_tc(0x100, service, subtype, 1, 1, data)
        return build_tm(0x100, service, subtype, 1, 1, 10**18, 2, data)
    except ValueError:
        return None


def _place(shape: Any, body: bytes) -> tuple[int, int, bytes]:
    if isinstance(shape, Housekeeping):
        return HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, bytes((shape.structure_id,)) + body
    if isinstance(shape, Event):
        return EVENT_SERVICE, int(shape.severity), shape.event_id.to_bytes(2, "big") + body
    if isinstance(shape, Command) and shape.function_id is not None:
        return shape.service, shape.subtype, shape.function_id.to_bytes(2, "big") + body
    return shape.service, shape.subtype, body
