"""Declared records as ``construct`` formats, derived from the same fields as the flight codecs."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import construct as cs

from telemetry_defs.wire import Field, enum_members, fields_of, is_float_kind, kind_bytes, reserved_raw

NUMBERS = MappingProxyType(
    {
        "u8": cs.Int8ub,
        "u16": cs.Int16ub,
        "u32": cs.Int32ub,
        "u64": cs.Int64ub,
        "i8": cs.Int8sb,
        "i16": cs.Int16sb,
        "i32": cs.Int32sb,
        "f32": cs.Float32b,
        "f64": cs.Float64b,
        "bool": cs.Int8ub,
    }
)

_LENGTH_BYTES = 2
Values = dict[str, Any]
Convert = Callable[[Any], Any]


class RecordFormat(cs.Adapter):  # type: ignore[misc]  # construct publishes no types
    """A record as ``dict[str, value]`` in engineering units over :attr:`raw`, the construct Struct of its raw codes.

    Reserved codes become None; an enum code that this dictionary does not know stays a plain number. Bytes left over
    are an error (``construct.TerminatedError``), too few as well (``construct.StreamError``).
    """

    def __init__(self, cls: type) -> None:
        """Derive the format of a record class."""
        fields = fields_of(cls)
        self.raw = cs.Struct(*(field.name / _raw_format(field) for field in fields))
        super().__init__(cs.Struct(*self.raw.subcons, cs.Terminated).compile())
        self._tail = fields[-1] if fields and fields[-1].base is bytes else None
        self._tail_at = sum(kind_bytes(field.wire.kind) * field.wire.count for field in fields[:-1])
        self._from_raw = tuple((field.name, _from_raw(field)) for field in fields)
        self._to_raw = tuple((field.name, _to_raw(field)) for field in fields)

    def _parse(self, stream: Any, context: Any, path: str) -> Values:
        try:
            values: Values = super()._parse(stream, context, path)
        except struct.error as error:  # compiled formats let it out where plain ones raise StreamError
            raise cs.StreamError(str(error), path=path) from None
        if self._tail is not None:
            self._check_tail(stream, self._tail, len(values[self._tail.name]), path)
        return values

    def _check_tail(self, stream: Any, field: Field, size: int, path: str) -> None:
        """Compiled formats take what there is where fewer bytes are left than the length says."""
        end = stream.tell()
        stream.seek(self._tail_at)
        declared = int.from_bytes(stream.read(_LENGTH_BYTES), "big")
        stream.seek(end)
        if size != declared or size > field.wire.max_bytes:
            raise cs.StreamError(f"{field.name}: length {declared}, {size} bytes there", path=path)

    def _decode(self, obj: Any, context: Any, path: str) -> Values:
        return {name: convert(obj[name]) for name, convert in self._from_raw}

    def _encode(self, obj: Values, context: Any, path: str) -> Values:
        return {name: convert(obj[name]) for name, convert in self._to_raw}


def record_format(cls: type) -> RecordFormat:
    """Return the format of a record class, compiled at the first use."""
    return _compiled(cls)


@functools.cache  # a format is costly to compile and holds no state
def _compiled(cls: type) -> RecordFormat:
    return RecordFormat(cls)


def _raw_format(field: Field) -> Any:
    if field.base is bytes:
        return cs.Prefixed(cs.Int16ub, cs.GreedyBytes)
    number = NUMBERS[field.wire.kind]
    return cs.Array(field.wire.count, number) if field.is_tuple else number


def _from_raw(field: Field) -> Convert:
    one = _value_from_raw(field)
    if field.is_tuple:
        return lambda raws: tuple(one(raw) for raw in raws)
    return one


def _to_raw(field: Field) -> Convert:
    one = _raw_from_value(field)
    if field.is_tuple:
        return lambda values: [one(value) for value in values]
    return one


def _value_from_raw(field: Field) -> Convert:
    wire = field.wire
    if field.base is bytes:
        return bytes
    if is_float_kind(wire.kind):
        return lambda raw: raw if raw == raw else None  # noqa: PLR0124 - NaN is the one number unlike itself
    reserved = reserved_raw(wire.kind)
    if field.base is float:
        return lambda raw: None if raw == reserved else raw * wire.scale + wire.offset
    known: dict[int, Any] = {int(member): member for member in enum_members(field)}
    if field.base is bool:
        known = {0: False, 1: True}
    return lambda raw: None if raw == reserved else known.get(raw, raw)


def _raw_from_value(field: Field) -> Convert:
    wire = field.wire
    if field.base is bytes:
        return bytes
    reserved = reserved_raw(wire.kind)
    if field.base is float and not is_float_kind(wire.kind):
        return lambda value: reserved if value is None else round((value - wire.offset) / wire.scale)
    convert = float if is_float_kind(wire.kind) else int
    return lambda value: reserved if value is None else convert(value)
