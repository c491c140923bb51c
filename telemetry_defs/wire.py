"""How one field of a record travels: its wire type, scale, unit and limits, and the reading of declared records.

A record is a frozen ``msgspec.Struct`` whose fields carry a :class:`Wire`::

    bus_voltage_v: Annotated[float | None, Wire("u16", scale=0.001, unit="V", meaning="main bus voltage")]

``None`` means "no valid value" and travels as the reserved raw code: all ones for unsigned kinds, the most
negative number for signed kinds, NaN for floats. The reserved code is reserved in every field, optional or not.
"""

from __future__ import annotations

import functools
import math
import struct
import types
import typing
from enum import IntEnum

import msgspec


class DeclarationError(ValueError):
    """A record is declared wrongly; the message names class and field."""


class RangeError(ValueError):
    """A received raw code stands for no legal value; the message names the field."""


class Wire(msgspec.Struct, frozen=True):
    """Wire form of one field; numbers are big-endian.

    Attributes:
        kind: ``u8 u16 u32 u64 i8 i16 i32 f32 f64 bool bytes``; ``bytes`` has a u16 length prefix and comes last.
        scale: ``value = raw * scale + offset``; integer kinds of float fields only.
        offset: see ``scale``, in the unit of the value.
        unit: unit of the value; ``"1"`` for a dimensionless float, may be empty for counts and identifiers.
        low: least legal argument, inclusive; for telemetry the lower operational limit.
        high: greatest legal argument, inclusive; for telemetry the upper operational limit.
        max_bytes: longest content of a ``bytes`` field.
        meaning: one phrase for the reader of the dictionary.
        count: number of elements of a ``tuple[X, ...]`` field.
    """

    kind: str
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    low: float | None = None
    high: float | None = None
    max_bytes: int = 0
    meaning: str = ""
    count: int = 1


class Field(msgspec.Struct, frozen=True):
    """One declared field, resolved: ``base`` is float, int, bool, bytes or an IntEnum class."""

    name: str
    wire: Wire
    base: type
    optional: bool
    is_tuple: bool

    @property
    def is_enum(self) -> bool:
        """True if the value is a member of an IntEnum."""
        return issubclass(self.base, IntEnum)


def enum_members(field: Field) -> tuple[IntEnum, ...]:
    """Return the members of an enum field in order of declaration, nothing for other fields."""
    return tuple(field.base) if issubclass(field.base, IntEnum) else ()


_STRUCT_CODES = types.MappingProxyType(
    {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "f32": "f", "f64": "d"}
    | {"bool": "B", "bytes": "H"}  # of bytes the fixed part is the length
)
F32_MAX = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]


def struct_code(kind: str) -> str:
    """Return the ``struct`` letter of a kind (for ``bytes`` that of its length prefix)."""
    return _STRUCT_CODES[kind]


def kind_bytes(kind: str) -> int:
    """Return the size in bytes of a kind (for ``bytes`` that of its length prefix)."""
    return struct.calcsize(">" + _STRUCT_CODES[kind])


def is_float_kind(kind: str) -> bool:
    """Return True for ``f32`` and ``f64``."""
    return kind in ("f32", "f64")


def raw_range(kind: str) -> tuple[int, int]:
    """Return least and greatest raw integer that stands for a value (the reserved code left out)."""
    if kind == "bool":
        return 0, 1
    bits = 8 * kind_bytes(kind)
    if kind[0] == "i":
        return -(1 << (bits - 1)) + 1, (1 << (bits - 1)) - 1
    return 0, (1 << bits) - 2


def reserved_raw(kind: str) -> int | float:
    """Return the raw code that stands for None."""
    if is_float_kind(kind):
        return math.nan
    bits = 8 * kind_bytes(kind)
    return -(1 << (bits - 1)) if kind[0] == "i" else (1 << bits) - 1


def fields_of(cls: type) -> tuple[Field, ...]:
    """Return the declared fields of a record class, in wire order.

    Raises:
        DeclarationError: a field lacks its Wire, or type and Wire do not fit.
    """
    return _fields(cls)


@functools.cache  # pure in its argument, one entry a class: holds nothing that a reboot could see
def _fields(cls: type) -> tuple[Field, ...]:
    if not issubclass(cls, msgspec.Struct):
        raise DeclarationError(f"{cls.__name__} is not a msgspec.Struct")
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = tuple(_field(cls, name, hints[name]) for name in cls.__struct_fields__)
    for field in fields[:-1]:
        if field.wire.kind == "bytes":
            raise DeclarationError(f"{cls.__name__}.{field.name}: a bytes field must be the last one")
    return fields


def _field(cls: type, name: str, hint: object) -> Field:
    wires = [item for item in getattr(hint, "__metadata__", ()) if isinstance(item, Wire)]
    if len(wires) != 1:
        raise DeclarationError(f"{cls.__name__}.{name}: needs Annotated[..., Wire(...)]")
    inner = typing.get_args(hint)[0]
    is_tuple = typing.get_origin(inner) is tuple
    if is_tuple:
        inner = typing.get_args(inner)[0]
    members = typing.get_args(inner) if isinstance(inner, types.UnionType) else (inner,)
    bases = [member for member in members if member is not type(None)]
    if len(bases) != 1 or not isinstance(bases[0], type):
        raise DeclarationError(f"{cls.__name__}.{name}: type must be one of float, int, bool, bytes, IntEnum (or None)")
    field = Field(name, wires[0], bases[0], len(members) > 1, is_tuple)
    problem = _problem(field)
    if problem:
        raise DeclarationError(f"{cls.__name__}.{name}: {problem}")
    return field


def _problem(field: Field) -> str | None:
    wire = field.wire
    if wire.kind not in _STRUCT_CODES:
        return f"unknown wire kind {wire.kind!r}"
    if wire.count < 1 or (wire.count > 1 and not field.is_tuple):
        return f"count {wire.count} needs a tuple field and at least 1"
    if not (math.isfinite(wire.scale) and wire.scale > 0.0 and math.isfinite(wire.offset)):
        return "scale must be finite and above zero, offset finite"
    if wire.low is not None and wire.high is not None and wire.low > wire.high:
        return f"low {wire.low} is above high {wire.high}"
    return _type_problem(field)


def _type_problem(field: Field) -> str | None:
    wire, base = field.wire, field.base
    scaled = wire.scale != 1.0 or wire.offset != 0.0
    if scaled and (base is not float or is_float_kind(wire.kind)):
        return "scale and offset belong to float fields of integer kind"
    if base is float:
        return None if wire.kind not in ("bool", "bytes") else f"float cannot travel as {wire.kind}"
    if base is bool:
        return None if wire.kind in ("bool", "u8") else "bool travels as bool or u8"
    if base is bytes:
        fits = wire.kind == "bytes" and 0 < wire.max_bytes < 65535 and not field.optional and not field.is_tuple
        return None if fits else "bytes travels as kind bytes with max_bytes set, neither optional nor a tuple"
    if issubclass(base, IntEnum):
        low, high = raw_range(wire.kind) if wire.kind in ("u8", "u16", "u32") else (1, 0)
        return (
            None if all(low <= member <= high for member in enum_members(field)) else f"members do not fit {wire.kind}"
        )
    if base is int:
        return None if wire.kind[0] in "ui" else f"int cannot travel as {wire.kind}"
    return f"type {base.__name__} has no wire form"
