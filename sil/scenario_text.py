"""A scenario as it was run, as TOML again: with its seed and the command prefix that the loader made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import tomli_w

from sil.scenario import CommandSection, Scenario

ALWAYS: Final = ("rover", "world", "depth", "at_s")
"""Said although they are the defaults: whoever reads the file asks for them first."""


def to_toml(scenario: Scenario, seed: int, prefix: tuple[CommandSection, ...] = ()) -> str:
    """Text that the loader reads back to the same scenario; `prefix` is recorded as a comment."""
    said = _said(msgspec.structs.replace(scenario, seed=seed))
    said["seed"] = seed
    tables = {key: value for key, value in said.items() if _is_table(value)}
    lines = [f"# made by the loader at {command.at_s:g} s: {command.name} {command.args}" for command in prefix]
    lines += _keys({key: value for key, value in said.items() if key not in tables})
    for name, value in tables.items():
        for table in value if isinstance(value, list) else [value]:
            lines += ["", f"[[{name}]]" if isinstance(value, list) else f"[{name}]", *_keys(table)]
    return "\n".join(lines) + "\n"


def _said(value: Any) -> Any:
    """Plain values, without what is a default."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        given = {field.encode_name: (getattr(value, field.name), field) for field in fields}
        return {
            key: _said(item)
            for key, (item, field) in given.items()
            if item is not None and (key in ALWAYS or item != _default(field))
        }
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    return [_said(item) for item in value] if isinstance(value, (list, tuple)) else value


def _default(field: msgspec.structs.FieldInfo) -> Any:
    factory = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _keys(table: dict[str, Any], within: str = "") -> Iterator[str]:
    """One line a key; tables inside as dotted keys."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{within}{key}.")
        else:
            yield within + tomli_w.dumps({key: value}).rstrip("\n")
