"""Entry point `sim` of group `rahi.hal`: a desktop in place of a rover."""

from __future__ import annotations

from hal.api.board import Hal
from hal.api.clock import NS_PER_S, Clock
from hal.api.process import JUST_FLY, BoardOptions
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.place import Place
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world

DEFAULT_WORLD = "leibnitz_beta"
DEFAULT_VEHICLE = "south_pole"
DEFAULT_GPS_NS = 1_568_937_618 * NS_PER_S
"""2029-09-24T00:00:18 GPS, that is, midnight UTC: the Sun, the Earth and the relay all stand over the site."""


def build(config: object, clock: Clock | None = None, options: BoardOptions = JUST_FLY) -> Hal:
    """Boot a simulated computer: of the `Simulation` that `config` is, else of a new one in the default world.

    Time is simulated either way, so `clock` must be left out or be the simulation's own.  None of `options` means
    anything to a simulation.

    Raises:
        ValueError: another clock was given.
        ConfigError: a truth file is missing or wrong.
    """
    simulation = config if isinstance(config, Simulation) else make_simulation()
    if clock is not None and clock is not simulation.clock:
        raise ValueError("the simulated board brings its own clock")
    simulation.run_until_boot(simulation.clock.now_ns() + NS_PER_S)
    return simulation.boot()


def make_simulation(
    world: str = DEFAULT_WORLD, vehicle: str = DEFAULT_VEHICLE, start: Start | None = None, seed: int = 1
) -> Simulation:
    """A simulation from the names (or paths) of its truth files.

    Raises:
        ConfigError: a truth file is missing or wrong.
    """
    return Simulation(
        site=Place(load_world(world)),
        vehicle=load_vehicle(vehicle),
        start=start or Start(gps_ns=DEFAULT_GPS_NS, released=False),
        seed=seed,
    )
