"""Judging one value: pure functions.  A value that is no number is never good."""

from __future__ import annotations

import math
from typing import NamedTuple

from telemetry_defs.monitor_reports import CheckResult


class Judged(NamedTuple):
    """What a check came to, on which value, and the limit that it missed."""

    result: CheckResult
    value: float | None
    limit: float | None = None

    @property
    def missed(self) -> bool:
        """Whether a valid value is not as it should be."""
        return self.result in (CheckResult.LOW, CheckResult.HIGH, CheckResult.UNEXPECTED)


def judge_limits(value: float, low: float | None, high: float | None, ease: float = 0.0) -> Judged:
    """Compare with limits, either of which may be missing; good needs to be `ease` inside of them.

    At a limit is inside.
    """
    if not math.isfinite(value):
        return Judged(CheckResult.INVALID, None)
    if low is not None and value < low + ease:
        return Judged(CheckResult.LOW, value, low)
    if high is not None and value > high - ease:
        return Judged(CheckResult.HIGH, value, high)
    return Judged(CheckResult.GOOD, value)


def judge_delta(value: float, before: float | None, low: float | None, high: float | None) -> Judged:
    """Compare the change since the check before; with nothing before there is nothing to judge."""
    if not math.isfinite(value):
        return Judged(CheckResult.INVALID, None)
    if before is None:
        return Judged(CheckResult.UNCHECKED, None)
    return judge_limits(value - before, low, high)


def judge_expected(value: float, expected: float, mask: int | None) -> Judged:
    """Compare with the one value that is good; with a mask only these bits of a whole number."""
    if not math.isfinite(value):
        return Judged(CheckResult.INVALID, None)
    if mask is None:
        as_expected = value == expected
    else:
        as_expected = value.is_integer() and int(value) & mask == expected
    return Judged(CheckResult.GOOD, value) if as_expected else Judged(CheckResult.UNEXPECTED, value, expected)
