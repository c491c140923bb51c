"""What the rows of the wire layer share: ways to the wires, a row with its depth, parameters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final, Protocol

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, Layer, NoParams, SetLevel
from sim_hal.clock import Rank
from sim_hal.noise import Noise
from sim_hal.wired.bay import WireBay

Make = Callable[[Bench, Any], SetLevel]
Find = Callable[[WireBay], object]
"""What the fault needs of the wires; raises `LookupError` or gives None where this rover does not have it."""
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
FAILING: Final = "health.device_failing"


class Sometimes(Section, frozen=True, kw_only=True):
    """A fault that befalls a share of all exchanges."""

    probability: Share = 1.0


class Off(Section, frozen=True, kw_only=True):
    """How long a supply is gone."""

    off_s: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.0


class Supplied(Protocol):
    """A chip with a supply."""

    @property
    def powered(self) -> bool:
        """Whether it has one."""
        ...

    def power(self, on: bool, now_ns: int) -> None:
        """Switch it; a start brings back the power-on state."""
        ...


def bay_of(bench: Bench) -> WireBay:
    """The wires of a mission.  Raises `LookupError` at device depth."""
    bay = bench.simulation.bay
    if bay is None:
        raise LookupError("the mission is not at wire depth")
    return bay


def dice(bench: Bench, device: str, kind: str) -> Noise:
    """Those of one fault; each activation begins them anew."""
    return Noise(bench.simulation.seed, f"faults/{device}/{kind}")


def row(find: Find, meaning: str, response: str, make: Make, params: type[Section] = NoParams, **more: Any) -> Fault:
    """A row of this layer."""
    return Fault(
        layer=Layer.WIRE,
        depth="wire",
        meaning=meaning,
        response=response,
        make=make,
        params=params,
        absent=partial(_absent, find),
        **more,
    )


def brown_out(device: str, find: Callable[[WireBay], Supplied]) -> Make:
    """A dip of a chip's supply: it comes back with its power-on defaults, if its load switch feeds it."""

    def make(bench: Bench, params: Off) -> SetLevel:
        bay, clock = bay_of(bench), bench.clock
        chip = find(bay)

        def back() -> None:
            if bay.supplied(device):
                chip.power(True, clock.now_ns())

        def set_level(level: float) -> None:
            if level <= 0.0 or not chip.powered:
                return
            chip.power(False, clock.now_ns())
            if params.off_s:
                clock.at(clock.now_ns() + seconds(params.off_s), Rank.FAULT, back)
            else:
                back()

        return set_level

    return make


def _absent(find: Find, bench: Bench) -> str:
    try:
        found = find(bay_of(bench))
    except LookupError as error:
        return f"this rover has none: {error.args[0] if error.args else error}"
    return "this rover has none" if found is None else ""
