"""The dictionary of this mission: all areas, checked at import."""

from __future__ import annotations

from telemetry_defs.areas import (
    comms,
    health,
    instruments,
    mobility,
    monitors,
    power,
    sequences,
    store,
    system,
    thermal,
    timeline,
)
from telemetry_defs.checks import DictionaryError
from telemetry_defs.lookup import Dictionary

__all__ = ["DICTIONARY", "Dictionary", "DictionaryError"]

DICTIONARY = Dictionary(
    (
        system.AREA,
        power.AREA,
        thermal.AREA,
        mobility.AREA,
        instruments.AREA,
        comms.AREA,
        monitors.AREA,
        sequences.AREA,
        timeline.AREA,
        store.AREA,
        health.AREA,
    )
)
