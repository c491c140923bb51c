"""RoboClaw replies into the real driver: device errors only, in bounded time, and no value that no unit has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hal.api.clock import NS_PER_MS
from hal.api.errors import DeviceError
from hal.api.values import WheelReadings
from tests.fuzz.draw import Draw
from tests.fuzz.line_faults import DrawnFaults
from tests.hal.drivers.roboclaw_bench import COUNTS_PER_RAD, FORWARD, HOLD_NS, OF_UNIT, STILL, WIRING, Drives

BUDGET_MS: Final = 60.0
CYCLES: Final = 14
LONGEST_NS: Final = round((BUDGET_MS + 25.0) * NS_PER_MS)
"""A call: the bus budget, and the last transaction's own end."""
RATE: Final = 40
AMPS: Final = 1.25


def seeds() -> Iterator[bytes]:
    """No fault, each kind of fault, and noise."""
    yield b"\x00"
    for gentle in (0, 1):
        for kind in range(1, 10):
            yield bytes((gentle,)) + bytes((0,)) * 12 + bytes((kind, 3, 0x55, 0xAA)) * 6
    yield b"\x01" + bytes(range(1, 200))


def check(data: bytes) -> None:
    """Cycles of a rover whose line goes wrong as drawn."""
    draw = Draw(data)
    kind = draw.below(4)
    drives = Drives(motors=True, budget_ms=BUDGET_MS, old=kind >= 2)
    for pair in drives.motors:
        for motor in pair:
            motor.rate, motor.amps = RATE, AMPS
    gentle = kind % 2 == 0
    drives.line.fault = DrawnFaults(draw, gentle=gentle)
    for cycle in range(CYCLES):
        start_ns = drives.now_ns
        _cycle(drives, FORWARD if cycle % 4 else STILL, gentle)
        drives.bench.plug.sleep_until_ns(max(drives.now_ns, start_ns + 100 * NS_PER_MS))


def _cycle(drives: Drives, speeds: tuple[float, ...], gentle: bool) -> None:
    start_ns = drives.now_ns
    try:
        reading = drives.wheels.read()
        _judge(reading, gentle)
        drives.wheels.command(speeds, HOLD_NS)
    except DeviceError as error:
        assert str(error).isprintable(), str(error)
    assert drives.now_ns - start_ns <= LONGEST_NS, f"{(drives.now_ns - start_ns) / NS_PER_MS} ms"


def _judge(reading: WheelReadings, gentle: bool) -> None:
    for unit, columns in zip(WIRING.units, OF_UNIT, strict=True):
        for column, sign in zip(columns, (unit.m1_sign, unit.m2_sign), strict=True):
            speed, current, angle = reading.speed_rad_s[column], reading.current_a[column], reading.angle_rad[column]
            for value in (speed, current, angle):
                assert value is None or abs(value) < 1e9
            if gentle:
                assert speed is None or abs(speed - sign * RATE / COUNTS_PER_RAD) < 1e-9, speed
                assert current is None or abs(current - AMPS) < 1e-9, current
                assert not angle, angle
