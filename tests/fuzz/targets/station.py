"""The ground's end of the links: any bytes in any pieces, counted and archived, and products never falsely whole."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Final

from ground.archive import Archive
from ground.products import Products
from ground.station import RADIOS, Station
from telemetry_defs.areas.instruments import PRODUCT_MAGIC, Encoding, InstrumentId, ProductHeader
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc, build_tm
from telemetry_defs.reports import ProductPart
from tests.fuzz.draw import Draw

_CODECS: Final = Codecs()
_HEADER: Final = ProductHeader(
    magic=PRODUCT_MAGIC, product_id=3, instrument=InstrumentId.CAMERA, encoding=Encoding.RAW, gps_ns=5, width_px=0,
    height_px=0, raw_bytes=4,
)  # fmt: skip
_BODY: Final = _CODECS.pack(_HEADER) + b"data"
_PRODUCT: Final = _BODY + binascii.crc32(_BODY).to_bytes(4, "big")


def seeds() -> Iterator[bytes]:
    """Frames, known packets with bodies, and the parts of a product in two orders."""
    yield b"\x00\x20" + encode_frame(build_tm(0x101, 3, 25, 7, 9, 10**18, 2, bytes((1,)) + bytes(29)))
    for kind in range(1, 5):
        yield bytes((kind, 3, 1, 0, 0, 1, 20)) + bytes(20)
    yield bytes((5, 1, 0, 10, 5, 2, 10, 12, 5, 3, 22, 40))
    yield bytes((5, 3, 22, 40, 5, 1, 0, 10, 5, 2, 10, 12))


def check(data: bytes) -> None:
    """Up to forty arrivals."""
    draw = Draw(data)
    sent: list[bytes] = []
    with Archive(None) as archive:
        station = Station(send=lambda _, frame: sent.append(frame), archive=archive)
        station.send_command("system.ping", {}, 0)
        for number in range(40):
            if not draw.left:
                break
            radio = draw.pick(RADIOS) if number % 4 == 0 else "local"
            for received in station.receive(radio, _arrival(draw), number * 10**9):
                assert received.raw
        _judge(station, archive)


def _arrival(draw: Draw) -> bytes:
    """Raw bytes, a packet of the dictionary with a drawn body, or a part of a product."""
    kind = draw.below(6)
    if kind == 0:
        return draw.some()
    if kind == 5:
        return _part(draw)
    apid, count, time_ns = draw.pick((0x100, 0x101, 0x104, 0x7FF)), draw.number(), draw.number() * 10**9
    body = draw.some()[:1000]
    if kind == 1:
        item = draw.pick(DICTIONARY.events)
        return _frame(apid, 5, int(item.severity), count, time_ns, item.event_id.to_bytes(2, "big") + body)
    if kind == 2:
        hk = draw.pick(DICTIONARY.housekeeping)
        return _frame(apid, 3, 25, count, time_ns, bytes((hk.structure_id,)) + body)
    if kind == 3:
        report = draw.pick(DICTIONARY.reports)
        return _frame(apid, report.service, report.subtype, count, time_ns, body)
    request = build_tc(0x100, 17, 1, 0, 1, b"")[:4]
    return _frame(0x100, 1, 1 + draw.below(8), count, time_ns, request + body)


def _part(draw: Draw) -> bytes:
    number, start, size = draw.below(8), draw.below(len(_PRODUCT)), draw.below(64)
    part = ProductPart(transaction=3, part=number, data=_PRODUCT[start : start + size])
    return _frame(0x104, 13, 1 + draw.below(3), draw.number(), 10**9, _CODECS.pack(part))


def _frame(apid: int, service: int, subtype: int, count: int, time_ns: int, data: bytes) -> bytes:
    return encode_frame(build_tm(apid, service, subtype, count, 1, time_ns, 2, data))


def _judge(station: Station, archive: Archive) -> None:
    assert station.lost_packets >= 0
    assert station.bad_frames >= 0
    assert all(warning.isprintable() for warning in station.warnings)
    kept = list(archive.packets())
    assert len(kept) + archive.undecoded() == len(list(archive.raw_packets()))
    for product in Products.of(archive):
        if product.complete:
            body, crc = product.data()[:-4], product.data()[-4:]
            assert binascii.crc32(body).to_bytes(4, "big") == crc
            assert not product.missing
