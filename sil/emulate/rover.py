"""A whole rover's chips in one world, in real time, for a flight process of its own: `rahi emulate rover`."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from flight.rover_file import RoverFile, load_rover, shipped_rovers
from hal.api.config import ConfigError
from sil.emulate.pty_line import PtyLine
from sil.emulate.realtime import Port
from sil.emulate.socket_port import SocketPort
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.place import Place
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world

SOCKET: Final = "buses.sock"
START_SOC: Final = 0.9


def make_rover(rover: RoverFile, vehicle: str, world: str, seed: int, gps_ns: int) -> Simulation:
    """A world with the rover's chips in it, its computer's place powered and empty; `vehicle` is its truth.

    Raises:
        ConfigError: a truth file is missing or wrong, or the rover names no buses.
    """
    if not rover.hardware.buses:
        raise ConfigError(rover.name, "names no buses in [hardware]: there is nothing to emulate")
    simulation = Simulation(
        site=Place(load_world(world)),
        vehicle=load_vehicle(vehicle),
        start=Start(gps_ns=gps_ns, soc=START_SOC),
        seed=seed,
        truth_s=None,
        wiring=rover.hardware,
    )
    simulation.power_up()
    return simulation


def vehicle_name(name_or_path: str) -> str:
    """The shipped vehicle that is a rover's truth: of its own name, or of the nearest rover that it is like.

    `like` counts from the folder of the file that says it, as in `flight.rover_file`.

    Raises:
        ConfigError: there is none.
    """
    shipped = {entry.name.removesuffix(".toml") for entry in (files("sim_hal") / "rovers").iterdir()}
    rover = load_rover(name_or_path)
    while rover.name not in shipped:
        if rover.like is None:
            raise ConfigError(rover.name, f"is like no shipped vehicle ({', '.join(sorted(shipped))}); use --vehicle")
        beside = "" if rover.like in shipped_rovers() else Path(name_or_path).parent
        name_or_path = str(beside / Path(rover.like))
        rover = load_rover(name_or_path)
    return rover.name


def make_ports(simulation: Simulation, folder: Path, *, keeps_lines: bool = False) -> Sequence[Port]:
    """Serial lines as links in `folder`, I2C and GPIO on one socket there.

    Raises:
        ConfigError: the folder is somebody else's, or nothing can be made in it.
    """
    private_folder(folder)
    bay = simulation.bay
    assert bay is not None  # make_rover brought the wiring
    if bay.imu_chip is not None:
        bay.imu_chip.touchy = False
    # First what only one server can have: a second one must not take the first one's links.
    ports: list[Port] = [SocketPort(folder / SOCKET, simulation.clock, bay.i2c, bay.gpio, keeps=keeps_lines)]
    return [*ports, *(PtyLine(line, simulation.clock, folder / name) for name, line in bay.serial.items())]


def private_folder(folder: Path) -> None:
    """Make `folder` for this user alone, or see that it is so.

    Raises:
        ConfigError: it is not.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.lstat()
    except OSError as error:
        raise ConfigError(str(folder), f"cannot be made: {error.strerror}") from None
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise ConfigError(str(folder), "must be a folder of your own that nobody else may write to")
