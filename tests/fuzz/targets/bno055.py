"""BNO055 replies into the real driver: device errors only, in bounded time, and no value that was not on the wire."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from hal.api.clock import NS_PER_MS
from hal.api.values import ImuReading
from hal.drivers.bno055_sample import ACCEL_LSB, GYRO_LSB, MAX_ACCEL_M_S2, MAX_GYRO_RAD_S
from tests.fuzz.draw import Draw
from tests.fuzz.line_faults import DrawnFaults
from tests.hal.drivers.bno055_rig import BUDGET_NS, ImuRig

CYCLES: Final = 24
LONGEST_NS: Final = BUDGET_NS + 10 * NS_PER_MS


def seeds() -> Iterator[bytes]:
    """No fault, each kind of fault during set-up and after it."""
    yield b"\x00"
    for before in (0, 14, 40):
        for kind in range(1, 10):
            yield bytes((before,)) + bytes((kind, 3, 0x55, 0xAA)) * 4
    yield b"\x20" + b"\x07\x22\xbb\x20" + struct.pack("<16h", 1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0, 16384, 0, 0, 0) * 2


def check(data: bytes) -> None:
    """Good replies first, then as drawn."""
    draw = Draw(data)
    rig = ImuRig()
    for _ in range(draw.below(48)):
        rig.cycle()
    faults = DrawnFaults(draw, gentle=False)
    rig.line.fault = faults
    for _ in range(CYCLES):
        reading = rig.cycle()
        if isinstance(reading, ImuReading):
            _judge(reading, faults.stream)
    assert rig.longest_ns <= LONGEST_NS, f"{rig.longest_ns / NS_PER_MS} ms"


def _judge(reading: ImuReading, stream: bytearray) -> None:
    for values, lsb, most in (
        (reading.accel_m_s2, ACCEL_LSB, MAX_ACCEL_M_S2),
        (reading.gyro_rad_s, GYRO_LSB, MAX_GYRO_RAD_S),
    ):
        assert max(map(abs, values)) <= most
        assert struct.pack("<3h", *(round(value * lsb) for value in values)) in stream, values
