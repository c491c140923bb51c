"""A TMP117 register for register: no value before the first conversion, soft reset, its EEPROM, its range.

Registers and times as in the TMP117 data sheet 7.3 and 7.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_US
from sim_hal.emulators.ti_registers import PointerChip

_TEMPERATURE, _CONFIG, _HIGH, _LOW, _UNLOCK, _OFFSET, _ID = 0x00, 0x01, 0x02, 0x03, 0x04, 0x07, 0x0F
_NOTES: Final = (0x05, 0x06, 0x08)
"""General-purpose EEPROM."""
_KEPT: Final = (_CONFIG, _HIGH, _LOW, _OFFSET, *_NOTES)
_FACTORY: Final = ((_CONFIG, 0x0220), (_HIGH, 0x6000), (_LOW, 0x8000))
_HIGH_ALERT, _LOW_ALERT, _DATA_READY, _BUSY, _THERM, _SOFT_RESET = 0x8000, 0x4000, 0x2000, 0x1000, 0x10, 0x02
_SETTABLE: Final = 0x0FFC
_UNLOCKED, _UNLOCK_BUSY = 0x8000, 0x4000
_NOT_YET: Final = 0x8000
_SHUT_DOWN, _ONE_SHOT = 1, 3

_SAMPLE_US: Final = 15_500
_ACTIVE_US: Final = (_SAMPLE_US, 125_000, 500_000, 1_000_000)
_CYCLE_US: Final = (15_500, 125_000, 250_000, 500_000, 1_000_000, 4_000_000, 8_000_000, 16_000_000)
_RESET_NS: Final = 2 * NS_PER_MS
_POWER_UP_NS: Final = 1500 * NS_PER_US
_EEPROM_NS: Final = 7 * NS_PER_MS

LSB_C: Final = 2.0**-7
LEAST_C, MOST_C = -55.0, 150.0


class Tmp117Chip(PointerChip):
    """One sensor over the truth of its place, taken when a finished conversion is first looked at."""

    def __init__(self, celsius: Callable[[], float]) -> None:
        super().__init__()
        self._celsius = celsius
        self._eeprom = dict.fromkeys(_KEPT, 0) | dict(_FACTORY)
        self._registers: dict[int, int] = {}
        self._value = _NOT_YET
        self._flags = 0
        self._awake_ns = self._busy_until_ns = 0
        self._next_ns: int | None = None
        self._unlocked = False
        self.shows_c: float | None = None
        """Converts this in place of the truth (fault)."""
        self.stopped = False
        """It converts no more (fault)."""
        self._reset(0, 0)

    def power(self, on: bool, now_ns: int) -> None:
        """Without power it keeps only its EEPROM."""
        if on is not self.powered:
            self.powered = on
            self._reset(now_ns, _POWER_UP_NS)

    def awake(self, now_ns: int) -> bool:
        return self.powered and now_ns >= self._awake_ns

    def get(self, register: int, now_ns: int) -> int:
        self._convert(now_ns)
        if register == _CONFIG:
            busy = _BUSY if now_ns < self._busy_until_ns else 0
            value = self._registers[_CONFIG] | self._flags | busy
            self._flags = self._flags & (_HIGH_ALERT | _LOW_ALERT) if self._registers[_CONFIG] & _THERM else 0
            return value
        if register == _TEMPERATURE:
            self._flags &= ~_DATA_READY
            return self._value
        if register == _UNLOCK:
            busy = _UNLOCK_BUSY if now_ns < self._busy_until_ns else 0
            return (_UNLOCKED if self._unlocked else 0) | busy
        if register == _ID:
            return 0x0117
        return self._registers.get(register, 0)

    def put(self, register: int, value: int, now_ns: int) -> None:
        self._convert(now_ns)
        if register == _UNLOCK:
            self._unlocked = bool(value & _UNLOCKED)
        elif register == _CONFIG and value & _SOFT_RESET:
            self._reset(now_ns, _RESET_NS)
        elif register in _KEPT:
            self._write(register, value & _SETTABLE if register == _CONFIG else value, now_ns)

    def _write(self, register: int, value: int, now_ns: int) -> None:
        if register not in _NOTES or self._unlocked:
            self._registers[register] = value
        if self._unlocked and now_ns >= self._busy_until_ns:  # programming ends 7 ms later; a write meanwhile is lost
            self._eeprom[register] = value
            self._busy_until_ns = now_ns + _EEPROM_NS
        if register == _CONFIG:
            self._begin(now_ns)

    def _reset(self, now_ns: int, silent_ns: int) -> None:
        self._registers = dict(self._eeprom)
        self._awake_ns = now_ns + silent_ns
        self._busy_until_ns = 0
        self._unlocked = False
        self._flags = 0
        self._value = _NOT_YET
        self._pointer = 0
        self._begin(self._awake_ns)

    def _begin(self, now_ns: int) -> None:
        """Start converting as the configuration says."""
        mode = self._registers[_CONFIG] >> 10 & 3
        self._next_ns = None if mode == _SHUT_DOWN else now_ns + self._active_ns()

    def _active_ns(self) -> int:
        return _ACTIVE_US[self._registers[_CONFIG] >> 5 & 3] * NS_PER_US

    def _cycle_ns(self) -> int:
        return max(_CYCLE_US[self._registers[_CONFIG] >> 7 & 7] * NS_PER_US, self._active_ns())

    def _convert(self, now_ns: int) -> None:
        """Finish what has been converted by now."""
        if self._next_ns is None or now_ns < self._next_ns or self.stopped:
            return
        truth_c = self._celsius() if self.shows_c is None else self.shows_c
        steps = round(min(MOST_C, max(LEAST_C, 0.0 if math.isnan(truth_c) else truth_c)) / LSB_C)
        steps = min(0x7FFF, max(-0x8000, steps + _signed(self._registers[_OFFSET])))
        self._value = steps & 0xFFFF
        self._flags |= _DATA_READY
        self._judge(steps)
        if self._registers[_CONFIG] >> 10 & 3 == _ONE_SHOT:
            self._registers[_CONFIG] = self._registers[_CONFIG] & ~0x0C00 | _SHUT_DOWN << 10
            self._next_ns = None
        else:
            cycle_ns = self._cycle_ns()
            self._next_ns += ((now_ns - self._next_ns) // cycle_ns + 1) * cycle_ns

    def _judge(self, steps: int) -> None:
        high, low = _signed(self._registers[_HIGH]), _signed(self._registers[_LOW])
        if self._registers[_CONFIG] & _THERM:
            if steps > high:
                self._flags |= _HIGH_ALERT
            elif steps < low:
                self._flags &= ~_HIGH_ALERT
            return
        self._flags |= _HIGH_ALERT if steps > high else 0
        self._flags |= _LOW_ALERT if steps < low else 0


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
