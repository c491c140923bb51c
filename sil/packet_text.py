"""Decoded packets as text for terminals."""

from __future__ import annotations

from typing import Final

from telemetry_defs.cuc import gps_ns_to_utc_iso
from telemetry_defs.definitions import Severity
from telemetry_defs.formats import DecodedTm
from telemetry_defs.packets import TimeQuality

_STYLES: Final = ("", "", "cyan", "yellow", "bold red")
"""By severity, in the words of rich."""


def severity_style(severity: Severity | None) -> str:
    """How an event of this severity is shown."""
    return _STYLES[severity or Severity.INFO]


def time_text(packet: DecodedTm) -> str:
    """On-board time in UTC to a tenth of a second, `2029-09-24T00:00:05.1Z`; `?` behind it while nobody has set it."""
    return gps_ns_to_utc_iso(packet.time_ns, 1) + ("?" if packet.time_quality is TimeQuality.UNSET else "")


def fields_text(packet: DecodedTm) -> str:
    """The fields on one line: enums by name, numbers short, bytes as text."""
    return " ".join(f"{name}={value_text(value)}" for name, value in packet.fields.items())


def value_text(value: object) -> str:
    """One value; `--` for none."""
    if isinstance(value, tuple | list):
        return "[" + " ".join(value_text(item) for item in value) + "]"
    if isinstance(value, bytes):
        return repr(value.decode("ascii", "replace"))
    if isinstance(value, float):
        return f"{value:.5g}"
    return str(getattr(value, "name", "--" if value is None else value))
