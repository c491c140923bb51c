"""Temperatures with doubt: a glitch is bridged for ten seconds, a jump is not believed until it lasts."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_S
from hal.api.values import TEMPERATURES

BRIDGE_NS: Final = 10 * NS_PER_S
"""A reading stands for so long when none follows it; then the sensor is lost."""
LEAST_C: Final = -200.0
MOST_C: Final = 150.0
"""Nothing on the rover can be outside: the coldest craters of the Moon are at 25 K."""
JUMP_K: Final = 15.0
"""No node changes so much in a second; the fastest, a motor, needs over ten minutes."""
CONFIRMATIONS: Final = 5
"""Readings in a row that turn a jump into news."""


class Sensor:
    """One sensor."""

    __slots__ = ("_good_ns", "_jump_c", "_jumps", "doubted", "last_c", "lost", "masked")

    def __init__(self) -> None:
        self.last_c: float | None = None
        """Last reading believed."""
        self.lost = False
        self.masked = False
        """Ground told flight to ignore it."""
        self.doubted = False
        """The newest reading was not believed."""
        self._good_ns: int | None = None
        self._jump_c = 0.0
        self._jumps = 0

    @property
    def value_c(self) -> float | None:
        """The temperature, None when it is not known."""
        return None if self.lost or self.masked else self.last_c

    def update(self, now_ns: int, reading_c: float | None) -> None:
        """Take the newest reading."""
        if self._good_ns is None:
            self._good_ns = now_ns  # patience starts with the first try
        if reading_c is not None and self._is_believable(reading_c):
            self.last_c = reading_c
            self._good_ns = now_ns
            self.lost = False
        elif now_ns - self._good_ns > BRIDGE_NS:
            self.lost = True

    def _is_believable(self, reading_c: float) -> bool:
        if not LEAST_C <= reading_c <= MOST_C:
            self.doubted = True
            return False
        if self.last_c is None or abs(reading_c - self.last_c) <= JUMP_K or self.lost:
            self.doubted = False
            self._jumps = 0
            return True
        self._jumps = self._jumps + 1 if self._jumps and abs(reading_c - self._jump_c) <= JUMP_K else 1
        self._jump_c = reading_c
        self.doubted = self._jumps < CONFIRMATIONS
        if not self.doubted:
            self._jumps = 0
        return not self.doubted


class SensorPanel:
    """All sensors in the order of `TEMPERATURES`."""

    def __init__(self) -> None:
        self.sensors = tuple(Sensor() for _ in TEMPERATURES)

    def update(self, now_ns: int, readings_c: tuple[float | None, ...] | None) -> None:
        """Take new readings; None when the device as a whole did not answer."""
        for number, sensor in enumerate(self.sensors):
            sensor.update(now_ns, None if readings_c is None else readings_c[number])

    def value_c(self, number: int) -> float | None:
        """Temperature of one sensor, None when it is not known."""
        return self.sensors[number].value_c
