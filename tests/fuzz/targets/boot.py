"""A boot on a hostile storage: flight comes up, no row raises, and what it writes it can read again."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from flight.crash_record import CrashRecord
from flight.kept_file import copy_name
from flight.monitoring.kept import KeptMonitors
from flight.sequences.kept import KeptRunning, KeptSequence
from flight.state_image import StateImage
from flight.store.segments import encode_record
from flight.timeline.kept import Entry, KeptTimeline
from hal.api.values import ResetCause
from telemetry_defs.definitions import Mode
from telemetry_defs.monitor_reports import MonitorState
from telemetry_defs.packets import build_tc, build_tm
from tests.fakes.storage import FakeStorage
from tests.flight.board_bench import board, flight_on, run
from tests.fuzz.draw import Draw
from tests.fuzz.msgpack_edits import altered

CYCLES: Final = 30
_KEPT: Final[tuple[tuple[str, int, Any], ...]] = (
    ("state", 2, StateImage(boot_count=3, mode=Mode.IDLE, soc=0.7, duplicates={1: [5]}, counters={0x100: 7})),
    ("crash", 1, CrashRecord(error="E: x", row="power", cycle=4, boot_count=2, gps_ns=5, events=((3, 257), (1, 258)))),
    ("schedule", 1, KeptTimeline(entries=(Entry(10**18, 1, build_tc(0x100, 17, 1, 1, 1, b"")),))),
    ("monitors", 1, KeptMonitors(states={1: MonitorState.ENABLED}, actions={1: True})),
    ("sequences", 1, KeptRunning((1,))),
    ("seq-200", 1, KeptSequence(on_board=True, data=b"\x92\x01\x90")),
)
_OTHER: Final = ("products.cat", "product_00001.bin", "tm0-00000001", "tm3-00000002")
_PACKET: Final = build_tm(0x101, 3, 25, 7, 9, 10**18, 2, bytes(40))


def seeds() -> Iterator[bytes]:
    """Each file as it should be, then with a value changed, then torn."""
    for place in range(len(_KEPT)):
        yield bytes((place, 0, 0))
        yield bytes((place, 1, 3, 1, 2, 9))
        yield bytes((place, 2, 12)) + b"torn"
    for place in range(len(_OTHER)):
        yield bytes((len(_KEPT) + place, 0)) + encode_record(_PACKET)
        yield bytes((len(_KEPT) + place, 1)) + msgspec.msgpack.encode((5, [(1, 2, 3, 40, 5)]))


def check(data: bytes) -> None:
    """Files, then a boot."""
    draw = Draw(data)
    storage = FakeStorage()
    cause = ResetCause.WATCHDOG
    for _ in range(4):
        if draw.left:
            _place(draw, storage)
    hal = board(storage=storage, reset_cause=cause)
    flight = flight_on(hal)
    run(flight, CYCLES)
    failed = {name: state.failures for name, state in flight.executive.rows.items() if state.failures}
    assert not failed, f"rows failed: {failed}, {storage.files.get('crash.a')!r}"


def _place(draw: Draw, storage: FakeStorage) -> None:
    number = draw.below(len(_KEPT) + len(_OTHER))
    way = draw.below(3)
    if number >= len(_KEPT):
        body = draw.some() if way else draw.rest()
        name = _OTHER[number - len(_KEPT)]
        storage.replace(name, body if way != 1 else binascii.crc32(body).to_bytes(4, "big") + body)
        return
    name, version, record = _KEPT[number]
    if way == 1:
        record = altered(draw, msgspec.to_builtins(record, builtin_types=(bytes,)))
    body = msgspec.msgpack.encode((version, 1, record))
    if way == 2:
        body = body[: draw.number()] + draw.some()
    storage.replace(copy_name(name, draw.pick("ab")), binascii.crc32(body).to_bytes(4, "big") + body)
