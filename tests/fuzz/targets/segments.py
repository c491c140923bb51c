"""Segments of the packet store: what stands before the damage is read, nothing else, and a log goes on after them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flight.store.log import PacketLog
from flight.store.segments import encode_record, packet_time_ns, segment_names, split_records
from telemetry_defs.packets import MAX_TM_BYTES, TM_OVERHEAD_BYTES, build_tm
from tests.fakes.storage import FakeStorage
from tests.fuzz.draw import Draw

_PACKETS: Final = tuple(build_tm(0x101, 3, 25, n, n, n * 10**9, 2, bytes((1, n))) for n in range(4))
_WHOLE: Final = b"".join(map(encode_record, _PACKETS))
_SIZE: Final = len(_WHOLE) // len(_PACKETS)


def seeds() -> Iterator[bytes]:
    """Whole, torn, with a bad bit, foreign."""
    yield b"\x00\x00\x00"
    yield b"\x00\x00\x20\x01\x05"
    yield b"\x01" + _WHOLE[:80]
    yield b"\x02tm0-00000001\ntm1-1\ntm9-00000000\ntm3-99999998"


def check(data: bytes) -> None:
    """A damaged good segment, any bytes, or file names."""
    draw = Draw(data)
    way = draw.below(3)
    if way == 0:
        _damaged(draw)
    elif way == 1:
        _any(draw.rest())
    else:
        _names(draw.rest().decode("utf-8", "replace").split("\n"))


def _damaged(draw: Draw) -> None:
    at = draw.number(2) % len(_WHOLE)
    data = _WHOLE[:at] + bytes((_WHOLE[at] ^ (draw.number() or 1),)) + _WHOLE[at + 1 :] + draw.rest()
    assert tuple(split_records(data)) == _PACKETS[: at // _SIZE]


def _any(data: bytes) -> None:
    packets = list(split_records(data))
    assert data.startswith(b"".join(map(encode_record, packets)))
    assert all(TM_OVERHEAD_BYTES <= len(packet) <= MAX_TM_BYTES for packet in packets)
    storage = FakeStorage()
    storage.replace("tm1-00000004", data)
    log = PacketLog(storage, 100)
    log.load()
    assert log.last_ns() == (packet_time_ns(packets[-1]) if packets else None)
    log.append(1, [_PACKETS[0]])
    while log.index_one():
        pass
    while log.evict_one() is not None:
        pass
    assert log.used_bytes >= 0


def _names(names: list[str]) -> None:
    storage = FakeStorage()
    names = [name for name in names if not name.endswith("-99999999")]  # nothing can follow it; no rover gets there
    for name in names:
        storage.replace(name, _WHOLE)
    log = PacketLog(storage, 1 << 20)
    log.load()
    for priority in range(4):
        log.append(priority, [_PACKETS[1]])
    found = segment_names(storage.list())
    assert [segment.name for segment in log.segments()] == found
