"""What the rover believes of its heaters and of what they heat: section `[thermal]` of the rover file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta

from hal.api.config import Section
from hal.api.values import TEMPERATURES
from telemetry_defs.areas.heaters import Heater

HEATERS: Final = tuple(heater.name.lower() for heater in Heater)
"""Heater names in order of priority."""


class HeaterBelief(Section, frozen=True, kw_only=True):
    """One heater and the node it sits on."""

    power_w: Annotated[float, Meta(gt=0.0, le=500.0)]
    heat_capacity_j_k: Annotated[float, Meta(gt=0.0)]
    loss_w_k: Annotated[float, Meta(ge=0.0)]
    """Conductance to the surroundings."""
    surroundings: str
    """The sensor that tells their temperature."""

    def check(self) -> Iterable[str]:
        if self.surroundings not in TEMPERATURES:
            yield f"surroundings = {self.surroundings!r} is not a sensor ({', '.join(TEMPERATURES)})"


class ThermalConfig(Section, frozen=True, kw_only=True):
    """Section `[thermal]`."""

    heaters: dict[str, HeaterBelief]
    sensor_floor_c: Annotated[float, Meta(ge=-273.0, le=0.0)]
    """A sensor that cannot show less reads this in any greater cold: cold and valid, but blind to a rise."""

    def check(self) -> Iterable[str]:
        if tuple(self.heaters) != HEATERS:
            yield f"heaters must be, in this order of priority, {', '.join(HEATERS)}"
