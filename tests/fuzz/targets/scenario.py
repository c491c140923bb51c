"""Scenario files: refused with a `ConfigError` of printable lines, or read and written to the same scenario."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from hal.api.config import ConfigError
from sil.loader import decode_scenario
from sil.scenario_text import to_toml
from tests.fuzz import toml_text
from tests.fuzz.draw import Draw

_SHIPPED = files("sil") / "scenarios"
_GOOD = tuple(
    toml_text.short((_SHIPPED / f"{name}.toml").read_bytes()) for name in ("cold_morning", "yard_drive", "lost_link")
)


def seeds() -> Iterator[bytes]:
    """Shipped scenarios."""
    yield from toml_text.seeds(_GOOD)


def check(data: bytes) -> None:
    """One scenario."""
    try:
        scenario = decode_scenario(toml_text.text(Draw(data), _GOOD), "fuzz")
    except ConfigError as error:
        toml_text.fit_to_show(error)
        return
    assert decode_scenario(to_toml(scenario, scenario.seed), "again") == scenario
