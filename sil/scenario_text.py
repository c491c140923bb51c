"""A scenario as it was run, as TOML again: with its seed and the command prefix that the loader made."""

from __future__ import annotations

from typing import Any

import msgspec
import tomli_w

from sil.scenario import CommandSection, Scenario


def to_toml(scenario: Scenario, seed: int, prefix: tuple[CommandSection, ...] = ()) -> str:
    """Text that the loader reads back to the same scenario; `prefix` is recorded as a comment."""
    tables = _without_none(msgspec.to_builtins(scenario, builtin_types=(type(scenario.start.time_utc),)))
    tables["seed"] = seed
    notes = [f"# made by the loader at {command.at_s:g} s: {command.name} {command.args}\n" for command in prefix]
    return "".join(notes) + tomli_w.dumps(tables)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(item) for item in value]
    return value
