"""The keys of a section of a configuration file, from its class: what each may hold, its default and what it means."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping

import msgspec

from hal.api.config import Section
from hal.api.config_explain import describe
from sil.docs.markdown import table


def key_table(kind: type[Section]) -> Iterator[str]:
    """A table of the section's keys, in the order of its class."""
    notes = _notes(kind)
    rows = (
        (f"`{item.encode_name}`", _escaped(describe(msgspec.inspect.type_info(item.type))), _default(item), note)
        for item in msgspec.structs.fields(kind)
        for note in (notes.get(item.name, ""),)
    )
    yield from table(("key", "what it may hold", "default", "meaning"), rows)


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
    return f"`{item.default}`"


def _notes(kind: type[Section]) -> dict[str, str]:
    """The text that stands under each key in the class."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    definition = tree.body[0]
    assert isinstance(definition, ast.ClassDef)
    notes = {}
    for before, after in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(after, ast.Expr):
            if isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
                notes[before.target.id] = _escaped(" ".join(after.value.value.split()))
    return notes


def _escaped(text: str) -> str:
    return text.replace("|", r"\|")
