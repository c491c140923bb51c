"""Judging one value: properties of the pure functions."""

from __future__ import annotations

import math

from hypothesis import given, strategies as st

from flight.monitoring.checks import Judged, judge_delta, judge_expected, judge_limits
from telemetry_defs.monitor_reports import CheckResult

numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
limits = st.none() | numbers


@given(numbers, limits, limits)
def test_a_limit_check_says_which_limit_was_missed(value: float, low: float | None, high: float | None) -> None:
    """Low comes first; at a limit is inside."""
    judged = judge_limits(value, low, high)

    if low is not None and value < low:
        expected = Judged(CheckResult.LOW, value, low)
    elif high is not None and value > high:
        expected = Judged(CheckResult.HIGH, value, high)
    else:
        expected = Judged(CheckResult.GOOD, value)
    assert judged == expected
    assert judged.missed is (judged.result is not CheckResult.GOOD)


@given(st.integers(-100, 100), st.integers(-50, 0), st.integers(1, 50), st.integers(0, 10))
def test_ease_only_narrows_what_is_good(value: int, low: int, high: int, ease: int) -> None:
    """A violation is over this far inside, on either side."""
    good = judge_limits(value, low, high, ease).result is CheckResult.GOOD
    assert good is (low + ease <= value <= high - ease)


@given(st.sampled_from((math.nan, math.inf, -math.inf)), limits, limits, limits)
def test_what_is_no_number_is_never_good(
    value: float, low: float | None, high: float | None, before: float | None
) -> None:
    for judged in (
        judge_limits(value, low, high),
        judge_delta(value, before, low, high),
        judge_expected(value, value, None),
        judge_expected(value, 0.0, 0xFF),
    ):
        assert judged == Judged(CheckResult.INVALID, None)
        assert not judged.missed


@given(numbers, numbers, limits, limits)
def test_a_delta_is_the_limit_check_of_the_change(
    value: float, before: float, low: float | None, high: float | None
) -> None:
    assert judge_delta(value, before, low, high) == judge_limits(value - before, low, high)


@given(numbers, limits, limits)
def test_a_first_value_has_no_change(value: float, low: float | None, high: float | None) -> None:
    assert judge_delta(value, None, low, high).result is CheckResult.UNCHECKED


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(1, 0xFFFF))
def test_a_mask_leaves_only_its_bits_to_be_compared(value: int, expected: int, mask: int) -> None:
    expected &= mask
    good = judge_expected(float(value), float(expected), mask).result is CheckResult.GOOD
    assert good is (value & mask == expected)


@given(numbers, numbers)
def test_without_a_mask_the_value_must_be_equal(value: float, expected: float) -> None:
    judged = judge_expected(value, expected, None)
    assert (judged.result is CheckResult.GOOD) is (value == expected)
    assert judged.missed is (value != expected)


def test_a_value_that_is_no_whole_number_does_not_match_a_mask() -> None:
    assert judge_expected(4.5, 4.0, 0x07).result is CheckResult.UNEXPECTED
