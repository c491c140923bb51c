"""The keys of a section of a configuration file, from its class: what each may hold, its default and what it means."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from hal.api.config import Section
from hal.api.config_explain import describe
from sil.docs.markdown import table

_NAME: Final = "^[a-z][a-z0-9_]{0,39}$"
COMMON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bus": "Its bus, by the name in [hardware.buses].",
        "address": "On its bus.",
        "power": "The load switch that feeds it; none: always fed.",
        "optional": "If it does not answer at start, flight goes on without it.",
        "invert": "Its current counts the other way.",
        "max_hold_s": "Longest time that an output stays switched without being refreshed.",
        "sign": "-1: it turns the other way.",
        "m1_sign": "-1: the motor runs the other way.",
        "m2_sign": "-1: the motor runs the other way.",
        "centre_us": "Pulse for straight ahead.",
        "min_us": "Shortest pulse.",
        "max_us": "Longest pulse.",
        "current_limit_a": "Per motor, set in the controllers; none: as they have it.",
        "measures": "Sensors of the rover that it stands for.",
        "active_low": "On when the line is low.",
        "line": "Number on the GPIO chip, not of the pin.",
        "storage_bytes": "Most that flight keeps there.",
    }
)
"""Keys of several sections, or whose name says most of it; what stands at a key in its class goes before."""


def key_table(kind: type[Section]) -> Iterator[str]:
    """A table of the section's keys, in the order of its class."""
    notes = {**COMMON, **_notes(kind)}
    rows = (
        (f"`{item.encode_name}`", _holds(item), _default(item), notes.get(item.name, ""))
        for item in msgspec.structs.fields(kind)
    )
    yield from table(("key", "what it may hold", "default", "meaning"), rows)


def _holds(item: msgspec.structs.FieldInfo) -> str:
    words = describe(msgspec.inspect.type_info(item.type))
    if item.name == "address":  # as data sheets write them
        words = re.sub(r"\d+", lambda found: f"{int(found[0]):#04x}", words)
    return _escaped(words.replace(f"text matching {_NAME}", "a name"))


def _default(item: msgspec.structs.FieldInfo) -> str:
    if item.default_factory is not msgspec.NODEFAULT:
        return "none given" if item.required else "empty"
    if item.default is msgspec.NODEFAULT:
        return "must be given"
    if item.default is None:
        return "none"
    if isinstance(item.default, bool):
        return str(item.default).lower()
    if isinstance(item.default, (Section, Mapping)) or item.default == ():
        return "empty"
    return f"`{item.default:#04x}`" if item.name == "address" else f"`{item.default}`"


def _notes(kind: type[Section]) -> dict[str, str]:
    """The text that stands under each key in the class."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    definition = tree.body[0]
    assert isinstance(definition, ast.ClassDef)
    notes = {}
    for before, after in zip(definition.body, definition.body[1:], strict=False):
        text = after.value if isinstance(after, ast.Expr) else None
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(text, ast.Constant):
            notes[before.target.id] = _escaped(" ".join(str(text.value).split()))
    return notes


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")
