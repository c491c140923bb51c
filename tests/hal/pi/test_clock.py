"""The real clock: never early, no drift, and how late the main loop woke."""

from __future__ import annotations

import time

import pytest

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.pi.clock import RealClock

pytestmark = pytest.mark.process


def test_time_counts_from_the_making_of_the_board() -> None:
    """And never runs back."""
    clock = RealClock()
    readings = [clock.now_ns() for _ in range(1000)]

    assert 0 <= readings[0] < NS_PER_S
    assert readings == sorted(readings)


def test_a_sleep_is_never_too_short_and_its_deadlines_do_not_drift() -> None:
    """Twenty odd deadlines, each on the grid of the first."""
    clock = RealClock()
    period_ns = 3_333_333
    start_ns = clock.now_ns()
    for cycle in range(1, 21):
        clock.sleep_until_ns(start_ns + cycle * period_ns)
        assert clock.now_ns() >= start_ns + cycle * period_ns
    assert clock.now_ns() - start_ns < NS_PER_S


def test_a_deadline_that_has_passed_is_no_sleep() -> None:
    clock = RealClock()
    begin = time.monotonic()
    clock.sleep_until_ns(clock.now_ns() - NS_PER_S)
    assert time.monotonic() - begin < 1.0


def test_only_watched_wakes_are_kept_the_newest_of_them() -> None:
    """A driver's waits are not the main loop's; five wakes in room for three leave the last three, in order."""
    clock = RealClock(latencies=3)
    clock.sleep_until_ns(clock.now_ns() + NS_PER_MS)
    assert clock.latencies_us() == []

    for number in range(5):
        deadline_ns = clock.now_ns() + NS_PER_MS
        clock.watch_wake(deadline_ns)
        clock.sleep_until_ns(deadline_ns)
        assert len(clock.latencies_us()) == min(number + 1, 3)
    before = clock.latencies_us()
    deadline_ns = clock.now_ns() + NS_PER_MS
    clock.watch_wake(deadline_ns)
    clock.sleep_until_ns(deadline_ns)
    assert clock.latencies_us()[:2] == before[1:]
    assert all(late_us < 10_000_000 for late_us in clock.latencies_us())


def test_without_room_nothing_is_kept() -> None:
    clock = RealClock()
    deadline_ns = clock.now_ns() + NS_PER_MS
    clock.watch_wake(deadline_ns)
    clock.sleep_until_ns(deadline_ns)
    assert clock.latencies_us() == []
