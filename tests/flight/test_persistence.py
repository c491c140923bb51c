"""Conditions that must last, devices that are left alone, curves, edges."""

from __future__ import annotations

from hypothesis import given, strategies as st

from flight.edges import Edges
from flight.energy.curve import Curve
from flight.persistence import Backoff, Persistent
from telemetry_defs.areas import power as area
from tests.fakes.context import CapturedEvents


@given(conditions=st.lists(st.booleans(), max_size=60), hold=st.integers(0, 10))
def test_persistent_is_true_exactly_after_an_unbroken_hold(conditions: list[bool], hold: int) -> None:
    """At step n it is true if the last `hold` + 1 conditions all were."""
    judge = Persistent(hold)
    for now, condition in enumerate(conditions):
        window = conditions[max(0, now - hold) : now + 1]
        assert judge.update(now, condition) is (len(window) == hold + 1 and all(window))


@given(failures=st.integers(1, 30))
def test_back_off_doubles_up_to_its_bound_and_starts_afresh_after_success(failures: int) -> None:
    """1, 2, 4, ... at most 30."""
    backoff = Backoff(1, 30)
    now = 0
    for number in range(failures):
        assert backoff.due(now)
        backoff.failed(now)
        pause = min(2**number, 30)
        assert not backoff.due(now + pause - 1)
        now += pause
    assert backoff.failures == failures
    backoff.succeeded()
    assert backoff.due(now)
    backoff.failed(now)
    assert backoff.due(now + 1)


@given(x=st.floats(-10.0, 20.0))
def test_a_curve_stays_between_its_neighbours_and_is_level_outside(x: float) -> None:
    """Linear between points."""
    curve = Curve((0.0, 1.0, 10.0), (5.0, 7.0, -2.0))
    y = curve.at(x)
    if x <= 0.0:
        assert y == 5.0
    elif x >= 10.0:
        assert y == -2.0
    elif x <= 1.0:
        assert abs(y - (5.0 + 2.0 * x)) < 1e-9
    else:
        assert abs(y - (7.0 - (x - 1.0))) < 1e-9


@given(levels=st.lists(st.booleans(), max_size=40))
def test_edges_report_each_change_once(levels: list[bool]) -> None:
    """Begin, end, begin, ... however long each lasts."""
    events = CapturedEvents()
    edges = Edges(events)
    for level in levels:
        edges.report(level, area.MONITOR_LOST, area.MONITOR_BACK)
    changes = [new for old, new in zip([False, *levels], levels, strict=False) if new is not old]

    assert events.names() == ["power.monitor_lost" if new else "power.monitor_back" for new in changes]
