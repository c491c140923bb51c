"""The state image in its two copies: the newest whole one, or none; damage never raises and never mixes two."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

import msgspec

from flight.boot import read_boot_record
from flight.kept_file import copy_name, encode_copy
from flight.state_image import FILE, VERSION, StateImage, state_file
from hal.api.values import ResetCause
from telemetry_defs.definitions import Mode
from tests.fakes.storage import FakeStorage
from tests.fuzz.draw import Draw

_IMAGES = (
    StateImage(boot_count=7, mode=Mode.IDLE, soc=0.5, parameters={257: 1.0}, duplicates={1: [5, 6]}),
    StateImage(boot_count=8, mode=Mode.DRIVE, relay_windows=[(1, 2)], counters={0x100: 9}, power_cycles={3: 4}),
)


def seeds() -> Iterator[bytes]:
    """Untouched copies, one damaged, a foreign body under a good checksum."""
    yield bytes(8)
    yield b"\x01\x05\xff\x00"
    yield b"\x02" + msgspec.msgpack.encode((VERSION, 3, _IMAGES[0]))
    yield b"\x02" + msgspec.msgpack.encode((VERSION, 3, {"soc": 9.0, "motion": {"x_m": 1e300}}))


def check(data: bytes) -> None:
    """Two damaged copies, or any body with its checksum mended."""
    draw = Draw(data)
    storage = FakeStorage()
    if draw.below(3) == 2:
        _mended(draw.rest(), storage)
        return
    good: list[StateImage] = []
    for generation, (image, copy) in enumerate(zip(_IMAGES, ("a", "b"), strict=True), 1):
        written = encode_copy(VERSION, generation, image)
        stored = _damaged(written, draw)
        storage.replace(copy_name(FILE, copy), stored)
        if stored == written:
            good.append(image)
    file = state_file(storage)
    found = file.read()
    assert found == (good[-1] if good else None)
    assert file.lost is not good or file.copy_bad == (len(good) == 1)


def _damaged(copy: bytes, draw: Draw) -> bytes:
    """Bits, a cut, or nothing.  A CRC-32 misses no burst that is this short."""
    kind = draw.below(4)
    at = draw.number(2) % len(copy)
    if kind == 1:
        return copy[:at] + bytes((copy[at] ^ draw.number(),)) + copy[at + 1 :]
    if kind == 2:
        return copy[:at]
    if kind == 3:
        return copy[:at] + draw.take(4)
    return copy


def _mended(body: bytes, storage: FakeStorage) -> None:
    """Whatever is read must be what a boot can count on and write again."""
    storage.replace(copy_name(FILE, "a"), binascii.crc32(body).to_bytes(4, "big") + body)
    file = state_file(storage)
    record = read_boot_record(file, ResetCause.WATCHDOG)
    assert not record.first
    file.write(record.image)
    assert state_file(storage).read() == record.image
