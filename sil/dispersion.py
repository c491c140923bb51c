"""Start values that the seed varies."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec

from sil.scenario import Scenario


def dispersed(scenario: Scenario, seed: int) -> Scenario:
    """`scenario` with every `[[disperse]]` drawn, uniformly between its bounds, each from a stream of its own."""
    for item in scenario.disperse:
        value = item.low + (item.high - item.low) * Random(f"{seed}/disperse/{item.key}").random()
        scenario = _replaced(scenario, item.key.split("."), value)
    return scenario


def _replaced(value: Any, path: list[str], leaf: float) -> Any:
    if not path:
        return leaf
    name, *rest = path
    return msgspec.structs.replace(value, **{name: _replaced(getattr(value, name), rest, leaf)})
