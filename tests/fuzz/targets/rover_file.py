"""Rover files: refused with a `ConfigError` of one printable line, or a rover that tells its parameters."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from math import isfinite

from flight.rover_file import RoverFile
from hal.api.config import ConfigError, decode_toml
from tests.fuzz import toml_text
from tests.fuzz.draw import Draw

_SHIPPED = files("flight") / "rovers"
_GOOD = tuple(toml_text.short((_SHIPPED / name).read_bytes()) for name in ("open_source_rover.toml", "south_pole.toml"))


def seeds() -> Iterator[bytes]:
    """Shipped rovers."""
    yield from toml_text.seeds(_GOOD)


def check(data: bytes) -> None:
    """One rover file."""
    try:
        rover = decode_toml(toml_text.text(Draw(data), _GOOD), RoverFile, "fuzz")
    except ConfigError as error:
        toml_text.fit_to_show(error)
        return
    assert all(isfinite(value) for value in rover.parameter_defaults().values())
