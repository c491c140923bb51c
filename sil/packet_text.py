"""Decoded packets as text for terminals."""

from __future__ import annotations

from typing import Final

from telemetry_defs.definitions import Severity
from telemetry_defs.formats import DecodedTm

_STYLES: Final = ("", "", "cyan", "yellow", "bold red")
"""By severity, in the words of rich."""


def severity_style(severity: Severity | None) -> str:
    """How an event of this severity is shown."""
    return _STYLES[severity or Severity.INFO]


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
