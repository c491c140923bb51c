"""The dictionary as JSON, for scripts and for displays in other languages."""

from __future__ import annotations

import msgspec

from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.describe import describe
from telemetry_defs.lookup import Dictionary


def to_json(dictionary: Dictionary) -> str:
    """Return everything declared, indented by two; ends with a newline."""
    described = {
        "dictionary_hash": dictionary.hash32,
        "modes": {mode.name: int(mode) for mode in Mode},
        "failure_codes": {code.name: int(code) for code in FailureCode},
        **describe(dictionary.areas, dictionary.reports),
    }
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode() + "\n"
