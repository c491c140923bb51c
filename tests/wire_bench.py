"""A clock and simulated wires with nothing but the chips of one test on them."""

from __future__ import annotations

from collections.abc import Mapping

from hal.api.clock import seconds
from sim_hal.buses.gpio import GpioPins, GpioPort
from sim_hal.buses.i2c import I2cChip, I2cPort, I2cWires
from sim_hal.buses.serial import SerialChip, SerialLine, SerialPort
from sim_hal.clock import SimClock
from sim_hal.plug import Plug


class WireBench:
    """The computer's end is `plug`, which is the clock that drivers get."""

    def __init__(self) -> None:
        self.clock = SimClock()
        self.plug = Plug(self.clock)

    def serial(self, chip: SerialChip, baud: int = 115_200, name: str = "uart") -> tuple[SerialLine, SerialPort]:
        """A serial line with `chip` at its end."""
        line = SerialLine(self.clock, name, baud, chip)
        return line, SerialPort(self.plug, line)

    def i2c(self, chips: Mapping[int, I2cChip], hz: int = 400_000, name: str = "i2c") -> tuple[I2cWires, I2cPort]:
        """A bus with chips by address."""
        wires = I2cWires(name, hz)
        wires.chips.update(chips)
        return wires, I2cPort(self.plug, wires)

    def gpio(self, name: str = "gpio") -> tuple[GpioPins, GpioPort]:
        """A GPIO chip with nothing connected yet."""
        pins = GpioPins(name)
        return pins, GpioPort(self.plug, pins)

    def pass_s(self, duration_s: float) -> None:
        """Let time pass."""
        self.plug.sleep_until_ns(self.plug.now_ns() + seconds(duration_s))
