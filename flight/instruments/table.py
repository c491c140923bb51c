"""The table of instruments.  A new one is one file in this package, its row here, and its name in the dictionary."""

from __future__ import annotations

from typing import Final

from flight.instruments import camera, dosimeter, plasma, spectrometer
from flight.instruments.unit import Spec

INSTRUMENTS: Final[tuple[Spec, ...]] = (
    camera.SPEC,
    spectrometer.SPEC,
    dosimeter.SPEC,
    plasma.SPEC,
)
"""In the order of `telemetry_defs.areas.instruments.InstrumentId`; a test holds the two together."""
