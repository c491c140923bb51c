"""The rover file that goes with flight, checked here first: a rover that cannot read its file would not start."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from flight.rover_file import load_rover, shipped_rovers
from sil.deploy.bundle import SIMULATION_PACKAGES
from sil.deploy.errors import BadRequest


@dataclass(frozen=True)
class RoverText:
    """A rover file as it is uploaded."""

    name: str
    data: bytes


def read_rover(name_or_path: str, with_sim: bool) -> RoverText:
    """A shipped rover by name, or a file. Raises `ConfigError` as flight would, `BadRequest` if it cannot run there."""
    rover = load_rover(name_or_path)
    shipped = name_or_path in shipped_rovers()
    if not shipped and rover.like is not None and rover.like not in shipped_rovers():
        problem = f"like = {rover.like!r} is another file, which the rover would not have"
        raise BadRequest(f"{name_or_path}: {problem}; shipped: {', '.join(shipped_rovers())}")
    if rover.board == "sim" and not with_sim:
        raise BadRequest(f"{name_or_path}: board = 'sim' needs {', '.join(SIMULATION_PACKAGES)}: give --with-sim")
    path = files("flight") / "rovers" / f"{name_or_path}.toml" if shipped else Path(name_or_path)
    return RoverText(rover.name, path.read_bytes())
