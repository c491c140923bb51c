"""Packing and unpacking of declared records with one compiled ``struct.Struct`` per type.

Everything is derived once, when a codec is built; packing then runs one small closure a field. Counters belong to the
codec, so a rebooted flight process, which builds its own :class:`Codecs`, starts at zero.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from telemetry_defs.packets import PacketError, PacketErrorCode
from telemetry_defs.ranges import check_ranges
from telemetry_defs.wire import (
    F32_MAX,
    Field,
    RangeError,
    enum_members,
    fields_of,
    is_float_kind,
    raw_range,
    reserved_raw,
    struct_code,
)

__all__ = ["Codec", "Codecs", "check_ranges"]

T = TypeVar("T", bound=msgspec.Struct)
_F64_MAX = 1.7976931348623157e308
_F32_ROUNDS_TO_INF = F32_MAX * (1.0 + 2.0**-25)


class _Counter:
    """Counts saturated values; shared by a codec and its closures."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class Codec(Generic[T]):
    """Packs and unpacks records of one type.

    Attributes:
        size: bytes of the fixed part (with the u16 length of a ``bytes`` field).
        max_size: greatest packed size in bytes.
    """

    def __init__(self, cls: type[T]) -> None:
        """Derive the codec of a record class.

        Raises:
            DeclarationError: the class is declared wrongly.
        """
        fields = fields_of(cls)
        self._cls = cls
        self._names = tuple(field.name for field in fields)
        self._tail = fields[-1] if fields and fields[-1].wire.kind == "bytes" else None
        self._counts = tuple(field.wire.count if field.is_tuple else 0 for field in fields)
        self._has_tuples = any(self._counts)
        flat = [field for field in fields for _ in range(field.wire.count)]
        self._struct = struct.Struct(">" + "".join(struct_code(field.wire.kind) for field in flat))
        self._saturated = _Counter()
        self._encoders = tuple(_encoder(field, self._saturated) for field in flat)
        self._decoders = tuple(_decoder(cls.__name__, field) for field in flat)
        self._values = _getter(self._names)
        self._empty = None if fields else cls()
        self.size = self._struct.size
        self.max_size = self.size + (self._tail.wire.max_bytes if self._tail else 0)

    @property
    def saturation_count(self) -> int:
        """Number of values that did not fit their wire range and were sent as its end."""
        return self._saturated.count

    def pack(self, value: T) -> bytes:
        """Return the wire bytes of a record; None and NaN become the reserved code, the rest saturates.

        Raises:
            ValueError: a tuple or bytes field has a wrong number of elements.
        """
        values = self._values(value)
        if self._tail is not None:
            return self._pack_with_tail(values)
        if self._has_tuples:
            values = self._flatten(values)
        return self._struct.pack(*[encode(item) for encode, item in zip(self._encoders, values, strict=True)])

    def unpack(self, data: bytes) -> T:
        """Return the record in exactly these bytes.

        Raises:
            PacketError: LENGTH, too few or too many bytes.
            RangeError: a raw code stands for no value of its field.
        """
        if self._empty is not None and not data:
            return self._empty
        body, tail = self._split(data)
        values: list[Any] = [decode(raw) for decode, raw in zip(self._decoders, self._struct.unpack(body), strict=True)]
        if self._has_tuples:
            values = self._nest(values)
        if self._tail is not None:
            values[-1] = tail
        return self._cls(**dict(zip(self._names, values, strict=True)))

    def _pack_with_tail(self, values: tuple[Any, ...]) -> bytes:
        tail = bytes(values[-1])
        limit = self._tail.wire.max_bytes if self._tail else 0
        if len(tail) > limit:
            raise ValueError(f"{self._cls.__name__}.{self._names[-1]}: {len(tail)} bytes, at most {limit}")
        fixed = (*values[:-1], len(tail))
        flat = self._flatten(fixed) if self._has_tuples else fixed
        return self._struct.pack(*[encode(item) for encode, item in zip(self._encoders, flat, strict=True)]) + tail

    def _flatten(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        flat: list[Any] = []
        for name, value, count in zip(self._names, values, self._counts, strict=True):
            if not count:
                flat.append(value)
            elif len(value) == count:
                flat.extend(value)
            else:
                raise ValueError(f"{self._cls.__name__}.{name}: {len(value)} elements, needs {count}")
        return tuple(flat)

    def _nest(self, flat: list[Any]) -> list[Any]:
        nested: list[Any] = []
        start = 0
        for count in self._counts:
            nested.append(tuple(flat[start : start + count]) if count else flat[start])
            start += count or 1
        return nested

    def _split(self, data: bytes) -> tuple[bytes, bytes]:
        body, tail = data[: self.size], data[self.size :]
        declared = 0
        if self._tail is not None and len(body) == self.size:
            declared = int.from_bytes(body[-2:], "big")
        if len(body) != self.size or len(tail) != declared or len(data) > self.max_size:
            expected = f"{self.size}..{self.max_size}" if self._tail else f"{self.size}"
            raise PacketError(PacketErrorCode.LENGTH, f"{self._cls.__name__}: {len(data)} bytes, expected {expected}")
        return body, tail


class Codecs:
    """One process's own set of codecs, each built at its first use."""

    def __init__(self) -> None:
        self._codecs: dict[type[Any], Codec[Any]] = {}

    def of(self, cls: type[T]) -> Codec[T]:
        """Return the codec of a record class, always the same one."""
        codec = self._codecs.get(cls)
        if codec is None:
            codec = self._codecs[cls] = Codec(cls)
        return codec

    def pack(self, value: msgspec.Struct) -> bytes:
        """Return the wire bytes of any record; see :meth:`Codec.pack`."""
        return self.of(type(value)).pack(value)

    @property
    def saturation_count(self) -> int:
        """Number of saturated values over all codecs."""
        return sum(codec.saturation_count for codec in self._codecs.values())


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    if names:
        single = attrgetter(names[0])
        return lambda value: (single(value),)
    return lambda _value: ()


def _encoder(field: Field, saturated: _Counter) -> Callable[[Any], int | float]:
    if is_float_kind(field.wire.kind):
        return _float_encoder(field.wire.kind, saturated)
    if field.base is float:
        return _scaled_encoder(field, saturated)
    if field.base is int:
        return _int_encoder(field.wire.kind, saturated)
    reserved = int(reserved_raw(field.wire.kind))
    if field.base is bool:
        return lambda value: reserved if value is None else int(value is True)
    if field.base is bytes:
        return int  # the length prefix
    return lambda value: reserved if value is None else value


def _float_encoder(kind: str, saturated: _Counter) -> Callable[[float | None], float]:
    # A double a hair above the greatest f32 still rounds down to it; only what would round to infinity saturates.
    bound, end = (_F32_ROUNDS_TO_INF, F32_MAX) if kind == "f32" else (_F64_MAX, _F64_MAX)

    def encode(value: float | None) -> float:
        if value is None:
            return math.nan
        if -bound <= value <= bound:
            return value
        if value != value:  # noqa: PLR0124 - NaN is the one number unlike itself
            return math.nan
        saturated.count += 1
        return math.copysign(end, value)

    return encode


def _scaled_encoder(field: Field, saturated: _Counter) -> Callable[[float | None], int]:
    wire = field.wire
    least, most = raw_range(wire.kind)
    reserved = int(reserved_raw(wire.kind))
    scale, offset = wire.scale, wire.offset
    # Within half a step of the ends is rounding, not saturation.
    low, high = least - 0.5, most + 0.5

    def encode(value: float | None) -> int:
        if value is None:
            return reserved
        raw = (value - offset) / scale
        if low < raw < high:
            return round(raw)
        if raw != raw:  # noqa: PLR0124 - NaN is the one number unlike itself
            return reserved
        saturated.count += 1
        return least if raw < 0.0 else most

    return encode


def _int_encoder(kind: str, saturated: _Counter) -> Callable[[int | None], int]:
    least, most = raw_range(kind)
    reserved = int(reserved_raw(kind))

    def encode(value: int | None) -> int:
        if value is None:
            return reserved
        if least <= value <= most:
            return value
        saturated.count += 1
        return least if value < least else most

    return encode


def _decoder(owner: str, field: Field) -> Callable[[Any], Any]:
    name, kind = f"{owner}.{field.name}", field.wire.kind
    if field.base is bytes:
        return int
    if is_float_kind(kind):
        return _float_decoder(name, field.optional)
    reserved = int(reserved_raw(kind))
    if field.base is float or field.base is int:
        return _number_decoder(name, field, reserved)
    values: dict[int, Any] = {int(member): member for member in enum_members(field)} or {0: False, 1: True}
    if field.optional:
        values[reserved] = None

    def decode(raw: int) -> Any:
        try:
            return values[raw]
        except KeyError:
            raise RangeError(f"{name}: code {raw} has no meaning") from None

    return decode


def _float_decoder(name: str, optional: bool) -> Callable[[float], float | None]:
    def decode(raw: float) -> float | None:
        if raw == raw:  # noqa: PLR0124 - NaN is the one number unlike itself
            return raw
        if optional:
            return None
        raise RangeError(f"{name}: no value")

    return decode


def _number_decoder(name: str, field: Field, reserved: int) -> Callable[[int], float | int | None]:
    scale, offset, optional = field.wire.scale, field.wire.offset, field.optional
    is_int = field.base is int

    def decode(raw: int) -> float | int | None:
        if raw == reserved:
            if optional:
                return None
            raise RangeError(f"{name}: no value")
        return raw if is_int else raw * scale + offset

    return decode
