"""World and vehicle files: a `ConfigError`, or a place and a vehicle that the plant can be built from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

from hal.api.config import ConfigError, decode_toml
from sim_hal.world.vehicle_file import VehicleFile
from sim_hal.world.world_file import WorldFile
from tests.fuzz import toml_text
from tests.fuzz.draw import Draw

_SIM = files("sim_hal")
_WORLDS = tuple(toml_text.short((_SIM / "worlds" / f"{name}.toml").read_bytes()) for name in ("flat", "leibnitz_beta"))
_VEHICLES = tuple(
    toml_text.short((_SIM / "rovers" / f"{name}.toml").read_bytes()) for name in ("south_pole", "open_source_rover")
)


_KINDS: Final[tuple[tuple[Any, tuple[bytes, ...]], ...]] = ((WorldFile, _WORLDS), (VehicleFile, _VEHICLES))


def seeds() -> Iterator[bytes]:
    """Shipped worlds and vehicles."""
    for kind, good in enumerate((_WORLDS, _VEHICLES)):
        yield from (bytes((kind,)) + seed for seed in toml_text.seeds(good))


def check(data: bytes) -> None:
    """One world or vehicle."""
    draw = Draw(data)
    kind, good = draw.pick(_KINDS)
    try:
        decode_toml(toml_text.text(draw, good), kind, "fuzz")
    except ConfigError as error:
        toml_text.fit_to_show(error)
