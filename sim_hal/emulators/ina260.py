"""An INA260 register for register: conversion times, averaging, ready and alert flags.

Registers, times and scales as in the INA260 data sheet 8.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_US
from sim_hal.emulators.ti_registers import PointerChip

_CONFIG, _CURRENT, _VOLTAGE, _POWER, _MASK, _LIMIT, _MAKER, _DIE = 0x00, 0x01, 0x02, 0x03, 0x06, 0x07, 0xFE, 0xFF
_RESET: Final = 0x8000
_POWER_ON: Final = 0x6127
_FIXED: Final = 0x6000
_AVERAGES: Final = (1, 4, 16, 64, 128, 256, 512, 1024)
_TIMES_US: Final = (140, 204, 332, 588, 1100, 2116, 4156, 8244)
_CONTINUOUS: Final = 0b100
_ALERT, _READY, _OVERFLOW, _POLARITY, _LATCH = 0x10, 0x08, 0x04, 0x02, 0x01
_OVER_A, _UNDER_A, _OVER_V, _UNDER_V, _OVER_W, _ON_READY = 0x8000, 0x4000, 0x2000, 0x1000, 0x0800, 0x0400
_SETTABLE: Final = 0xFC03
_START_UP_NS: Final = 1000 * NS_PER_US

LSB_A: Final = 1.25e-3
LSB_V: Final = 1.25e-3
LSB_W: Final = 10e-3


class Ina260Chip(PointerChip):
    """One chip over the truth of its line, taken when a finished conversion is first looked at, not while it ran."""

    def __init__(self, volts: Callable[[], float], amps: Callable[[], float]) -> None:
        super().__init__()
        self._volts = volts
        self._amps = amps
        self._config = self._mask = self._flags = self._limit = 0
        self._current = self._voltage = self._power = 0
        self._next_ns = 0
        self._pending = False
        self.saturated = False
        """Its shunt's amplifier is at its end: the greatest current there is (fault)."""
        self.stopped = False
        """It converts no more (fault)."""
        self._reset(0)

    def power(self, on: bool, now_ns: int) -> None:
        """Without power it forgets its settings and does not answer."""
        if on is not self.powered:
            self.powered = on
            self._reset(now_ns)

    def awake(self, now_ns: int) -> bool:
        return self.powered

    @property
    def conversion_ns(self) -> int:
        """Time of one whole conversion with the present settings; 0 while it is shut down."""
        config = self._config
        mode = config & 7
        volt_us = _TIMES_US[config >> 6 & 7] if mode & 2 else 0
        amp_us = _TIMES_US[config >> 3 & 7] if mode & 1 else 0
        return _AVERAGES[config >> 9 & 7] * (volt_us + amp_us) * NS_PER_US

    def alert(self, now_ns: int) -> bool:
        """Level of the alert pin, True is high; open drain and active low unless its polarity is turned."""
        self._convert(now_ns)
        active = self._flags & _ALERT or (self._mask & _ON_READY and self._flags & _READY)
        return bool(active) is bool(self._mask & _POLARITY)

    def get(self, register: int, now_ns: int) -> int:
        self._convert(now_ns)
        if register == _MASK:
            value = self._mask | self._flags
            self._flags &= ~_READY
            if self._mask & _LATCH:
                self._flags &= ~_ALERT
            return value
        values = {
            _CONFIG: self._config, _CURRENT: self._current & 0xFFFF, _VOLTAGE: self._voltage, _POWER: self._power,
            _LIMIT: self._limit, _MAKER: 0x5449, _DIE: 0x2270,
        }  # fmt: skip
        return values.get(register, 0)

    def put(self, register: int, value: int, now_ns: int) -> None:
        self._convert(now_ns)
        if register == _CONFIG:
            if value & _RESET:
                self._reset(now_ns)
                return
            self._config = value & 0x0FFF | _FIXED
            self._flags &= ~_READY
            self._next_ns = now_ns + self.conversion_ns
            self._pending = bool(self._config & 3)
        elif register == _MASK:
            self._mask = value & _SETTABLE
        elif register == _LIMIT:
            self._limit = value

    def _reset(self, now_ns: int) -> None:
        self._config = _POWER_ON
        self._mask = self._flags = self._limit = 0
        self._current = self._voltage = self._power = 0
        self._next_ns = now_ns + _START_UP_NS + self.conversion_ns
        self._pending = True
        self._pointer = 0

    def _convert(self, now_ns: int) -> None:
        """Finish what has been converted by now."""
        if not self._pending or now_ns < self._next_ns or self.stopped:
            return
        mode = self._config & 7
        self._flags &= ~_OVERFLOW
        if mode & 1:
            self._current = 0x7FFF if self.saturated else _clip(self._amps() / LSB_A, -0x8000, 0x7FFF)
        if mode & 2:
            self._voltage = _clip(self._volts() / LSB_V, 0, 0x7FFF)
        power = abs(self._current) * LSB_A * self._voltage * LSB_V / LSB_W
        self._power = _clip(power, 0, 0xFFFF)
        if power > 0xFFFF:
            self._flags |= _OVERFLOW
        self._flags |= _READY
        self._judge()
        if mode & _CONTINUOUS:
            period_ns = self.conversion_ns
            self._next_ns += ((now_ns - self._next_ns) // period_ns + 1) * period_ns
        else:
            self._pending = False

    def _judge(self) -> None:
        """The alert function, after each conversion: the highest of the bits set counts."""
        limit = self._limit - 0x10000 if self._limit & 0x8000 else self._limit
        rules = (
            (_OVER_A, self._current > limit), (_UNDER_A, self._current < limit), (_OVER_V, self._voltage > self._limit),
            (_UNDER_V, self._voltage < self._limit), (_OVER_W, self._power > self._limit),
        )  # fmt: skip
        active = next((met for bit, met in rules if self._mask & bit), False)
        if active:
            self._flags |= _ALERT
        elif not self._mask & _LATCH:
            self._flags &= ~_ALERT


def _clip(steps: float, least: int, most: int) -> int:
    """A converter saturates."""
    return least if math.isnan(steps) else round(min(most, max(least, steps)))
