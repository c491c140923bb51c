"""Faults of the ground under the rover, of how it stands, and of the sky above it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, Layer, NoParams, graded, switched
from sim_hal.world.soil import SOILS

Angle = Annotated[float, Meta(ge=-60.0, le=60.0)]


class Shove(Section, frozen=True, kw_only=True):
    """What a stone or a lander's leg adds to the lie of the ground."""

    pitch_deg: Angle = 28.0
    """Positive nose up."""
    roll_deg: Angle = 0.0
    """Positive left side up."""


class Dimming(Section, frozen=True, kw_only=True):
    """How deep the eclipse is."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of the Sun's light, gone."""


def _ground(soil: str, meaning: str, response: str, events: tuple[str, ...]) -> Fault:
    def act(bench: Bench, _: NoParams, level: float) -> None:
        world = bench.simulation.world
        world.ground.loosened.toward = SOILS[soil]
        world.ground.loosened.share = level
        world.motion.look_at_soil()

    return Fault(layer=Layer.PLANT, meaning=meaning, response=response, make=graded(act), ramps=True, events=events)


def _shove(bench: Bench, params: Shove, level: float) -> None:
    world = bench.simulation.world
    world.motion.footing.shove_rad = (math.radians(params.pitch_deg) * level, math.radians(params.roll_deg) * level)
    world.run_motion()


def _eclipse(bench: Bench, params: Dimming, level: float) -> None:
    """The world looks at its sky every ten seconds; the ends are told at once."""
    world = bench.simulation.world
    world.view.veil = level * params.share
    if level in (0.0, 1.0):
        world.look_around()


def _blocked(bench: Bench, _: NoParams, on: bool) -> None:
    bench.simulation.world.hold_down_stuck = on


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("ground", "embedding"): _ground(
        "trap",
        "the crust breaks into soft sand in which wheels slip by 0.8 and dig (Spirit, 2009)",
        "stops within its slip window, SAFE if slip passes its last limit; waits for ground",
        ("mobility.slip_high", "mobility.slip_stop", "mobility.embedded"),
    ),
    ("ground", "loose_soil"): _ground(
        "loose",
        "loose soil: more slip, more sinkage, less slope",
        "drives on while slip stays in its limits",
        (),
    ),
    ("chassis", "shove"): Fault(
        layer=Layer.PLANT,
        meaning="a stone or a lander's leg lifts one side of the body",
        response="stops beyond its tilt limits, SAFE beyond the last one",
        make=graded(_shove),
        params=Shove,
        ramps=True,
        events=("mobility.tilt_high", "mobility.tilt_stop", "mobility.tilt_safe"),
    ),
    ("egress", "blocked"): Fault(
        layer=Layer.PLANT,
        meaning="the hold-down does not open",
        response="says that it is not released; stays on the lander's power and waits for ground",
        make=switched(_blocked),
    ),
    ("sky", "eclipse"): Fault(
        layer=Layer.PLANT,
        meaning="the Sun dims as in an eclipse by the Earth, and the ground cools with it",
        response="sheds loads by its charge and waits",
        make=graded(_eclipse),
        params=Dimming,
        ramps=True,
    ),
}
