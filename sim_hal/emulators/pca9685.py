"""A PCA9685 byte for byte: sixteen pulse outputs behind registers, with a prescaler that only a sleeping chip takes.

Register addresses, wrapping and precedence as in the PCA9685 data sheet 7.3; power-on values as in its tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_US

CHANNELS: Final = 16
STEPS: Final = 4096
OSCILLATOR_NS: Final = 500 * NS_PER_US

_MODE1, _MODE2, _OUTPUTS, _ALL, _PRE_SCALE = 0x00, 0x01, 0x06, 0xFA, 0xFE
_LAST_OUTPUT = 0x45
_ADDRESSES: Final = (0xE2, 0xE4, 0xE8, 0xE0)
"""Sub-addresses 1 to 3 and all-call at power-on, shifted by one: all-call is 0x70."""
_RESTART, _EXTCLK, _AI, _SLEEP, _ALLCALL = 0x80, 0x40, 0x20, 0x10, 0x01
_FULL = 0x10
_LEAST_PRE_SCALE = 3


class Pca9685Chip:
    """Implements `sim_hal.buses.i2c.I2cChip`.  `changed(now_ns)` is called when outputs may have changed."""

    def __init__(self, clock_hz: float = 25.0e6, changed: Callable[[int], None] | None = None) -> None:
        """`clock_hz` is what this very chip's oscillator does, whatever the driver believes."""
        self.clock_hz = clock_hz
        self.changed = changed
        self.powered = True
        self.frozen = False
        """Its registers take nothing, though it acknowledges (fault)."""
        self._registers = bytearray(256)
        self._pointer = 0
        self._runs_from_ns = 0
        self.reset()

    def reset(self) -> None:
        """Power-on state: asleep, all-call on, auto-increment off, every output fully off, 200 Hz."""
        registers = self._registers
        registers[:] = bytes(256)
        registers[_MODE1] = _SLEEP | _ALLCALL
        registers[_MODE2] = 0x04
        registers[2:6] = bytes(_ADDRESSES)
        registers[_OUTPUTS : _LAST_OUTPUT + 1] = bytes((0, 0, 0, _FULL)) * CHANNELS
        registers[_PRE_SCALE] = 0x1E
        self._pointer = 0

    def power(self, on: bool, now_ns: int) -> None:
        """Without power it forgets everything and drives nothing."""
        if on is not self.powered:
            self.powered = on
            self.reset()
            self._tell(now_ns)

    def brown_out(self, now_ns: int) -> None:
        """A dip of the supply: reset, and there again at once."""
        self.power(False, now_ns)
        self.power(True, now_ns)

    def transfer(self, written: bytes, read_size: int, now_ns: int) -> bytes | None:
        """Outputs change at the stop (OCH = 0)."""
        if not self.powered:
            return None
        if written:
            if _LAST_OUTPUT < written[0] < _ALL:
                return None  # no such register: not acknowledged
            self._pointer = written[0]
            for value in written[1:]:
                self._put(self._pointer, value, now_ns)
                self._step()
            if len(written) > 1:
                self._tell(now_ns)
        read = bytearray()
        for _ in range(read_size):
            read.append(self._get(self._pointer))
            self._step()
        return bytes(read)

    @property
    def answers_all_call(self) -> bool:
        """Whether it also listens at 0x70."""
        return self.powered and bool(self._registers[_MODE1] & _ALLCALL)

    @property
    def period_us(self) -> float:
        """One period of every output."""
        return STEPS * (self._registers[_PRE_SCALE] + 1) * 1e6 / self.clock_hz

    def pulse_us(self, channel: int, now_ns: int) -> float | None:
        """Width of the pulses of one output now; None where the level does not change (off, full on, asleep)."""
        mode1 = self._registers[_MODE1]
        stopped = mode1 & (_SLEEP | _RESTART | _EXTCLK)  # nothing is wired to the clock input
        if not self.powered or stopped or now_ns < self._runs_from_ns:
            return None
        at = _OUTPUTS + 4 * channel
        on_l, on_h, off_l, off_h = self._registers[at : at + 4]
        steps = ((off_h & 0x0F) << 8 | off_l) - ((on_h & 0x0F) << 8 | on_l)
        if (on_h | off_h) & _FULL or steps == 0:
            return None
        return (steps % STEPS) * self.period_us / STEPS

    def _step(self) -> None:
        if self._registers[_MODE1] & _AI:
            self._pointer = 0 if self._pointer in {_LAST_OUTPUT, _PRE_SCALE} else (self._pointer + 1) & 0xFF

    def _get(self, register: int) -> int:
        return 0 if _ALL <= register < _PRE_SCALE else self._registers[register]

    def _put(self, register: int, value: int, now_ns: int) -> None:
        registers = self._registers
        if self.frozen:
            return
        if register == _MODE1:
            self._put_mode(value, now_ns)
        elif register == _PRE_SCALE:
            if registers[_MODE1] & _SLEEP:
                registers[_PRE_SCALE] = max(_LEAST_PRE_SCALE, value)
        elif _ALL <= register < _PRE_SCALE:
            for channel in range(CHANNELS):
                self._put_output(_OUTPUTS + 4 * channel + register - _ALL, value)
        elif _OUTPUTS <= register <= _LAST_OUTPUT:
            self._put_output(register, value)
        elif register == _MODE2:
            registers[_MODE2] = value & 0x1F
        elif register < _OUTPUTS:
            registers[register] = value & 0xFE

    def _put_output(self, register: int, value: int) -> None:
        high = (register - _OUTPUTS) & 1
        self._registers[register] = value & 0x1F if high else value
        self._registers[_MODE1] &= ~_RESTART  # outputs written anew start without it

    def _put_mode(self, value: int, now_ns: int) -> None:
        registers = self._registers
        before = registers[_MODE1]
        flag = before & _RESTART
        if value & _RESTART and not value & _SLEEP:
            flag = 0
        if value & _SLEEP and not before & _SLEEP and self._any_pulse():
            flag = _RESTART
        if before & _SLEEP and not value & _SLEEP:
            self._runs_from_ns = now_ns + OSCILLATOR_NS
        external = (before | (value if before & _SLEEP else 0)) & _EXTCLK  # sticks until power is lost
        registers[_MODE1] = value & ~(_RESTART | _EXTCLK) | flag | external

    def _any_pulse(self) -> bool:
        return any(not self._registers[_OUTPUTS + 4 * channel + 3] & _FULL for channel in range(CHANNELS))

    def _tell(self, now_ns: int) -> None:
        if self.changed is not None:
            self.changed(now_ns)


class AllCall:
    """Address 0x70: every PCA9685 listens there after power-on until its ALLCALL bit is cleared."""

    def __init__(self, *chips: Pca9685Chip) -> None:
        self._chips = chips

    def transfer(self, written: bytes, read_size: int, now_ns: int) -> bytes | None:
        listening = [chip for chip in self._chips if chip.answers_all_call]
        answers = [chip.transfer(written, read_size, now_ns) for chip in listening]
        return next((answer for answer in answers if answer is not None), None)
