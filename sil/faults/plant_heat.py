"""Faults of radiator, heat switch and radioisotope heater."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import Meta

from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, Layer, NoParams, SetLevel, graded, switched


class Dust(Section, frozen=True, kw_only=True):
    """How much of the radiator is covered."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.6


def _dusty(bench: Bench, params: Dust, level: float) -> None:
    bench.simulation.world.energy.thermal.radiator_dust = level * params.share


def _stuck_switch(position: float, meaning: str, response: str) -> Fault:
    def act(bench: Bench, _: NoParams, on: bool) -> None:
        bench.simulation.world.energy.thermal.stuck_switch = position if on else None

    return Fault(layer=Layer.PLANT, meaning=meaning, response=response, make=switched(act))


def _lose_rhu(bench: Bench, _: Any) -> SetLevel:
    """What they gave before comes back at the end."""
    thermal = bench.simulation.world.energy.thermal
    before_w = thermal.rhu_w

    def set_level(level: float) -> None:
        thermal.rhu_w = before_w * (1.0 - level)

    return set_level


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("radiator", "dusty"): Fault(
        layer=Layer.PLANT,
        meaning="dust on the radiator: it gives off less and takes more of the Sun",
        response="sheds what heats it once the electronics leave their range, after hours",
        make=graded(_dusty),
        params=Dust,
        ramps=True,
    ),
    ("heat_switch", "stuck_closed"): _stuck_switch(
        0.0,
        "the heat switch creeps shut and stays: electronics keep their heat",
        "tells it when the electronics get too hot, after hours",
    ),
    ("heat_switch", "stuck_open"): _stuck_switch(
        1.0,
        "the heat switch creeps open and stays: electronics lose their heat",
        "heats more; tells it when the electronics get too cold, after hours",
    ),
    ("rhu", "lost"): Fault(
        layer=Layer.PLANT,
        meaning="the radioisotope units give no heat to the electronics",
        response="heats more, and hibernates no longer than its battery lasts",
        make=_lose_rhu,
        ramps=True,
        single_point="the night is survived by this heat",
    ),
}
