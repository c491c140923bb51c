"""Single chips with a little truth of their own, ready to be served: one function a chip."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from hal.api.clock import NS_PER_MS
from sil.emulate.free_truth import steady
from sim_hal.buses.gpio import GpioPins
from sim_hal.buses.i2c import I2cWires
from sim_hal.clock import SimClock
from sim_hal.devices.power import NOISE_A, NOISE_V
from sim_hal.devices.temperatures import NOISE_C
from sim_hal.emulators.ina260 import Ina260Chip
from sim_hal.emulators.pca9685 import CHANNELS, AllCall, Pca9685Chip
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from sim_hal.emulators.tmp117 import Tmp117Chip
from sim_hal.wired.bay import ALL_CALL

FIRMWARE: Final = "USB Roboclaw 2x7a v4.2.8"
OLD_FIRMWARE: Final = "USB Roboclaw 2x7a v4.1.34"
I2C_HZ: Final = 400_000
FRAME_NS: Final = 20 * NS_PER_MS
LINES: Final = 58
"""GPIO lines of a BCM2711 (BCM2711 ARM Peripherals, 5)."""

Say = Callable[[str], None]
"""Takes a line for whoever looks on."""


def roboclaws(addresses: Iterable[int], firmware: str | None, old: bool) -> RoboclawBus:
    """Units with free-running motors; an `old` one has 16 bits of status and lacks commands 78 and 79."""
    text = firmware or (OLD_FIRMWARE if old else FIRMWARE)
    return RoboclawBus([RoboclawUnit(each, firmware=text, wide=not old, together=not old) for each in addresses])


def servo_driver(bus: str, address: int, clock_hz: float, clock: SimClock, say: Say) -> I2cWires:
    """A PCA9685 that tells of every pulse that has changed, once a frame; it listens to all-call too."""
    chip = Pca9685Chip(clock_hz)
    watch = _PulseWatch(chip, say)
    clock.every(FRAME_NS, lambda: watch.look(clock.now_ns()))
    wires = I2cWires(bus, I2C_HZ)
    wires.chips[ALL_CALL] = AllCall(chip)
    wires.chips[address] = chip
    return wires


def power_monitor(bus: str, addresses: Iterable[int], volts_v: float, amps_a: float, seed: int) -> I2cWires:
    """INA260s that all see the same line."""
    wires = I2cWires(bus, I2C_HZ)
    for address in addresses:
        volts = steady(volts_v, NOISE_V, seed, f"{address} V")
        wires.chips[address] = Ina260Chip(volts, steady(amps_a, NOISE_A, seed, f"{address} A"))
    return wires


def thermometers(bus: str, addresses: Iterable[int], degrees_c: float, seed: int) -> I2cWires:
    """TMP117s in one place."""
    wires = I2cWires(bus, I2C_HZ)
    for address in addresses:
        wires.chips[address] = Tmp117Chip(steady(degrees_c, NOISE_C, seed, str(address)))
    return wires


def lines(bus: str, pulled_up: Sequence[int], say: Say) -> GpioPins:
    """GPIO lines that tell of every level that changes."""
    pins = GpioPins(bus)
    for line in range(LINES):
        pins.connect(line, line in pulled_up, _watch(line, say))
    return pins


def _watch(line: int, say: Say) -> Callable[[bool], None]:
    return lambda high: say(f"line {line} {'high' if high else 'low'}")


class _PulseWatch:
    """Says which outputs have changed."""

    def __init__(self, chip: Pca9685Chip, say: Say) -> None:
        self._chip = chip
        self._say = say
        self._pulses_us: list[float | None] = [None] * CHANNELS

    def look(self, now_ns: int) -> None:
        for channel, before_us in enumerate(self._pulses_us):
            pulse_us = self._chip.pulse_us(channel, now_ns)
            if pulse_us != before_us:
                self._pulses_us[channel] = pulse_us
                self._say(f"channel {channel} {'off' if pulse_us is None else f'{pulse_us:.0f} us'}")


def on_clock(clock: SimClock, say: Say) -> Say:
    """The same with the time before it, s."""
    return lambda text: say(f"{clock.now_ns() * 1e-9:10.3f} s  {text}")
