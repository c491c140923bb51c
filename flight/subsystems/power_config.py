"""What the rover believes of its battery, array and loads: section `[power]` of the rover file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Final

from msgspec import Meta

from hal.api.config import Section
from telemetry_defs.areas.power import LoadName

Positive = Annotated[float, Meta(gt=0.0)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Celsius = Annotated[float, Meta(ge=-200.0, le=200.0)]

CHARGE_SWITCH: Final = "charge"


class BatteryBelief(Section, frozen=True, kw_only=True):
    """The pack.  Tables rise in their first column; between points straight lines, beyond the ends level."""

    capacity_ah: Positive
    cells_in_series: Annotated[int, Meta(ge=1, le=100)]
    resistance_ohm: Positive
    """Of the whole pack at 25 C."""
    ocv_soc: tuple[Fraction, ...]
    ocv_v: tuple[Positive, ...]
    """Open-circuit voltage of one cell at each state of charge."""
    resistance_c: tuple[Celsius, ...]
    resistance_factor: tuple[Positive, ...]
    capacity_c: tuple[Celsius, ...]
    capacity_factor: tuple[Fraction, ...]
    """Share of the charge that can be had at a temperature; the cold locks the rest away."""
    least_plausible_v: Positive
    most_plausible_v: Positive
    most_plausible_a: Positive

    def check(self) -> Iterable[str]:
        yield from _table("ocv_soc", self.ocv_soc, "ocv_v", self.ocv_v)
        if not _rises(self.ocv_v):
            yield "ocv_v must rise"
        yield from _table("resistance_c", self.resistance_c, "resistance_factor", self.resistance_factor)
        yield from _table("capacity_c", self.capacity_c, "capacity_factor", self.capacity_factor)
        if self.least_plausible_v >= self.most_plausible_v:
            yield "least_plausible_v must be below most_plausible_v"


class LoadBelief(Section, frozen=True, kw_only=True):
    """One switched load."""

    power_w: Annotated[float, Meta(ge=0.0, le=500.0)]
    shed_level: Annotated[int, Meta(ge=0, le=4)]
    """From this shed level on it is off; 0: never shed."""


class PowerConfig(Section, frozen=True, kw_only=True):
    """Section `[power]`."""

    battery: BatteryBelief
    loads: dict[str, LoadBelief]
    """By switch name, in the order in which they are switched."""
    lander_w: Annotated[float, Meta(ge=0.0, le=500.0)]
    """What the lander may feed in besides the array."""
    face_lit_w: Positive
    """A face that gave this much is expected not to fall silent at once."""

    def check(self) -> Iterable[str]:
        known = tuple(name.name.lower() for name in LoadName)
        for name in self.loads:
            if name not in known:
                yield f"loads.{name} is not a load of the dictionary ({', '.join(known)})"
        if CHARGE_SWITCH in self.loads and self.loads[CHARGE_SWITCH].shed_level:
            yield f"loads.{CHARGE_SWITCH}.shed_level must be 0: shedding the charge switch starves the battery"


def _rises(column: tuple[float, ...]) -> bool:
    return all(low < high for low, high in pairwise(column))


def _table(first: str, xs: tuple[float, ...], second: str, ys: tuple[float, ...]) -> Iterator[str]:
    if len(xs) < 2 or len(xs) != len(ys):
        yield f"{first} and {second} must have the same number of points, at least 2"
    elif not _rises(xs):
        yield f"{first} must rise"
