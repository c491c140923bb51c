"""Addresses of telemetry values: names and numbers, and what is no value."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
import pytest

from telemetry_defs.checks import DictionaryError
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.points import Point, find_field, find_point, point_name, value_of
from telemetry_defs.wire import Wire, fields_of

NAMES = [
    f"{hk.name}.{field.name}" + (f"[{element}]" if field.is_tuple else "")
    for hk in DICTIONARY.housekeeping
    for field in fields_of(hk.cls)
    if field.base is not bytes
    for element in range(field.wire.count)
]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A record with one field of each shape."""

    share: Annotated[float | None, Wire("f32", unit="1", meaning="a number")]
    flag: Annotated[bool | None, Wire("u8", meaning="a flag")]
    several: Annotated[tuple[float | None, ...], Wire("f32", unit="1", count=2, meaning="two")]


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_dictionary_has_a_point_and_every_point_its_name(name: str) -> None:
    point = find_point(name, DICTIONARY)

    assert point_name(point, DICTIONARY) == name
    assert find_field(point, DICTIONARY).name in name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("power.hk", "AREA.STRUCTURE.FIELD"),
        ("power.hk.sock", "has no field 'sock'"),
        ("power.hx.soc", "did you mean 'power.hk'"),
        ("power.hk.soc[0]", "soc is one value"),
        ("power.hk.faces_w", "needs [0] to [2]"),
        ("power.hk.faces_w[3]", "has elements [0] to [2]"),
        ("power.hk.faces_w[-1]", "AREA.STRUCTURE.FIELD"),
    ],
)
def test_what_is_no_value_is_refused_with_the_reason(name: str, says: str) -> None:
    with pytest.raises(DictionaryError, match=says.replace("[", r"\[").replace("]", r"\]")):
        find_point(name, DICTIONARY)


@pytest.mark.parametrize("point", [Point(255, 0), Point(1, 200), Point(1, 0, 1), Point(1, -1)])
def test_a_point_of_another_dictionary_is_refused(point: Point) -> None:
    with pytest.raises(DictionaryError):
        point_name(point, DICTIONARY)


def test_values_are_numbers_and_nothing_else() -> None:
    share, flag, several = fields_of(Sample)
    record = Sample(share=math.nan, flag=True, several=(None, 2.0))

    assert value_of(record, share, 0) is None
    assert value_of(record, flag, 0) == 1.0
    assert value_of(record, several, 0) is None
    assert value_of(record, several, 1) == 2.0
