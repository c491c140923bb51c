"""Simulations on a level test site."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.vehicle_file import load_vehicle
from tests.fakes.site import LevelSite

GPS_NS = 1_568_937_618_000_000_000

MakeSimulation = Callable[..., Simulation]


def make(site: LevelSite | None = None, seed: int = 1, **start: object) -> Simulation:
    """A rover on its own wheels on a level, bright site, unless told otherwise."""
    return Simulation(
        site=site or LevelSite(),
        vehicle=load_vehicle("south_pole"),
        start=Start(gps_ns=GPS_NS, **start),  # type: ignore[arg-type]  # test shorthand
        seed=seed,
    )


@pytest.fixture
def make_simulation() -> MakeSimulation:
    """`make_simulation(site=..., seed=..., soc=..., ...)`."""
    return make
