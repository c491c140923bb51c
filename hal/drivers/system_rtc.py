"""The operating system's clock as real-time clock: set by NTP, by a clock chip at boot, or by flight if permitted.

A computer without any of these wakes in 1970, which is told apart, or where it was switched off, which cannot be.
"""

from __future__ import annotations

import time
from typing import Final

from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, NotReady

GPS_EPOCH_UNIX_S: Final = 315_964_800
"""1980-01-06T00:00:00Z."""
LEAP_S: Final = 18
"""GPS minus UTC since 2017-01-01 (IERS Bulletin C 52; none has been announced since)."""
EARLIEST_UNIX_S: Final = 1_735_689_600
"""2025-01-01: before this software was written, so no rover can be there."""


class SystemRtc:
    """Implements `hal.api.devices.Rtc` on CLOCK_REALTIME."""

    def read_gps_ns(self) -> int:
        unix_ns = time.clock_gettime_ns(time.CLOCK_REALTIME)
        if unix_ns < EARLIEST_UNIX_S * NS_PER_S:
            raise BadReading("rtc", "the system clock has not been set since power-on")
        return gps_ns_of(unix_ns)

    def set_gps_ns(self, gps_ns: int) -> None:
        """Set the system clock; NTP, where it runs, has the last word.  Raises `BadReading`, `NotReady`."""
        unix_ns = unix_ns_of(gps_ns)
        if unix_ns < EARLIEST_UNIX_S * NS_PER_S:
            raise BadReading("rtc", "a time before this software was written")
        try:
            time.clock_settime_ns(time.CLOCK_REALTIME, unix_ns)
        except (OSError, OverflowError) as error:  # without CAP_SYS_TIME, which the unit need not grant
            raise NotReady("rtc", f"the system clock may not be set: {error}") from None


def gps_ns_of(unix_ns: int) -> int:
    """GPS time (ns since 1980-01-06) of UTC as Unix counts it (ns since 1970)."""
    return unix_ns + (LEAP_S - GPS_EPOCH_UNIX_S) * NS_PER_S


def unix_ns_of(gps_ns: int) -> int:
    """The reverse."""
    return gps_ns - (LEAP_S - GPS_EPOCH_UNIX_S) * NS_PER_S
