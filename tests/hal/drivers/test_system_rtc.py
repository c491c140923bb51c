"""The system clock as real-time clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, NotReady
from hal.drivers.system_rtc import SystemRtc, gps_ns_of, unix_ns_of

PINNED = (
    (datetime(2017, 1, 1, tzinfo=UTC), 1_167_264_018),
    (datetime(2029, 9, 24, tzinfo=UTC), 1_568_937_618),
)
"""UTC and GPS seconds since 1980-01-06: 18 leap seconds ahead of UTC since 2017."""


@pytest.mark.parametrize(("utc", "gps_s"), PINNED)
def test_gps_time_is_eighteen_seconds_ahead_of_utc(utc: datetime, gps_s: int) -> None:
    assert gps_ns_of(int(utc.timestamp()) * NS_PER_S) == gps_s * NS_PER_S


@given(gps_ns=st.integers(0, 1 << 62))
def test_there_and_back(gps_ns: int) -> None:
    assert gps_ns_of(unix_ns_of(gps_ns)) == gps_ns


@pytest.mark.process
def test_it_reads_the_system_clock() -> None:
    before = time.time_ns()
    unix_ns = unix_ns_of(SystemRtc().read_gps_ns())
    assert before <= unix_ns <= time.time_ns()


def test_a_clock_that_was_never_set_is_a_bad_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without battery wakes in 1970."""
    monkeypatch.setattr(time, "clock_gettime_ns", lambda clock: 100 * NS_PER_S)
    with pytest.raises(BadReading, match="not been set"):
        SystemRtc().read_gps_ns()


def test_a_time_before_the_software_is_refused() -> None:
    with pytest.raises(BadReading):
        SystemRtc().set_gps_ns(5 * NS_PER_S)


def test_setting_it_without_permission_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(clock: int, value: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(time, "clock_settime_ns", refuse)
    with pytest.raises(NotReady, match="not permitted"):
        SystemRtc().set_gps_ns(PINNED[1][1] * NS_PER_S)


def test_it_sets_the_system_clock_where_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """To UTC."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(time, "clock_settime_ns", lambda clock, value: told.append((clock, value)))
    SystemRtc().set_gps_ns(PINNED[1][1] * NS_PER_S)
    assert told == [(time.CLOCK_REALTIME, int(PINNED[1][0].timestamp()) * NS_PER_S)]
