"""The table of monitors: persistence, validity, states, modes, and the protections that ship."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from flight.rover_file import load_rover
from telemetry_defs.areas import monitors as area, system, thermal
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.monitor_reports import CheckResult, MonitorReport, MonitorState
from tests.flight.monitor_bench import SOC, MonitorBench

FIRED, CLEARED = "monitors.violated", "monitors.cleared"


def result(bench: MonitorBench, monitor: int = 1) -> CheckResult:
    return bench.monitoring.monitors[monitor].result


def test_a_violation_and_its_end_are_one_event_each() -> None:
    bench = MonitorBench(SOC)
    bench.soc(0.5, 0.2, 0.2, 0.5, 0.5)

    assert bench.events.names() == [FIRED, CLEARED]
    (fields,) = bench.events.of(area.VIOLATED)
    assert fields == MonitorReport(monitor=1, result=CheckResult.LOW, value=0.2, limit=0.3, passive=False)


@given(st.integers(1, 6), st.lists(st.sampled_from((0.2, 0.5, None)), max_size=30))
def test_it_fires_at_the_failed_check_that_persistence_says(persistence: int, values: list[float | None]) -> None:
    """Against a count by hand: a good check starts it afresh, one without a value leaves it as it was."""
    bench = MonitorBench(SOC | {"persistence": persistence})
    failed, violated, expected = 0, False, []
    for value in values:
        if value == 0.2:
            failed += 1
            if failed == persistence and not violated:
                violated = True
                expected.append(FIRED)
        elif value == 0.5:
            failed = 0
            if violated:
                violated = False
                expected.append(CLEARED)
        bench.soc(value)

    assert bench.events.names() == expected
    assert bench.monitoring.monitors[1].violated is violated


@pytest.mark.parametrize("counts", [False, True])
def test_no_value_is_a_result_of_its_own(counts: bool) -> None:
    """A failed check only where the table says so; never a good one."""
    bench = MonitorBench(SOC | {"fail_when_invalid": counts})
    bench.soc(0.5, None)

    assert result(bench) is CheckResult.INVALID
    assert bench.names() == ([FIRED] if counts else [])

    bench.soc(0.2, None)
    assert bench.monitoring.monitors[1].violated  # what has no value is not good again


@pytest.mark.parametrize("counts", [False, True])
def test_a_row_that_is_down_makes_its_values_stale(counts: bool) -> None:
    """After the 10 s for which its last values count."""
    bench = MonitorBench(SOC | {"fail_when_invalid": counts})
    bench.soc(0.5)
    bench.put()
    bench.run(10)
    assert result(bench) is CheckResult.GOOD

    bench.run()
    assert result(bench) is CheckResult.STALE
    assert bench.events.names() == ([FIRED] if counts else [])


def test_ease_holds_a_violation_until_the_value_is_well_inside() -> None:
    bench = MonitorBench(SOC | {"ease": 0.1})
    bench.soc(0.29, 0.31, 0.39)
    assert bench.names() == [FIRED]

    bench.soc(0.41)
    assert bench.names() == [CLEARED]
    bench.soc(0.31)
    assert bench.names() == []


def test_a_delta_compares_with_the_check_before() -> None:
    bench = MonitorBench(SOC | {"kind": "delta", "low": -0.05, "high": 0.05})
    bench.soc(0.5)
    assert result(bench) is CheckResult.UNCHECKED
    bench.soc(0.52)
    assert result(bench) is CheckResult.GOOD
    bench.soc(0.4)
    assert result(bench) is CheckResult.LOW
    bench.soc(None, 0.9)
    assert result(bench) is CheckResult.UNCHECKED  # nothing valid just before


def test_an_expected_value_with_a_mask() -> None:
    monitor = {"id": 1, "name": "level", "value": "power.hk.shed_level", "kind": "expected", "expected": 2, "mask": 3}
    bench = MonitorBench(monitor)
    for level, expected in ((2, CheckResult.GOOD), (6, CheckResult.GOOD), (1, CheckResult.UNEXPECTED)):
        bench.put(shed_level=level)
        bench.run()
        assert result(bench) is expected


def test_a_slow_monitor_looks_only_so_often() -> None:
    bench = MonitorBench(SOC | {"every_s": 5})
    bench.soc(0.5, 0.2, 0.2, 0.2, 0.2)
    assert bench.names() == []

    bench.soc(0.2)
    assert bench.names() == [FIRED]


def test_it_looks_in_its_modes_only_and_then_starts_afresh() -> None:
    bench = MonitorBench(SOC | {"modes": ["DRIVE"], "persistence": 2}, mode=Mode.DRIVE)
    bench.soc(0.2)
    bench.fake_modes.put(Mode.IDLE)
    bench.soc(0.2, 0.2)
    assert result(bench) is CheckResult.UNCHECKED

    bench.fake_modes.put(Mode.DRIVE)
    bench.soc(0.2)
    assert bench.names() == []
    bench.soc(0.2)
    assert bench.names() == [FIRED]


def test_a_limit_can_be_a_parameter() -> None:
    """It moves with it, at once."""
    bench = MonitorBench(SOC | {"low": system.SAFE_SOC.name})
    bench.soc(system.SAFE_SOC.default + 0.01)
    assert result(bench) is CheckResult.GOOD

    bench.parameters.set(system.SAFE_SOC, 0.4)
    bench.soc(system.SAFE_SOC.default + 0.01)
    assert result(bench) is CheckResult.LOW
    assert bench.monitoring.monitors[1].definition().low == pytest.approx(0.4)


def test_one_element_of_a_field_can_be_watched() -> None:
    bench = MonitorBench({"id": 1, "name": "wheel", "value": "mobility.hk.wheel_current_a[2]", "high": 1.0})
    for current, expected in ((0.5, CheckResult.GOOD), (None, CheckResult.INVALID), (1.5, CheckResult.HIGH)):
        bench.put("mobility.hk", wheel_current_a=(9.0, 9.0, current, 9.0, 9.0, 9.0))
        bench.run()
        assert result(bench) is expected


# The states that ground can give.

ACTION = {"id": 1, "name": "to_safe", "monitor": "soc", "mode": "SAFE"}


def test_passive_watches_and_reports_and_does_not_act() -> None:
    bench = MonitorBench(SOC | {"state": "PASSIVE"}, actions=(ACTION,))
    bench.soc(0.2)

    assert bench.events.names() == [FIRED]
    (fields,) = bench.events.of(area.VIOLATED)
    assert isinstance(fields, MonitorReport)
    assert fields.passive
    assert bench.fake_modes.requested == []

    bench.monitoring.set_state(bench.monitoring.monitors[1], MonitorState.ENABLED)
    bench.soc(0.2)
    assert bench.fake_modes.requested == [Mode.SAFE]  # the violation lasts


def test_disabled_does_not_look_and_forgets() -> None:
    bench = MonitorBench(SOC | {"persistence": 3}, actions=(ACTION,))
    bench.soc(0.2, 0.2)
    monitor = bench.monitoring.monitors[1]
    bench.monitoring.set_state(monitor, MonitorState.DISABLED)
    bench.soc(0.2, 0.2)
    assert result(bench) is CheckResult.UNCHECKED

    bench.monitoring.set_state(monitor, MonitorState.ENABLED)
    bench.soc(0.2, 0.2)
    assert bench.names() == []
    bench.soc(0.2)
    assert bench.names() == [FIRED, "monitors.action_started"]


# What ships.


def shipped(mode: Mode) -> MonitorBench:
    rover = load_rover("south_pole")
    bench = MonitorBench(*rover.monitor, actions=rover.action, mode=mode)
    bench.put(soc=0.8)
    bench.put("thermal.hk", too_hot=False, too_cold=False, battery_c=10.0, battery_warmest_c=10.0)
    bench.run()
    assert bench.names() == []
    return bench


def test_battery_limits_are_reported_on_the_edge() -> None:
    """Hot above 45 C, cold below -20 C, each over 2 K inside."""
    bench = shipped(Mode.IDLE)
    for celsius in (46.0, 44.0, 46.0, 30.0, -21.0, -19.0, -21.0):
        bench.put("thermal.hk", too_hot=False, too_cold=False, battery_c=celsius, battery_warmest_c=celsius)
        bench.run()

    assert bench.events.count(thermal.BATTERY_HOT) == 1
    assert bench.events.count(thermal.BATTERY_COLD) == 1


@pytest.mark.parametrize("lost", ["power.hk", "thermal.hk"])
@pytest.mark.parametrize("how", ["no value", "stale"])
def test_a_protection_that_sees_nothing_protects(lost: str, how: str) -> None:
    """The charge leads to SAFE, the temperature to THERMAL_HOLD; stale after 10 s."""
    bench = shipped(Mode.DRIVE)
    bench.values[lost] = {} if how == "no value" else None
    bench.run(1 if how == "no value" else 11)

    assert bench.fake_modes.mode is (Mode.SAFE if lost == "power.hk" else Mode.THERMAL_HOLD)


def test_a_mode_that_is_refused_is_asked_for_again() -> None:
    """Every second as long as the reason lasts."""
    bench = shipped(Mode.IDLE)
    bench.fake_modes.refuse_with(Mode.SAFE, FailureCode.GUARD_REFUSED)
    bench.soc(0.1, 0.1, 0.1)
    assert bench.fake_modes.requested == [Mode.SAFE] * 3
    assert bench.events.of(area.ACTION_FAILED) == [area.ActionFailed(action=1, code=FailureCode.GUARD_REFUSED)] * 3
