"""From the mission's time scale (nanoseconds since the GPS epoch) to the days that an ephemeris wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

LEAP_SECONDS: Final = 18
"""GPS time less UTC since 2017-01-01; no further leap second has been announced."""
NS: Final = 1_000_000_000
_GPS_EPOCH: Final = datetime(1980, 1, 6, tzinfo=UTC)
# 1980-01-06T00:00 to 2000-01-01T12:00 is 7300.5 days.
_J2000_S: Final = 630_763_200 + LEAP_SECONDS


def gps_ns(utc: datetime) -> int:
    """Nanoseconds since the GPS epoch of a time that knows its zone (microsecond steps, exact).

    Raises:
        ValueError: the time has no zone.
    """
    if utc.tzinfo is None:
        raise ValueError(f"{utc} has no time zone")
    return ((utc - _GPS_EPOCH) // timedelta(microseconds=1)) * 1_000 + LEAP_SECONDS * NS


def utc_days_since_j2000(at_gps_ns: int) -> float:
    """UTC days since 2000-01-01T12:00."""
    return (at_gps_ns - _J2000_S * NS) / (86_400 * NS)
