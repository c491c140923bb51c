"""Texas Instruments TMP117: one digital temperature sensor.

Registers: TMP117 data sheet 7.6; averaging and conversion cycle: 7.3.2 and 7.6.3; soft reset: 2 ms.
"""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.api.errors import GettingReady
from hal.buses.api import I2cBus
from hal.drivers.i2c_link import I2cLink, RegisterChip

TEMPERATURE: Final = 0x00
CONFIG: Final = 0x01
DEVICE_ID: Final = 0x0F

ID_TMP117: Final = 0x117
"""In the lower 12 bits; a TMP119 has another revision above them and reads the same way."""
SETTINGS: Final = 0x0220
"""Continuous, 8 averages once a second: the factory's own."""
SOFT_RESET: Final = 0x0002
_SETTABLE: Final = 0x0FFC
_NOT_YET: Final = -0x8000
RESET_NS: Final = 2 * NS_PER_MS
PATIENCE_NS: Final = 3 * NS_PER_S
"""A conversion takes 0.125 s and comes once a second."""

LSB_C: Final = 2.0**-7
LEAST_C: Final = -70.0
MOST_C: Final = 155.0
"""It is good for -55 to 150 C.  What it says a little beyond is passed on, what is far beyond is a wrong bit."""


class Tmp117:
    """One sensor.  A value costs one transfer; the settings are read at first contact and while there is no value."""

    def __init__(self, device: str, bus: I2cBus, address: int, clock: Clock) -> None:
        self._clock = clock
        self._since_ns = 0
        self._resetting = False
        self.link = I2cLink(device, "TMP117", bus, address, clock)
        self._registers = RegisterChip(self.link)

    def celsius(self) -> float:
        """Temperature, C, at most about a second old.

        Raises:
            GettingReady: it resets, or has not converted yet.
            BadReading: not a TMP117, settings lost, no conversion, or a value that it cannot have.
            DeviceTimeout: as `I2cLink.transfer`.
        """
        if self.link.lost:
            self._identify()
        if self._resetting:
            self._end_reset()
        raw = self._registers.get_signed(TEMPERATURE)
        if raw == _NOT_YET:
            raise self._no_value()
        value_c = raw * LSB_C
        if not LEAST_C <= value_c <= MOST_C:
            raise self.link.bad(f"{value_c:.2f} C: expected -55 to 150 C")
        self.link.good()
        return value_c

    def _identify(self) -> None:
        found = self._registers.get(DEVICE_ID)
        if found & 0x0FFF != ID_TMP117:
            self.link.fail()
            raise self.link.bad(f"expected device ID 0x117 in the lower 12 bits, read {found:#06x}")
        settings = self._registers.get(CONFIG)
        self._resetting = settings & _SETTABLE != SETTINGS
        if self._resetting:
            self._registers.put(CONFIG, SOFT_RESET)
        self.link.lost = False
        self._since_ns = self._clock.now_ns()

    def _end_reset(self) -> None:
        if self._clock.now_ns() - self._since_ns < RESET_NS:
            raise GettingReady(self.link.device, f"{self.link.where}: resets")
        self._registers.put(CONFIG, SETTINGS)
        self._resetting = False
        self._since_ns = self._clock.now_ns()

    def _no_value(self) -> Exception:
        settings = self._registers.get(CONFIG)
        if settings & _SETTABLE != SETTINGS:
            self.link.lost = True
            return self.link.bad(f"lost its settings ({settings:#06x}, expected {SETTINGS:#06x}); set up anew")
        if self._clock.now_ns() - self._since_ns > PATIENCE_NS:
            self.link.fail()
            return self.link.bad(f"no conversion in {PATIENCE_NS / NS_PER_S:g} s")
        return GettingReady(self.link.device, f"{self.link.where}: first conversion")
