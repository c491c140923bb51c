"""The battery monitor, read with doubt: what cannot be is no reading, and no reading for too long is a lost monitor."""

from __future__ import annotations

from typing import Final

from flight.persistence import Backoff, Persistent
from flight.subsystems.power_config import PowerConfig
from hal.api.clock import NS_PER_S
from hal.api.devices import PowerMonitor
from hal.api.errors import DeviceError
from hal.api.values import PowerReading

LOST_AFTER_NS: Final = 10 * NS_PER_S
"""Ten missed readings; until then a glitch costs nothing but the reading."""
MARGIN_W: Final = 10.0
MARGIN: Final = 1.1
"""Monitors may be wrong by so much before charge from nowhere is seen."""


class BatteryMonitor:
    """Newest believable reading of bus voltage and battery current."""

    def __init__(self, device: PowerMonitor, config: PowerConfig) -> None:
        self._device = device
        self._config = config
        self._backoff = Backoff(NS_PER_S, 30 * NS_PER_S)
        self._from_nowhere = Persistent(30 * NS_PER_S)
        self._good_ns: int | None = None
        self._missing = Persistent(LOST_AFTER_NS)
        self.errors = 0
        self.lost = False
        self.refused: PowerReading | None = None
        """The reading that was not believed in this tick."""
        self.reading: PowerReading | None = None
        """The reading of this tick, None when there is none."""

    def read(self, now_ns: int, array_w: float | None) -> None:
        """Read and judge.  `array_w` is what all faces together give, None when that is not known."""
        self.refused = None
        self.reading = self._fetch(now_ns)
        if self.reading is not None and not self._is_believable(now_ns, self.reading, array_w):
            self.refused, self.reading = self.reading, None
        self.lost = self._missing.update(now_ns, self.reading is None)

    def _fetch(self, now_ns: int) -> PowerReading | None:
        if not self._backoff.due(now_ns):
            return None
        try:
            reading = self._device.read()
        except DeviceError:
            self.errors += 1
            self._backoff.failed(now_ns)
            return None
        self._backoff.succeeded()
        return reading

    def _is_believable(self, now_ns: int, reading: PowerReading, array_w: float | None) -> bool:
        battery = self._config.battery
        voltage_v, current_a = reading.bus_voltage_v, reading.battery_current_a
        if not battery.least_plausible_v <= voltage_v <= battery.most_plausible_v:
            return False
        if not abs(current_a) <= battery.most_plausible_a:
            return False
        from_nowhere = False
        if array_w is not None:
            from_nowhere = voltage_v * current_a > MARGIN * (array_w + self._config.lander_w) + MARGIN_W
        return not self._from_nowhere.update(now_ns, from_nowhere)
