"""Legal ranges of command arguments: the one check that ground makes before sending and flight before running."""

from __future__ import annotations

import functools
import math
import struct

import msgspec

from telemetry_defs.wire import F32_MAX, Field, fields_of, is_float_kind, raw_range


class Limits(msgspec.Struct, frozen=True):
    """Inclusive limits of one numeric field: those declared, where given, within those of the wire type."""

    name: str
    unit: str
    low: float
    high: float
    accept_low: float
    accept_high: float
    optional: bool


def check_ranges(value: msgspec.Struct) -> str | None:
    """Return the first violation as ``"x_m = 5000 m outside -1000..1000"``, or None if all arguments are legal.

    A limit is met as it looks after the wire too (``high=0.05`` in f32 arrives as 0.0500000007). None is legal where
    the field is optional. Floats must be finite; integers and scaled numbers must fit their wire type.
    """
    for limits in limits_of(type(value)):
        items = getattr(value, limits.name)
        for item in items if isinstance(items, tuple) else (items,):
            if item is None:
                if not limits.optional:
                    return f"{limits.name} has no value"
            elif not limits.accept_low <= item <= limits.accept_high:
                return f"{limits.name} = {number_text(item)}{_unit(limits)} outside {range_text(limits)}"
    return None


def range_text(limits: Limits) -> str:
    """Return ``-1000..1000``; an end without a limit is left out."""
    low = "" if limits.low == -math.inf else number_text(limits.low)
    high = "" if limits.high == math.inf else number_text(limits.high)
    return f"{low}..{high}"


def limits_of(cls: type) -> tuple[Limits, ...]:
    """Return the limits of the numeric fields (float and int) of a record class, in wire order."""
    return _all_limits(cls)


@functools.cache  # pure in its argument, one entry a class: holds nothing that a reboot could see
def _all_limits(cls: type) -> tuple[Limits, ...]:
    return tuple(_limits(field) for field in fields_of(cls) if field.base in (float, int))


def _limits(field: Field) -> Limits:
    wire = field.wire
    wire_low, wire_high = wire_range(field)
    low = wire_low if wire.low is None else max(wire.low, wire_low)
    high = wire_high if wire.high is None else min(wire.high, wire_high)
    return Limits(
        name=field.name,
        unit=wire.unit,
        low=low,
        high=high,
        accept_low=min(low, _through_wire(field, low)),
        accept_high=max(high, _through_wire(field, high)),
        optional=field.optional,
    )


def wire_range(field: Field) -> tuple[float, float]:
    """Return the least and greatest value that the wire type of a numeric field can carry."""
    kind = field.wire.kind
    if kind == "f32":
        return -F32_MAX, F32_MAX
    if kind == "f64":
        return -1.7976931348623157e308, 1.7976931348623157e308
    least, most = raw_range(kind)
    if field.base is int:
        return least, most
    return least * field.wire.scale + field.wire.offset, most * field.wire.scale + field.wire.offset


def _through_wire(field: Field, value: float) -> float:
    wire = field.wire
    if wire.kind == "f32":
        return float(struct.unpack(">f", struct.pack(">f", value))[0])
    if field.base is int or is_float_kind(wire.kind):
        return value
    return round((value - wire.offset) / wire.scale) * wire.scale + wire.offset


def _unit(limits: Limits) -> str:
    return f" {limits.unit}" if limits.unit not in ("", "1") else ""


def number_text(value: float) -> str:
    """Return a number as people and exports write it: ten digits, integers whole."""
    if isinstance(value, int):
        return str(value)
    return f"{value:.10g}"
