"""One number of telemetry by its address: a field of a housekeeping structure, or one element of a field.

By name a point is written as in expectations of scenarios: ``power.hk.soc``, ``power.hk.faces_w[1]``.
"""

from __future__ import annotations

import math
import re
from enum import IntEnum
from typing import Any

import msgspec

from telemetry_defs.checks import DictionaryError
from telemetry_defs.lookup import Dictionary
from telemetry_defs.wire import Field, fields_of

_NAME = re.compile(r"(?P<hk>[a-z0-9_]+\.[a-z0-9_]+)\.(?P<field>[a-z0-9_]+)(\[(?P<element>[0-9]{1,3})\])?")


class Validity(IntEnum):
    """What a value is worth; any two codes differ in two bits. Only GOOD values are ever compared with limits."""

    GOOD = 0x03
    NO_VALUE = 0x05
    """Its owner says that it has no valid value."""
    STALE = 0x06
    """Its owner has not said anything for too long."""


class Point(msgspec.Struct, frozen=True, order=True):
    """Address of one number: structure id, place of the field in the record, place in a tuple field."""

    structure_id: int
    field: int
    element: int = 0


def find_point(name: str, dictionary: Dictionary) -> Point:
    """Return the point with this name.

    Raises:
        DictionaryError: no such structure, field or element, or one that is no number.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise DictionaryError(f"{name!r} is no telemetry value: write AREA.STRUCTURE.FIELD or AREA.STRUCTURE.FIELD[N]")
    hk = dictionary.hk(match["hk"])
    fields = [field.name for field in fields_of(hk.cls)]
    if match["field"] not in fields:
        raise DictionaryError(f"{hk.name} has no field {match['field']!r}; it has {', '.join(fields)}")
    point = Point(hk.structure_id, fields.index(match["field"]), int(match["element"] or 0))
    problem = _problem(fields_of(hk.cls)[point.field], point.element, match["element"] is not None)
    if problem:
        raise DictionaryError(f"{name!r} is no telemetry value: {problem}")
    return point


def find_field(point: Point, dictionary: Dictionary) -> Field:
    """Return the field that a point lies in.

    Raises:
        DictionaryError: there is no such point in this dictionary.
    """
    hk = dictionary.hk_by_id(point.structure_id)
    fields = fields_of(hk.cls) if hk is not None else ()
    if not 0 <= point.field < len(fields):
        raise DictionaryError(f"structure {point.structure_id} has no field {point.field}")
    field = fields[point.field]
    problem = _problem(field, point.element, field.is_tuple)
    if problem:
        raise DictionaryError(f"structure {point.structure_id}, field {point.field}: {problem}")
    return field


def point_name(point: Point, dictionary: Dictionary) -> str:
    """Return the name of a point.

    Raises:
        DictionaryError: there is no such point in this dictionary.
    """
    field = find_field(point, dictionary)
    hk = dictionary.hk_by_id(point.structure_id)
    assert hk is not None  # find_field has found it
    return f"{hk.name}.{field.name}" + (f"[{point.element}]" if field.is_tuple else "")


def value_of(record: Any, field: Field, element: int) -> float | None:
    """Return the number in a record (True is 1, a code is its number); None, NaN too, is no valid value."""
    value = getattr(record, field.name)
    if field.is_tuple:
        value = value[element]
    return None if value is None or math.isnan(value) else float(value)


def _problem(field: Field, element: int, has_element: bool) -> str | None:
    if field.base is bytes:
        return f"{field.name} is bytes"
    if has_element != field.is_tuple:
        return f"{field.name} needs [0] to [{field.wire.count - 1}]" if field.is_tuple else f"{field.name} is one value"
    if element >= field.wire.count:
        return f"{field.name} has elements [0] to [{field.wire.count - 1}]"
    return None
