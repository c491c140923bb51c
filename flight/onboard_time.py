"""On-board time: monotonic time plus an offset, with a quality that says how far to trust it."""

from __future__ import annotations

from contextlib import suppress

from hal.api.clock import Clock
from hal.api.devices import Rtc
from hal.api.errors import DeviceError
from telemetry_defs.packets import TimeQuality


class OnboardTime:
    """GPS time (ns since 1980-01-06) as flight believes it.

    Starts from the real-time clock; without one, from `last_known_gps_ns`, so that time never runs backwards over a
    restart, and with quality UNSET.
    """

    def __init__(self, clock: Clock, rtc: Rtc | None, last_known_gps_ns: int) -> None:
        self._clock = clock
        self._rtc = rtc
        self._offset_ns, self.quality = self._first_offset(last_known_gps_ns)

    def _first_offset(self, last_known_gps_ns: int) -> tuple[int, TimeQuality]:
        if self._rtc is not None:
            try:
                return self._rtc.read_gps_ns() - self._clock.now_ns(), TimeQuality.RTC
            except DeviceError:  # a clock that lost power is the ordinary case after a dead bus
                pass
        return last_known_gps_ns - self._clock.now_ns(), TimeQuality.UNSET

    @property
    def offset_ns(self) -> int:
        """On-board time minus monotonic time; changes only when the clock is set."""
        return self._offset_ns

    def gps_ns(self) -> int:
        """On-board time now."""
        return self._clock.now_ns() + self._offset_ns

    def set_gps_ns(self, gps_ns: int) -> float:
        """Set on-board time from ground; returns the step in seconds.  The real-time clock is set too."""
        step_ns = gps_ns - self.gps_ns()
        self._offset_ns += step_ns
        self.quality = TimeQuality.GROUND
        if self._rtc is not None:
            with suppress(DeviceError):  # the on-board time itself is good; the next boot finds out about the clock
                self._rtc.set_gps_ns(gps_ns)
        return step_ns / 1e9

    def slew(self, offset_s: float) -> None:
        """Add a small correction."""
        self.set_gps_ns(self.gps_ns() + round(offset_s * 1e9))
