"""Small makers of XTCE elements shared by telemetry and commands: names, units, encodings, enumerations."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from telemetry_defs.ranges import number_text
from telemetry_defs.wire import Field, enum_members, is_float_kind, kind_bytes, reserved_raw

NAMESPACE = "http://www.omg.org/spec/XTCE/20180204"
Element = ElementTree.Element
_XS_LONG_MAX = (1 << 63) - 1


def node(parent: Element, tag: str, **attributes: str | int | float) -> Element:
    """Append and return a child element; attribute values become text."""
    return ElementTree.SubElement(parent, tag, {name: str(value) for name, value in attributes.items()})


def flat_name(*parts: str) -> str:
    """Return an XTCE name, in which the dot of ``power.hk`` is not allowed."""
    return "_".join(parts).replace(".", "_")


def element_names(prefix: str, field: Field) -> list[str]:
    """Return one name a field, or one an element of a tuple (numbered from 0)."""
    name = flat_name(prefix, field.name)
    return [f"{name}_{index}" for index in range(field.wire.count)] if field.is_tuple else [name]


def add_unit(parent: Element, unit: str) -> None:
    """Append the UnitSet, empty for dimensionless values."""
    unit_set = node(parent, "UnitSet")
    if unit not in ("", "1"):
        node(unit_set, "Unit").text = unit


def add_integer_encoding(parent: Element, bits: int, signed: bool = False) -> Element:
    """Append a big-endian integer encoding."""
    encoding = "twosComplement" if signed else "unsigned"
    return node(parent, "IntegerDataEncoding", sizeInBits=bits, encoding=encoding)


def add_number_encoding(parent: Element, kind: str) -> Element:
    """Append the encoding of a wire kind."""
    bits = 8 * kind_bytes(kind)
    if is_float_kind(kind):
        return node(parent, "FloatDataEncoding", sizeInBits=bits, encoding="IEEE754_1985")
    return add_integer_encoding(parent, bits, kind[0] == "i")


def add_line(encoding: Element, constant: float, slope: float) -> None:
    """Append a calibrator ``constant + slope * x``, nothing for the identity."""
    if (constant, slope) == (0.0, 1.0):
        return
    polynomial = node(node(encoding, "DefaultCalibrator"), "PolynomialCalibrator")
    node(polynomial, "Term", coefficient=repr(constant), exponent=0)
    node(polynomial, "Term", coefficient=repr(slope), exponent=1)


def add_valid_range(parent: Element, low: float, high: float) -> None:
    """Append an inclusive range; the end of u64 is cut to the greatest number that an XTCE integer range can name."""
    end = min(high, _XS_LONG_MAX) if isinstance(high, int) else high
    node(parent, "ValidRange", minInclusive=number_text(low), maxInclusive=number_text(end))


def add_enumeration(parent: Element, values: Mapping[str, int]) -> None:
    """Append labels in the order given."""
    labels = node(parent, "EnumerationList")
    for label, value in values.items():
        node(labels, "Enumeration", value=value, label=label)


def labels_of(field: Field) -> dict[str, int]:
    """Return the labels of an enum or bool field; an optional one has NO_VALUE too."""
    labels = {member.name: int(member) for member in enum_members(field)} or {"FALSE": 0, "TRUE": 1}
    if field.optional:
        labels["NO_VALUE"] = int(reserved_raw(field.wire.kind))
    return labels


def has_labels(field: Field) -> bool:
    """Return True for enum and bool fields."""
    return field.is_enum or field.base is bool
