"""Radiation dosimeter: absorbed dose and a coarse spectrum of energy loss."""

from __future__ import annotations

from flight.instruments.unit import Spec, record_unit
from telemetry_defs.areas.instruments import InstrumentId

SPEC = Spec(
    instrument=InstrumentId.DOSIMETER,
    find=record_unit("dosimeter"),
    least_warmup_s=5.0,
    ready_timeout_s=120.0,
    margin_s=15.0,
    min_c=-20.0,
    max_c=50.0,
    most_bytes=4_096,
)
