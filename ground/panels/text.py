"""Values as people read them: in event lists, tables and on axes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from telemetry_defs.cuc import gps_ns_to_utc_iso


def value_text(value: Any) -> str:
    """Return one value: enums by name, floats with five digits, text from bytes, a dash for no valid value."""
    if value is None:
        return "-"
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, bytes):
        return _bytes_text(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return str(value)


def fields_text(fields: Mapping[str, Any]) -> str:
    """Return ``name=value`` pairs in one line."""
    return "  ".join(f"{name}={value_text(value)}" for name, value in fields.items())


def duration_text(seconds: float) -> str:
    """Return ``250 s``, ``1 h 10 min`` or ``9 d 4 h``."""
    whole = round(seconds)
    if whole < 600:
        return f"{whole} s"
    if whole < 172_800:
        hours, minutes = whole // 3600, whole % 3600 // 60
        return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def clock_text(seconds: float) -> str:
    """Return time of the run as ``00:01:05`` or ``3 d 04:00:10``."""
    whole = round(seconds)
    sign, whole = ("-", -whole) if whole < 0 else ("", whole)
    days, rest = divmod(whole, 86_400)
    text = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    return f"{sign}{days} d {text}" if days else f"{sign}{text}"


def utc_text(seconds: float, start_gps_ns: int) -> str:
    """Return the UTC of a time of the run, empty if the start of the run is not known."""
    return gps_ns_to_utc_iso(start_gps_ns + round(seconds * 1e9), 0) if start_gps_ns else ""


def time_unit(duration_s: float) -> tuple[str, float]:
    """Return the unit for a time axis of this length and how many seconds it has."""
    for unit, size_s, least_s in (("days", 86_400.0, 172_800.0), ("hours", 3600.0, 7_200.0), ("minutes", 60.0, 300.0)):
        if duration_s > least_s:
            return unit, size_s
    return "seconds", 1.0


def _bytes_text(data: bytes) -> str:
    text = data.decode("ascii", "replace")
    return text if text.isprintable() and "\ufffd" not in text else data[:32].hex()
