"""Battery-backed clock: keeps GPS time over resets, loses it with the bus."""

from __future__ import annotations

from hal.api.errors import BadReading
from sim_hal.clock import SimClock
from sim_hal.plug import Plug


class RtcChip:
    """The lasting chip; `drift_ppm` is its crystal's error."""

    __slots__ = ("_clock", "_offset_ns", "_set_at_ns", "drift_ppm")

    def __init__(self, clock: SimClock, gps_ns: int | None, drift_ppm: float) -> None:
        self._clock = clock
        self.drift_ppm = drift_ppm
        self._set_at_ns = clock.now_ns()
        self._offset_ns = None if gps_ns is None else gps_ns

    def set_gps_ns(self, gps_ns: int) -> None:
        """Start counting from here."""
        self._set_at_ns = self._clock.now_ns()
        self._offset_ns = gps_ns

    def step(self, by_ns: int) -> None:
        """Jump; nothing if the chip has no time."""
        if self._offset_ns is not None:
            self._offset_ns += by_ns

    def set_drift(self, drift_ppm: float) -> None:
        """Run faster or slower from now on."""
        now = self.gps_ns()
        if now is not None:
            self.set_gps_ns(now)
        self.drift_ppm = drift_ppm

    def lose(self) -> None:
        """The chip lost its power."""
        self._offset_ns = None

    def gps_ns(self) -> int | None:
        """What the chip shows, None when it knows that it lost power."""
        if self._offset_ns is None:
            return None
        elapsed_ns = self._clock.now_ns() - self._set_at_ns
        return self._offset_ns + elapsed_ns + int(elapsed_ns * self.drift_ppm * 1e-6)


class RtcFrontEnd:
    """Implements `hal.api.devices.Rtc`."""

    def __init__(self, plug: Plug, chip: RtcChip) -> None:
        self._plug = plug
        self._chip = chip

    def read_gps_ns(self) -> int:
        self._plug.now_ns()
        gps_ns = self._chip.gps_ns()
        if gps_ns is None:
            raise BadReading("rtc", "power was lost")
        return gps_ns

    def set_gps_ns(self, gps_ns: int) -> None:
        self._plug.now_ns()
        self._chip.set_gps_ns(gps_ns)
