"""What must be equal wherever a campaign flies, or its rows would not belong together."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from flight.rover_file import load_rover
from flight.version import VERSION
from sil.scenario import Scenario
from sim_hal.mathid import math_id
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world

PACKAGES: Final = ("flight", "ground", "hal", "sil", "sim_hal", "telemetry_defs")
FILES: Final = (".py", ".toml")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Equal identities fly equal rows."""

    version: str
    code: str
    """SHA-256 of every source and data file of Rahi."""
    python: str
    astronomy: str
    math_id: str
    files: str
    """SHA-256 of rover, vehicle and world as they were read."""


def identity_of(scenario: Scenario) -> Identity:
    """Of this process, flying `scenario`.  Raises `ConfigError`: a file of the scenario is missing here."""
    return Identity(
        version=".".join(map(str, VERSION)),
        code=code_sha256(),
        python=".".join(platform.python_version_tuple()[:2]),
        astronomy=version("astronomy-engine"),
        math_id=math_id(),
        files=_files_sha256(scenario),
    )


def difference(wanted: Identity, found: Identity) -> str | None:
    """The first thing that differs, in words; None if nothing does."""
    for name in Identity.__struct_fields__:
        ours, theirs = getattr(wanted, name), getattr(found, name)
        if ours != theirs:
            return f"{name} {theirs[:16]}, not {ours[:16]}"
    return None


@lru_cache(maxsize=1)
def code_sha256() -> str:
    """Of what this process runs, as it lies on the disk."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        folder = Path(str(import_module(package).__file__)).parent
        for path in sorted(item for item in folder.rglob("*") if item.suffix in FILES):
            digest.update(f"{package}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files_sha256(scenario: Scenario) -> str:
    rover = load_rover(scenario.rover)
    sections = (rover, load_vehicle(scenario.vehicle or rover.name), load_world(scenario.world))
    return hashlib.sha256(b"\0".join(map(msgspec.json.encode, sections))).hexdigest()
