"""Texas Instruments INA260: voltage and current of one line through its own 2 mOhm shunt.

Registers and scales: INA260 data sheet 8.6; identity: 8.6.1.7 and 8.6.1.8.
"""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_S, NS_PER_US, Clock
from hal.api.errors import GettingReady
from hal.api.wiring import MonitorWiring
from hal.buses.api import I2cBus
from hal.drivers.i2c_link import I2cLink, RegisterChip

CONFIG: Final = 0x00
CURRENT: Final = 0x01
VOLTAGE: Final = 0x02
MASK_ENABLE: Final = 0x06
MANUFACTURER: Final = 0xFE
DIE: Final = 0xFF

TEXAS_INSTRUMENTS: Final = 0x5449
DIE_INA260: Final = 0x227
"""In the upper 12 bits; the revision is below."""

# Averages of 128, 1.1 ms each for voltage and current, continuous: a new pair every 282 ms, for readers at 1 Hz.
SETTINGS: Final = 0x6000 | 0b100 << 9 | 0b100 << 6 | 0b100 << 3 | 0b111
CONVERSION_NS: Final = 128 * 2 * 1100 * NS_PER_US
# The ready flag is also given to the alert pin, which is not connected: after a brown-out this bit is gone.
SETTINGS_MARK: Final = 0x0400
_SETTABLE: Final = 0xFC03
_READY: Final = 0x0008
_OVERFLOW: Final = 0x0004

LSB_V: Final = 1.25e-3
LSB_A: Final = 1.25e-3
MOST_V: Final = 37.0
"""The input is good for 36 V; the rest is error of the chip."""
MOST_A: Final = 15.5
"""The shunt is good for 15 A."""
PATIENCE_NS: Final = 4 * CONVERSION_NS
"""A chip that has not converted for so long has stopped."""


class Ina260:
    """One chip.  Current in the chip's direction, or the other way with `invert`."""

    def __init__(self, device: str, bus: I2cBus, wiring: MonitorWiring, clock: Clock) -> None:
        self._clock = clock
        self._sign = -1.0 if wiring.invert else 1.0
        self._converted = False
        self._alive_ns = 0
        self.link = I2cLink(device, "INA260", bus, wiring.address, clock)
        self._registers = RegisterChip(self.link)

    def measure(self) -> tuple[float, float]:
        """Voltage, V, and current, A: means of the newest conversion; three transfers.

        Raises:
            GettingReady: just set up, the first conversion is not done.
            BadReading: not an INA260, settings lost, conversions stopped, overflow, or beyond 36 V or 15 A.
            DeviceTimeout: as `I2cLink.transfer`.
        """
        if self.link.lost:
            self._set_up()
        self._need_conversion(self._registers.get(MASK_ENABLE))
        current_a = self._sign * LSB_A * self._registers.get_signed(CURRENT)
        voltage_v = LSB_V * self._registers.get(VOLTAGE)
        if voltage_v > MOST_V or abs(current_a) > MOST_A:
            raise self.link.bad(f"{voltage_v:.3f} V, {current_a:.3f} A: expected at most 36 V and 15 A")
        self.link.good()
        return voltage_v, current_a + 0.0  # no -0.0

    def _set_up(self) -> None:
        maker, die = self._registers.get(MANUFACTURER), self._registers.get(DIE)
        if maker != TEXAS_INSTRUMENTS or die >> 4 != DIE_INA260:
            self.link.fail()
            raise self.link.bad(f"expected maker 0x5449 and die 0x227x, read {maker:#06x} and {die:#06x}")
        self._registers.put(CONFIG, SETTINGS)
        self._registers.put(MASK_ENABLE, SETTINGS_MARK)
        self.link.lost = False
        self._converted = False
        self._alive_ns = self._clock.now_ns()

    def _need_conversion(self, flags: int) -> None:
        """Judge the mask/enable register, whose ready flag this read has cleared."""
        now_ns = self._clock.now_ns()
        if flags & _SETTABLE != SETTINGS_MARK:
            self.link.lost = True
            raise self.link.bad(f"lost its settings (mask {flags:#06x}, expected {SETTINGS_MARK:#06x}); set up anew")
        if flags & _OVERFLOW:
            raise self.link.bad("arithmetic overflow in the chip")
        if flags & _READY:
            self._converted = True
            self._alive_ns = now_ns
        elif now_ns - self._alive_ns > PATIENCE_NS:
            self.link.fail()
            raise self.link.bad(f"no conversion for {(now_ns - self._alive_ns) / NS_PER_S:.2f} s; set up anew")
        elif not self._converted:
            raise GettingReady(self.link.device, f"{self.link.where}: first conversion")
