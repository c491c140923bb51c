"""Records for these tests, a small dictionary made of them, and Hypothesis strategies for any declared record."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import strategies as st

from telemetry_defs.definitions import Area, Command, Event, Housekeeping, Mode, Parameter, Severity
from telemetry_defs.lookup import Dictionary
from telemetry_defs.ranges import limits_of
from telemetry_defs.wire import Field, Wire, enum_members, fields_of, is_float_kind


class Face(IntEnum):
    """Array faces."""

    PORT = 1
    TOP = 2
    STARBOARD = 3


class Everything(msgspec.Struct, frozen=True, kw_only=True):
    """One field of every kind."""

    bus_v: Annotated[float | None, Wire("u16", scale=0.001, unit="V", low=24.0, high=33.6, meaning="bus voltage")]
    current_a: Annotated[float | None, Wire("i16", scale=0.01, unit="A", meaning="battery current")]
    web_c: Annotated[float | None, Wire("u8", scale=0.5, offset=-60.0, unit="degC", meaning="temperature")]
    x_m: Annotated[float | None, Wire("f32", unit="m", meaning="position east")]
    time_s: Annotated[float | None, Wire("f64", unit="s", meaning="time")]
    step: Annotated[int | None, Wire("i8", meaning="step")]
    turns: Annotated[int | None, Wire("i32", meaning="turns")]
    count: Annotated[int, Wire("u32", meaning="count")]
    total: Annotated[int | None, Wire("u64", meaning="total")]
    mode: Annotated[Mode | None, Wire("u8", meaning="mode")]
    face: Annotated[Face, Wire("u8", meaning="face")]
    lit: Annotated[bool | None, Wire("bool", meaning="in sunlight")]
    armed: Annotated[bool, Wire("bool", meaning="armed")]
    wheels_a: Annotated[tuple[float | None, ...], Wire("u16", scale=0.001, unit="A", count=6, meaning="wheel currents")]
    text: Annotated[bytes, Wire("bytes", max_bytes=20, meaning="text")]


class Drive(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of a command."""

    x_m: Annotated[float, Wire("f32", unit="m", low=-1000.0, high=1000.0, meaning="goal east")]
    speed_m_s: Annotated[float, Wire("f32", unit="m/s", low=0.01, high=0.1, meaning="speed")]
    heading_rad: Annotated[float | None, Wire("i16", scale=1e-4, unit="rad", low=-3.2, high=3.2, meaning="end heading")]
    tries: Annotated[int, Wire("u8", low=1, high=5, meaning="tries")]
    face: Annotated[Face, Wire("u8", meaning="face to the Sun")]


class Shed(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of an event."""

    load: Annotated[int | None, Wire("u8", meaning="load")]
    soc: Annotated[float | None, Wire("u16", scale=1e-4, unit="1", meaning="state of charge")]


HK = Housekeeping("power.hk", 7, Everything, 10.0, "state of power")
DRIVE = Command("power.drive", Drive, function_id=0x0101, meaning="drive", hazardous=True, modes=frozenset({Mode.IDLE}))
PING = Command("power.ping", service=17, subtype=1, meaning="are you there")
SHED = Event("power.shed", 0x0101, Severity.LOW, Shed, "load shed")
LIMIT = Parameter("power.soc_low", 0x0101, 0.3, 0.1, 0.9, "1", "charge below which loads are shed", hazardous=True)


def area(**changes: Any) -> Area:
    """Return a small area, with changes."""
    content: dict[str, Any] = {"housekeeping": (HK,), "commands": (DRIVE, PING), "events": (SHED,)}
    return Area(**{"name": "power", "apid": 0x101, "number": 1, **content, "parameters": (LIMIT,), **changes})


SMALL = Dictionary((area(),))


def blank(cls: type, **values: object) -> Any:
    """A record that has no value for anything else."""
    return cls(**{field.name: values.get(field.name, _nothing(field)) for field in fields_of(cls)})


def _nothing(field: Field) -> object:
    nothing = None if field.optional else field.base()
    return (nothing,) * field.wire.count if field.is_tuple else nothing


def records(cls: type) -> st.SearchStrategy[Any]:
    """Strategy for records whose values fit their wire types; floats as they come out of the wire type's range."""
    return st.builds(cls, **{field.name: _field(cls, field) for field in fields_of(cls)})


def _field(cls: type, field: Field) -> st.SearchStrategy[Any]:
    one = _one(cls, field)
    if field.optional:
        one = st.none() | one
    return st.tuples(*[one] * field.wire.count) if field.is_tuple else one


def _one(cls: type, field: Field) -> st.SearchStrategy[Any]:
    if field.base is bytes:
        return st.binary(max_size=field.wire.max_bytes)
    if field.base is bool:
        return st.booleans()
    if field.is_enum:
        return st.sampled_from(enum_members(field))
    limits = next(item for item in limits_of(cls) if item.name == field.name)
    if field.base is int:
        return st.integers(math.ceil(limits.low), math.floor(limits.high))
    if field.wire.kind == "f32":
        return st.floats(width=32, allow_nan=False, allow_infinity=False)
    return st.floats(limits.low, limits.high)


def assert_same(cls: type, sent: Any, received: Any) -> None:
    """Scaled numbers agree within half a step (and a rounding error of the arithmetic), all others exactly."""
    for field in fields_of(cls):
        a, b = getattr(sent, field.name), getattr(received, field.name)
        scaled = field.base is float and not is_float_kind(field.wire.kind)
        for x, y in zip(a, b, strict=True) if field.is_tuple else ((a, b),):
            if scaled and x is not None:
                assert y == pytest.approx(x, abs=field.wire.scale * 0.5000001, rel=1e-12)
            else:
                assert x == y
                assert type(x) is type(y)
