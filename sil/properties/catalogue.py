"""All safety properties by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from sil.properties import commanding, energy, heat, motion, reporting, running, stopping
from sil.properties.judging import Judgement, Property, judged
from sil.properties.record import Run

MODULES: Final = (motion, stopping, energy, heat, commanding, reporting, running)
PROPERTIES: Final[Mapping[str, Property]] = MappingProxyType(
    {prop.name: prop for module in MODULES for prop in module.PROPERTIES}
)
ALL: Final = "all"
"""In an `[[expect]]`: every one of them."""


def named(name: str) -> tuple[Property, ...]:
    """The property of that name, or all.  Raises `KeyError`."""
    return tuple(PROPERTIES.values()) if name == ALL else (PROPERTIES[name],)


def judge_all(run: Run, properties: Iterable[Property] = PROPERTIES.values()) -> dict[str, Judgement]:
    """Each judgement, by name."""
    return {prop.name: judged(prop, run) for prop in properties}
