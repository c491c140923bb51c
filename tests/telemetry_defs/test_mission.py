"""Every definition of the mission: flight codec and ground format are the same thing, and both keep the values."""

from __future__ import annotations

from typing import Any

import construct
import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from telemetry_defs.codec import Codec
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import record_format
from telemetry_defs.wire import fields_of
from tests.telemetry_defs.records import Everything, assert_same, records

ITEMS: tuple[Any, ...] = (*DICTIONARY.housekeeping, *DICTIONARY.commands, *DICTIONARY.events, *DICTIONARY.reports)
CLASSES = sorted({item.cls for item in ITEMS} | {Everything}, key=lambda cls: (cls.__module__, cls.__name__))


def as_dict(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields_of(type(value))}


@settings(max_examples=12)
@given(st.data())
@pytest.mark.parametrize("cls", CLASSES)
def test_codec_and_format_are_equal(cls: type[msgspec.Struct], data: st.DataObject) -> None:
    """What flight packs the ground reads to the same values; what the ground builds is the same bytes."""
    value = data.draw(records(cls))
    codec, form = Codec(cls), record_format(cls)
    packed = codec.pack(value)
    received = codec.unpack(packed)
    assert_same(cls, value, received)
    assert form.parse(packed) == as_dict(received)
    assert form.build(as_dict(value)) == packed


def test_the_format_refuses_other_lengths() -> None:
    """Bytes left over or missing are an error of construct, not a silent loss."""
    form = record_format(Everything)
    empty = form.build({field.name: _none(field) for field in fields_of(Everything)})
    for data in (empty + b"x", empty[:-1], b""):
        with pytest.raises(construct.ConstructError):
            form.parse(data)


def _none(field: Any) -> Any:
    if field.base is bytes:
        return b""
    return (None,) * field.wire.count if field.is_tuple else None


def test_an_unknown_enum_code_stays_a_number() -> None:
    """A newer rover may have more codes; the ground still shows the packet."""
    form = record_format(Everything)
    packed = bytearray(form.build({field.name: _none(field) for field in fields_of(Everything)}))
    offset = sum((2, 2, 1, 4, 8, 1, 4, 4, 8))
    packed[offset] = 0x42
    assert form.parse(bytes(packed))["mode"] == 0x42
