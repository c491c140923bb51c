"""On below one temperature, off from another, unchanged between; no blind heating."""

from __future__ import annotations

from typing import Final

LEAST_BAND_K: Final = 0.5
"""Thresholds set closer than this, or the wrong way round, are pushed apart."""


class Thermostat:
    """Hysteresis with its memory."""

    __slots__ = ("on",)

    def __init__(self) -> None:
        self.on = False

    def update(self, temperature_c: float | None, on_below_c: float, off_from_c: float) -> bool:
        """Feed a temperature (None: not known, so off)."""
        if temperature_c is None or temperature_c >= max(off_from_c, on_below_c + LEAST_BAND_K):
            self.on = False
        elif temperature_c < on_below_c:
            self.on = True
        return self.on
