"""A fault's parameters in words: name, range, default and meaning, from their class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from hal.api.config import Section
from hal.api.config_explain import describe


class ParameterText(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter; its unit is the end of its name."""

    name: str
    holds: str
    """Such as `a number from 0.5 to 10`."""
    default: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.holds} (default {_literal(self.default)})"


def parameter_texts(kind: type[Section]) -> Iterator[ParameterText]:
    """In the order of the class."""
    for field in msgspec.structs.fields(kind):
        default = None if field.required else getattr(kind(), field.name)
        holds = describe(msgspec.inspect.type_info(field.type))
        yield ParameterText(name=field.encode_name, holds=holds, default=default)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
