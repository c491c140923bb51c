"""NXP PCA9685: sixteen pulse widths from one prescaled oscillator.

Registers: PCA9685 data sheet 7.3; waking up and restarting: 7.3.1.1; the prescaler: 7.3.5.
"""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_US, Clock
from hal.api.errors import BadReading, GettingReady
from hal.buses.api import I2cBus
from hal.drivers.i2c_link import I2cLink

MODE1: Final = 0x00
FIRST_OUTPUT: Final = 0x06
ALL_OUTPUTS: Final = 0xFA
PRE_SCALE: Final = 0xFE

RESTART: Final = 0x80
AUTO_INCREMENT: Final = 0x20
SLEEP: Final = 0x10
OUTDRV: Final = 0x04
FULL_OFF_H: Final = 0x10
"""Bit 4 of OFF_H; it beats everything else."""

AWAKE: Final = AUTO_INCREMENT
ASLEEP: Final = AUTO_INCREMENT | SLEEP
STEPS: Final = 4096
OSCILLATOR_NS: Final = 500 * NS_PER_US

Counts = tuple[int | None, ...]
"""Pulse widths in steps of a period, in the order of the channels given; None: no pulse at all."""


class Pca9685:
    """One chip and the channels in use.  All-call is off, ON is always 0 and OFF never, so they are never equal."""

    def __init__(
        self, device: str, bus: I2cBus, address: int, clock: Clock, *, channels: tuple[int, ...], prescale: int
    ) -> None:
        self._clock = clock
        self._channels = channels
        self._prescale = prescale
        self._first = min(channels)
        self._span = max(channels) - self._first + 1
        self._woken_ns: int | None = None
        self._ready = False
        self.link = I2cLink(device, "PCA9685", bus, address, clock)
        self.counts: Counts = (None,) * len(channels)
        """What was written last."""

    @property
    def set_up(self) -> bool:
        """It makes pulses, as far as anybody knows."""
        return self._ready

    def forget(self) -> None:
        """It had no power: nothing holds any more."""
        self.link.forget()
        self._unset()

    def prepare(self) -> None:
        """Go one step towards a chip that makes pulses; returns when there is nothing left to do.

        Raises:
            GettingReady: its oscillator is starting up (500 us).
            BadReading: what answers is no PCA9685, or it lost its registers (once; then it is set up anew).
            DeviceTimeout: as `I2cLink.transfer`.
        """
        if self._ready:
            if self.link.lost:
                self._look_again()
            return
        if self._woken_ns is None or self.link.lost:
            self._configure()
            raise GettingReady(self.link.device, f"{self.link.where}: oscillator starts")
        if self._clock.now_ns() - self._woken_ns < OSCILLATOR_NS:
            raise GettingReady(self.link.device, f"{self.link.where}: oscillator starts")
        self._start()

    def write(self, counts: Counts) -> None:
        """Set the pulses of all channels: one transfer where they lie side by side, else one for each."""
        if len(self._channels) == self._span:
            ordered = sorted(zip(self._channels, counts, strict=True), key=lambda pair: pair[0])
            self._put_output(self._first, b"".join(_output(count) for _, count in ordered))
        else:
            for channel, count in zip(self._channels, counts, strict=True):
                self._put_output(channel, _output(count))
        self.counts = counts

    def check(self) -> None:
        """Read the pulses back; one corrupt read is forgiven, lost pulses are written again.

        Raises:
            BadReading: the chip did not hold what it was told.
            DeviceTimeout: as `I2cLink.transfer`.
        """
        if self._held() or self._held():
            self.link.good()
            return
        mode = self._get(MODE1)
        if mode != AWAKE:
            raise self._lost_registers(mode)
        self.write(self.counts)
        raise self.link.bad("outputs read back otherwise than written; written again")

    def _held(self) -> bool:
        found = self.link.transfer(bytes((FIRST_OUTPUT + 4 * self._first,)), 4 * self._span)
        return all(
            found[4 * (channel - self._first) :][:4] == _output(count)
            for channel, count in zip(self._channels, self.counts, strict=True)
        )

    def _look_again(self) -> None:
        """After a loss: is it the same chip, still set up?"""
        mode, prescale = self._get(MODE1), self._get(PRE_SCALE)
        if mode != AWAKE or prescale != self._prescale:
            raise self._lost_registers(mode)
        self.link.lost = False

    def _configure(self) -> None:
        """Put it to sleep with every output off, set it up, wake it."""
        link = self.link
        link.transfer(bytes((MODE1, ASLEEP, OUTDRV)), 0)
        link.transfer(bytes((ALL_OUTPUTS, 0, 0, 0, FULL_OFF_H)), 0)
        link.transfer(bytes((PRE_SCALE, self._prescale)), 0)
        mode, prescale = self._get(MODE1), self._get(PRE_SCALE)
        if mode & ~RESTART != ASLEEP or prescale != self._prescale:
            link.fail()
            raise link.bad(
                f"expected MODE1 {ASLEEP:#04x}, PRE_SCALE {self._prescale} as written, read {mode:#04x}, {prescale}"
            )
        link.transfer(bytes((MODE1, AWAKE)), 0)
        link.lost = False
        self.counts = (None,) * len(self._channels)
        self._woken_ns = self._clock.now_ns()

    def _start(self) -> None:
        mode = self._get(MODE1)
        if mode & ~RESTART != AWAKE:
            raise self._lost_registers(mode)
        if mode & RESTART:
            self.link.transfer(bytes((MODE1, AWAKE | RESTART)), 0)
        self._ready = True
        self.link.good()

    def _lost_registers(self, mode: int) -> BadReading:
        self.forget()
        return self.link.bad(f"lost its registers (MODE1 {mode:#04x}, expected {AWAKE:#04x}); set up anew")

    def _unset(self) -> None:
        self._ready = False
        self._woken_ns = None
        self.counts = (None,) * len(self._channels)

    def _put_output(self, channel: int, data: bytes) -> None:
        self.link.transfer(bytes((FIRST_OUTPUT + 4 * channel,)) + data, 0)

    def _get(self, register: int) -> int:
        return self.link.transfer(bytes((register,)), 1)[0]


def prescale_for(clock_hz: float, frame_hz: float) -> int:
    """Prescaler for so many periods a second: round(clock / (4096 f)) - 1, 3 to 255 (data sheet 7.3.5)."""
    return min(255, max(3, round(clock_hz / (STEPS * frame_hz)) - 1))


def _output(count: int | None) -> bytes:
    """ON and OFF registers of one channel."""
    if count is None:
        return bytes((0, 0, 0, FULL_OFF_H))
    return bytes((0, 0, count & 0xFF, count >> 8))
