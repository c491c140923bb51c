"""On-board time on the wire and in civil form: CCSDS unsegmented code 4+2 (301.0-B-4), GPS epoch, and UTC.

On-board time is integer nanoseconds since 1980-01-06T00:00:00 UTC, counted without leap seconds. UTC lags it by
18 s since 2017-01-01; earlier dates come out up to 18 s wrong, because this mission needs no leap second table.
"""

from __future__ import annotations

GPS_MINUS_UTC_S = 18
NS_PER_S = 1_000_000_000
MAX_NS = (1 << 32) * NS_PER_S - 1
_EPOCH_DAYS = 3657  # 1980-01-06 counted from 1970-01-01
_DAYS_0000_TO_1970 = 719_468  # from 0000-03-01, where the civil year of the algorithm below begins
_DAYS_PER_ERA = 146_097  # 400 Gregorian years


def encode_ns(onboard_ns: int) -> bytes:
    """Return 6 bytes: seconds u32 and fraction u16 (1/65536 s, rounded down); time outside 1980..2116 saturates."""
    clamped = min(max(onboard_ns, 0), MAX_NS)
    return ((clamped << 16) // NS_PER_S).to_bytes(6, "big")


def decode_ns(data: bytes) -> int:
    """Return the least time in nanoseconds that encodes to these 6 bytes.

    Raises:
        ValueError: not 6 bytes.
    """
    if len(data) != 6:
        raise ValueError(f"CUC time needs 6 bytes, got {len(data)}")
    return -((-int.from_bytes(data, "big") * NS_PER_S) >> 16)


def utc_to_gps_ns(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, nanosecond: int = 0
) -> int:
    """Return on-board time in nanoseconds of a UTC instant (from 2017-01-01 on).

    Raises:
        ValueError: no such date or time of day.
    """
    days = _days_from_civil(year, month, day)
    if _civil_from_days(days) != (year, month, day) or not 1 <= month <= 12:
        raise ValueError(f"no such date: {year:04d}-{month:02d}-{day:02d}")
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 and 0 <= nanosecond < NS_PER_S):
        raise ValueError(f"no such time of day: {hour:02d}:{minute:02d}:{second:02d}")
    seconds = (days - _EPOCH_DAYS) * 86_400 + hour * 3600 + minute * 60 + second + GPS_MINUS_UTC_S
    return seconds * NS_PER_S + nanosecond


def utc_iso_to_gps_ns(text: str) -> int:
    """Return on-board time of ``2029-09-24T00:00:00Z`` (optionally with a fraction of up to nine digits).

    Raises:
        ValueError: another form, no ``Z``, or no such instant.
    """
    date, separator, clock = text.removesuffix("Z").partition("T")
    clock, _, fraction = clock.partition(".")
    days, hours = date.split("-"), clock.split(":")
    parts = [*days, *hours]
    lengths = [[len(part) for part in days], [len(part) for part in hours]]
    digits = all(part.isascii() and part.isdigit() for part in [*parts, fraction or "0"])
    if not (text.endswith("Z") and separator and lengths == [[4, 2, 2], [2, 2, 2]] and digits and len(fraction) <= 9):
        raise ValueError(f"not a UTC time like 2029-09-24T00:00:00Z: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in parts)
    return utc_to_gps_ns(year, month, day, hour, minute, second, int(fraction.ljust(9, "0")))


def gps_ns_to_utc_iso(onboard_ns: int, digits: int = 3) -> str:
    """Return ``2029-09-24T00:00:00.000Z`` with the given number of fraction digits (0..9), rounded down."""
    total_s, nanosecond = divmod(onboard_ns - GPS_MINUS_UTC_S * NS_PER_S, NS_PER_S)
    days, second_of_day = divmod(total_s, 86_400)
    year, month, day = _civil_from_days(days + _EPOCH_DAYS)
    hour, rest = divmod(second_of_day, 3600)
    fraction = f".{nanosecond:09d}"[: digits + 1] if digits else ""
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}{fraction}Z"


def _days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 (Hinnant, chrono-Compatible Low-Level Date Algorithms); years begin in March."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _DAYS_PER_ERA + day_of_era - _DAYS_0000_TO_1970


def _civil_from_days(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + _DAYS_0000_TO_1970, _DAYS_PER_ERA)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    month = (shifted_month + 2) % 12 + 1
    year = year_of_era + era * 400 + (month <= 2)
    return year, month, day_of_year - (153 * shifted_month + 2) // 5 + 1
