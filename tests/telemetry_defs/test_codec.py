"""Packing and unpacking of records."""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from telemetry_defs.codec import Codec, Codecs
from telemetry_defs.definitions import Mode, NoArguments
from telemetry_defs.packets import PacketError, PacketErrorCode
from telemetry_defs.wire import DeclarationError, RangeError, Wire, raw_range, reserved_raw
from tests.telemetry_defs.records import Drive, Everything, Face, assert_same, records

BASE = Everything(
    bus_v=28.5,
    current_a=-1.25,
    web_c=-10.0,
    x_m=1.5,
    time_s=1e9 + 0.125,
    step=-3,
    turns=-70_000,
    count=70_000,
    total=2**40,
    mode=Mode.SAFE,
    face=Face.TOP,
    lit=None,
    armed=True,
    wheels_a=(0.1, 0.2, None, 0.4, 0.5, 0.6),
    text=b"front left",
)


def roundtrip(value: Any) -> Any:
    codec = Codec(type(value))
    return codec.unpack(codec.pack(value))


@given(records(Everything))
def test_pack_then_unpack_is_the_identity_within_resolution(value: Everything) -> None:
    """Every kind of field, None included, survives; scaled numbers within half a step."""
    assert_same(Everything, value, roundtrip(value))


@given(records(Everything))
def test_a_second_trip_changes_nothing(value: Everything) -> None:
    """What came over the wire is exactly what goes over the wire again."""
    codec = Codec(Everything)
    packed = codec.pack(value)
    assert codec.pack(codec.unpack(packed)) == packed
    assert codec.saturation_count == 0


@pytest.mark.parametrize(
    ("field", "value", "arrives"),
    [
        ("bus_v", 70.0, 65.534),
        ("bus_v", -1.0, 0.0),
        ("current_a", 400.0, 327.67),
        ("current_a", -400.0, -327.67),
        ("web_c", -61.0, -60.0),
        ("web_c", math.inf, 67.0),
        ("x_m", 1e39, 3.4028234663852886e38),
        ("x_m", -math.inf, -3.4028234663852886e38),
        ("time_s", math.inf, 1.7976931348623157e308),
        ("step", 128, 127),
        ("step", -128, -127),
        ("count", 2**32 - 1, 2**32 - 2),
        ("count", -1, 0),
        ("total", 2**70, 2**64 - 2),
    ],
)
def test_values_out_of_range_saturate_and_are_counted(field: str, value: float, arrives: float) -> None:
    """The end of the range is sent, never the reserved code, and the codec counts it once."""
    codec = Codec(Everything)
    received = codec.unpack(codec.pack(msgspec.structs.replace(BASE, **{field: value})))
    assert getattr(received, field) == pytest.approx(arrives)
    assert codec.saturation_count == 1


@pytest.mark.parametrize("field", ["bus_v", "current_a", "web_c", "x_m", "time_s"])
def test_nan_becomes_none_uncounted(field: str) -> None:
    """NaN is no value, not a value out of range."""
    codec = Codec(Everything)
    received = codec.unpack(codec.pack(msgspec.structs.replace(BASE, **{field: math.nan})))
    assert getattr(received, field) is None
    assert codec.saturation_count == 0


@given(st.floats(allow_nan=False))
def test_any_float_packs(value: float) -> None:
    """No float, however large or small, stops a packet."""
    received = roundtrip(msgspec.structs.replace(BASE, bus_v=value, current_a=value, web_c=value, x_m=value))
    assert 0.0 <= received.bus_v <= 65.5341
    assert math.isfinite(received.x_m)


def test_none_travels_as_the_reserved_code() -> None:
    """All ones for unsigned, most negative for signed, NaN for floats."""
    packed = Codec(Everything).pack(msgspec.structs.replace(BASE, bus_v=None, current_a=None, web_c=None, x_m=None))
    assert packed[:5] == b"\xff\xff\x80\x00\xff"
    assert packed[5:9] == b"\x7f\xc0\x00\x00"


@pytest.mark.parametrize("field", ["x_m", "speed_m_s", "tries", "face"])
def test_an_argument_without_value_is_a_range_error(field: str) -> None:
    """A command argument that must have a value never decodes from the reserved code; the field is named."""
    codec = Codec(Drive)
    good = Drive(x_m=1.0, speed_m_s=0.05, heading_rad=None, tries=1, face=Face.TOP)
    with pytest.raises(RangeError, match=field):
        codec.unpack(codec.pack(msgspec.structs.replace(good, **{field: None})))


@pytest.mark.parametrize("cut", [0, 1, 20, -1])
def test_wrong_lengths_are_refused(cut: int) -> None:
    """Too short or too long is a length error, whatever the bytes."""
    packed = Codec(Everything).pack(BASE)
    for data in (packed[:cut], packed + b"x"):
        with pytest.raises(PacketError) as caught:
            Codec(Everything).unpack(data)
        assert caught.value.code is PacketErrorCode.LENGTH


@given(st.binary(max_size=120))
def test_junk_is_refused_or_read_never_worse(data: bytes) -> None:
    """Arbitrary bytes raise only the two documented errors."""
    codec = Codec(Everything)
    try:
        codec.unpack(data)
    except (PacketError, RangeError):
        return
    assert codec.size <= len(data) <= codec.max_size


def test_a_tuple_of_wrong_length_and_long_bytes_are_our_bugs() -> None:
    """They raise instead of sending something else."""
    codec = Codec(Everything)
    with pytest.raises(ValueError, match="wheels_a: 5 elements, needs 6"):
        codec.pack(msgspec.structs.replace(BASE, wheels_a=(0.0,) * 5))
    with pytest.raises(ValueError, match="text: 21 bytes, at most 20"):
        codec.pack(msgspec.structs.replace(BASE, text=b"x" * 21))


def test_codecs_are_kept_and_start_at_zero() -> None:
    """A process asks twice and gets the same codec; another process's set has its own counters."""
    mine, rebooted = Codecs(), Codecs()
    assert mine.of(Everything) is mine.of(Everything)
    mine.pack(msgspec.structs.replace(BASE, bus_v=1e6))
    rebooted.pack(BASE)
    assert (mine.saturation_count, rebooted.saturation_count) == (1, 0)


def test_no_arguments_are_no_bytes() -> None:
    """The empty record packs to nothing and takes nothing."""
    codec = Codec(NoArguments)
    assert codec.pack(NoArguments()) == b""
    assert codec.unpack(b"") == NoArguments()
    with pytest.raises(PacketError):
        codec.unpack(b"x")


@pytest.mark.parametrize("kind", ["u8", "u16", "u32", "u64", "i8", "i16", "i32"])
def test_the_reserved_code_lies_outside_the_value_range(kind: str) -> None:
    """No value is ever sent as the reserved code, and together they fill the type."""
    low, high = raw_range(kind)
    reserved = reserved_raw(kind)
    assert not low <= reserved <= high
    assert high - low + 2 == 2 ** int(kind[1:])


@pytest.mark.parametrize(
    ("hint", "problem"),
    [
        (float, "needs Annotated"),
        (Annotated[float, Wire("u24")], "unknown wire kind"),
        (Annotated[float, Wire("u8", scale=0.0)], "scale must be"),
        (Annotated[int, Wire("u8", scale=2.0)], "belong to float fields"),
        (Annotated[float, Wire("bool")], "cannot travel"),
        (Annotated[bool, Wire("u16")], "bool travels as"),
        (Annotated[str, Wire("u8")], "no wire form"),
        (Annotated[bytes, Wire("bytes")], "max_bytes"),
        (Annotated[float, Wire("u8", count=3)], "needs a tuple"),
        (Annotated[float, Wire("u8", low=2.0, high=1.0)], "is above high"),
        (Annotated[int | float, Wire("u8")], "type must be one of"),
    ],
)
def test_wrong_declarations_name_class_and_field(hint: Any, problem: str) -> None:
    """A record that cannot travel is refused when its codec is built."""
    cls = msgspec.defstruct("Wrong", [("field_v", hint)], frozen=True, kw_only=True)
    with pytest.raises(DeclarationError, match=f"Wrong.field_v: .*{problem}"):
        Codec(cls)


def test_bytes_come_last() -> None:
    """A field behind the bytes could not be found by a fixed layout."""
    cls = msgspec.defstruct(
        "Wrong", [("text", Annotated[bytes, Wire("bytes", max_bytes=4)]), ("n", Annotated[int, Wire("u8")])]
    )
    with pytest.raises(DeclarationError, match=r"Wrong.text: a bytes field must be the last"):
        Codec(cls)
