"""The register pages of a BNO055 and the sensors behind them, sampled at 100 Hz from a truth.

Euler angles follow from the quaternion.  Linear acceleration and gravity (0x28 to 0x33) read zero and the axis map has
no effect: no driver of ours uses them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Final, Protocol

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.values import Vector

PAGE_BYTES: Final = 0x80
CHIP_ID: Final = 0x00
PAGE_ID: Final = 0x07
DATA: Final = 0x08
TEMPERATURE: Final = 0x34
CALIB_STAT: Final = 0x35
ST_RESULT: Final = 0x36
SYS_STATUS: Final = 0x39
SYS_ERR: Final = 0x3A
UNIT_SEL: Final = 0x3B
OPR_MODE: Final = 0x3D
PWR_MODE: Final = 0x3E
SYS_TRIGGER: Final = 0x3F
AXIS_MAP: Final = 0x41

RESET_BIT: Final = 0x20
CONFIG_MODE: Final = 0x00
_MILLI_G: Final = 0x01
_RAD_S: Final = 0x02
_RAD: Final = 0x04

OUTPUT_NS: Final = 10 * NS_PER_MS
_FUSION: Final = range(0x08, 0x0D)
_ACCEL: Final = frozenset((0x1, 0x4, 0x5, 0x7, *_FUSION))
_GYRO: Final = frozenset((0x3, 0x5, 0x6, 0x7, 0x8, 0xB, 0xC))
_WRITABLE: Final = (frozenset((*range(0x3B, 0x43), *range(0x55, 0x6B))), frozenset(range(0x08, 0x20)))
"""By page."""
_IDENTITY: Final = (0xA0, 0xFB, 0x32, 0x0F, 0x11, 0x03, 0x15)
_MILLI_G_M_S2: Final = 9.80665e-3

_OUTPUTS: Final = struct.Struct("<16h")

Quaternion = tuple[float, float, float, float]


class ImuTruth(Protocol):
    """What the chip feels, in its own axes, with whatever noise and bias it is to have."""

    def gyro_rad_s(self) -> Vector:
        """Angular rate."""
        ...

    def accel_m_s2(self) -> Vector:
        """Specific force."""
        ...

    def quaternion(self) -> Quaternion:
        """Attitude (w, x, y, z), of unit length."""
        ...


class Registers:
    """Both pages; outputs are sampled when they are read, once for each output period."""

    def __init__(self, truth: ImuTruth) -> None:
        self._truth = truth
        self.chip_id = _IDENTITY[0]
        """Another one for a wrong chip (fault)."""
        self.stuck = False
        """The outputs stay as they are (fault)."""
        self.temperature_c: Callable[[], float] = lambda: 25.0
        self.page = 0
        self.system_error = 0
        self.mode = CONFIG_MODE
        self._mode_since_ns = 0
        self._period: int | None = None
        self._pages = (bytearray(PAGE_BYTES), bytearray(PAGE_BYTES))
        self.reset()

    def reset(self) -> None:
        """As after power-on; units as one of the data sheet's two tables has them, with the pitch sign bit set."""
        self.page = 0
        self.system_error = 0
        self.mode = CONFIG_MODE
        self._mode_since_ns = 0
        self._period = None
        first = self._pages[0]
        first[:] = bytes(PAGE_BYTES)
        self._pages[1][:] = bytes(PAGE_BYTES)
        first[: len(_IDENTITY)] = bytes(_IDENTITY)
        first[ST_RESULT] = 0x0F
        first[UNIT_SEL] = 0x80
        first[AXIS_MAP] = 0x24

    def writable(self, register: int) -> bool:
        """Whether the register of this page takes a write."""
        return register in _WRITABLE[self.page]

    def store(self, register: int, value: int) -> None:
        """Write a register of this page."""
        self._pages[self.page][register] = value

    def enter(self, mode: int, since_ns: int) -> None:
        """Change the mode; in CONFIG the outputs stay as they are."""
        self.mode = mode
        self._mode_since_ns = since_ns
        self._period = None

    def read(self, register: int, size: int, now_ns: int) -> bytes:
        """Registers of this page."""
        page = self._pages[self.page]
        if self.page == 0:
            self._refresh(now_ns)
        page[PAGE_ID] = self.page
        return bytes(page[register : register + size])

    def _refresh(self, now_ns: int) -> None:
        page = self._pages[0]
        page[CHIP_ID] = self.chip_id
        page[OPR_MODE] = self.mode
        page[SYS_ERR] = self.system_error
        page[SYS_STATUS] = self._status(now_ns)
        page[TEMPERATURE] = round(self.temperature_c()) & 0xFF
        gyro_done = min(3, max(0, (now_ns - self._mode_since_ns) // NS_PER_S)) if self.mode in _GYRO else 0
        page[CALIB_STAT] = gyro_done << 4
        period = now_ns // OUTPUT_NS
        if self.mode != CONFIG_MODE and period != self._period and not self.stuck:
            self._period = period
            page[DATA : DATA + 32] = self._sample()

    def _status(self, now_ns: int) -> int:
        if self.system_error:
            return 1
        if self.mode == CONFIG_MODE or now_ns < self._mode_since_ns:
            return 0
        return 5 if self.mode in _FUSION else 6

    def _sample(self) -> bytes:
        units = self._pages[0][UNIT_SEL]
        accel_lsb = 1.0 / _MILLI_G_M_S2 if units & _MILLI_G else 100.0
        gyro_lsb = 900.0 if units & _RAD_S else 16.0 * 180.0 / math.pi
        angle_lsb = 900.0 if units & _RAD else 16.0 * 180.0 / math.pi
        truth, mode, zero = self._truth, self.mode, (0.0, 0.0, 0.0)
        attitude = truth.quaternion() if mode in _FUSION else (0.0, 0.0, 0.0, 0.0)
        values = (
            *_scaled(truth.accel_m_s2() if mode in _ACCEL else zero, accel_lsb),
            *(0, 0, 0),  # no magnetic field where we drive
            *_scaled(truth.gyro_rad_s() if mode in _GYRO else zero, gyro_lsb),
            *_scaled(_euler(attitude), angle_lsb),
            *_scaled(attitude, 16384.0),
        )
        try:
            return _OUTPUTS.pack(*values)
        except struct.error:  # beyond its range, where a converter stops
            return _OUTPUTS.pack(*(max(-32768, min(32767, value)) for value in values))


def _scaled(values: tuple[float, ...], lsb: float) -> list[int]:
    return [round(value * lsb) for value in values]


def _euler(attitude: Quaternion) -> Vector:
    """Heading (clockwise, 0 to 2 pi), roll, pitch, rad."""
    w, x, y, z = attitude
    heading = -math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)) % (2.0 * math.pi)
    roll = math.atan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2.0 * (w * y - z * x))))
    return (heading, roll, pitch)
