"""Legal ranges of arguments."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given, strategies as st

from telemetry_defs.codec import Codec, check_ranges
from tests.telemetry_defs.records import Drive, Face

GOOD = Drive(x_m=1.0, speed_m_s=0.05, heading_rad=None, tries=1, face=Face.TOP)


def test_legal_arguments_pass() -> None:
    """None where it is optional is legal."""
    assert check_ranges(GOOD) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_m": 5000.0}, "x_m = 5000 m outside -1000..1000"),
        ({"speed_m_s": 0.0}, "speed_m_s = 0 m/s outside 0.01..0.1"),
        ({"tries": 6}, "tries = 6 outside 1..5"),
        ({"heading_rad": -3.3}, "heading_rad = -3.3 rad outside -3.2..3.2"),
        ({"x_m": math.inf}, "x_m = inf m outside -1000..1000"),
        ({"x_m": math.nan}, "x_m = nan m outside -1000..1000"),
        ({"x_m": None}, "x_m has no value"),
    ],
)
def test_the_first_violation_is_named_with_its_range(changes: dict[str, float], message: str) -> None:
    """One clear line: field, value, unit, range."""
    assert check_ranges(msgspec.structs.replace(GOOD, **changes)) == message


@given(st.floats(-1000.0, 1000.0), st.floats(0.01, 0.1), st.floats(-3.2, 3.2), st.integers(1, 5), st.sampled_from(Face))
def test_what_is_legal_on_the_ground_is_legal_on_board(
    x_m: float, speed_m_s: float, heading_rad: float, tries: int, face: Face
) -> None:
    """The wire's rounding never carries a legal value over a limit, limits included."""
    sent = Drive(x_m=x_m, speed_m_s=speed_m_s, heading_rad=heading_rad, tries=tries, face=face)
    codec = Codec(Drive)
    assert check_ranges(sent) is None
    assert check_ranges(codec.unpack(codec.pack(sent))) is None


@pytest.mark.parametrize("speed_m_s", [0.01, 0.1])
def test_limits_are_inclusive_after_single_precision(speed_m_s: float) -> None:
    """0.1 arrives as 0.10000000149 in single precision and is still the limit."""
    codec = Codec(Drive)
    assert check_ranges(codec.unpack(codec.pack(msgspec.structs.replace(GOOD, speed_m_s=speed_m_s)))) is None
