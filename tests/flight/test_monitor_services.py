"""Telecommands of PUS services 12 and 19: states that survive, protections that must be armed, reports."""

from __future__ import annotations

import pytest

from flight.monitoring.kept import FILE
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import monitors as area, system
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.monitor_reports import (
    ActionStatus,
    CheckKind,
    CheckResult,
    Effect,
    MonitorDefinition,
    MonitorState,
    MonitorStatus,
)
from tests.flight.monitor_bench import SOC, MonitorBench

ACTION = {"id": 3, "name": "to_safe", "monitor": "soc", "mode": "SAFE", "repeat_s": 10.0}
STATES = {
    area.ENABLE: MonitorState.ENABLED,
    area.DISABLE: MonitorState.DISABLED,
    area.PASSIVE: MonitorState.PASSIVE,
}


def state(bench: MonitorBench) -> MonitorState:
    return bench.monitoring.monitors[1].state


@pytest.mark.parametrize("command", STATES, ids=lambda command: command.name)
@pytest.mark.parametrize("before", ["ENABLED", "PASSIVE", "DISABLED"])
def test_a_state_works_at_once_completes_when_durable_and_survives(command: Command, before: str) -> None:
    bench = MonitorBench(SOC | {"state": before})
    execution = bench.silence(command)
    assert state(bench) is STATES[command]
    assert execution.started
    assert not execution.completed

    bench.run(2)
    assert execution.completed
    bench.restart()
    assert state(bench) is STATES[command]


def test_a_state_that_was_not_acknowledged_may_be_lost() -> None:
    bench = MonitorBench(SOC)
    execution = bench.silence(area.DISABLE)
    bench.restart()
    assert not execution.ended
    assert state(bench) in (MonitorState.ENABLED, MonitorState.DISABLED)


def test_a_state_that_could_not_be_kept_is_a_failure() -> None:
    bench = MonitorBench(SOC)
    bench.storage.broken = True
    assert bench.silence(area.DISABLE).failure is FailureCode.STORAGE


@pytest.mark.parametrize("command", [area.DISABLE, area.PASSIVE], ids=lambda command: command.name)
def test_a_protection_is_silenced_only_when_armed(command: Command) -> None:
    bench = MonitorBench(SOC | {"protects": True})
    assert bench.silence(command).failure is FailureCode.NOT_ARMED
    assert state(bench) is MonitorState.ENABLED

    assert bench.silence(command, arm=area.PROTECTION_ARM_CODE).failure is None
    assert bench.silence(area.ENABLE).failure is None  # to protect again needs no arming


def test_the_action_of_a_protection_is_disabled_only_when_armed() -> None:
    bench = MonitorBench(SOC | {"protects": True}, actions=(ACTION,))
    which = area.ActionId(action=3)
    assert bench.give(area.DISABLE_ACTION, which).failure is FailureCode.NOT_ARMED
    execution = bench.give(area.DISABLE_ACTION, which, arm=area.PROTECTION_ARM_CODE)
    bench.run(2)
    assert execution.completed

    bench.restart()
    bench.soc(0.2)
    assert bench.fake_modes.requested == []
    bench.give(area.ENABLE_ACTION, which)
    bench.soc(0.2)
    assert bench.fake_modes.requested == [Mode.SAFE]


@pytest.mark.parametrize("command", [area.ENABLE, area.DISABLE, area.PASSIVE], ids=lambda command: command.name)
def test_an_unknown_monitor_is_refused(command: Command) -> None:
    assert MonitorBench(SOC).silence(command, 99).failure is FailureCode.UNKNOWN_ID


@pytest.mark.parametrize("command", [area.ENABLE_ACTION, area.DISABLE_ACTION], ids=lambda command: command.name)
def test_an_unknown_action_is_refused(command: Command) -> None:
    assert MonitorBench(SOC).give(command, area.ActionId(action=99)).failure is FailureCode.UNKNOWN_ID


def test_what_was_kept_and_cannot_be_read_is_the_rover_file_again() -> None:
    bench = MonitorBench(SOC)
    bench.silence(area.DISABLE)
    bench.run(2)
    bench.disk.cut()
    for name in bench.disk.names():
        if name.startswith(FILE):
            bench.disk.preload(name, b"\xff" * 40)
    bench.boot()

    assert bench.monitoring.lost
    assert state(bench) is MonitorState.ENABLED


def test_ids_that_the_rover_file_no_longer_has_are_of_no_interest() -> None:
    bench = MonitorBench(SOC, SOC | {"id": 2, "name": "other"})
    bench.silence(area.DISABLE)
    bench.silence(area.DISABLE, 2)
    bench.run(2)
    bench.monitors = bench.monitors[:1]
    bench.restart()
    assert state(bench) is MonitorState.DISABLED
    assert list(bench.monitoring.monitors) == [1]


# Reports.


def test_a_definition_says_all_that_the_rover_file_does() -> None:
    bench = MonitorBench(
        SOC | {"low": system.SAFE_SOC.name, "persistence": 3, "every_s": 5, "modes": ["IDLE"], "protects": True}
    )
    bench.give(area.REPORT)

    (report,) = bench.reports(12, 9, MonitorDefinition)
    assert report.name == b"soc"
    assert (report.kind, report.low, report.high) == (CheckKind.LIMIT, pytest.approx(system.SAFE_SOC.default), None)
    assert (report.persistence, report.every_s, report.protects, report.fail_when_invalid) == (3, 5, True, False)
    assert report.modes.bit_count() == 1
    assert report.event == area.VIOLATED.event_id


def test_a_status_says_how_it_stands() -> None:
    bench = MonitorBench(SOC, SOC | {"id": 2, "name": "other", "state": "DISABLED"})
    bench.soc(0.2, 0.25)
    bench.give(area.STATUS)

    first, second = bench.reports(12, 14, MonitorStatus)
    assert first == MonitorStatus(
        monitor=1, state=MonitorState.ENABLED, result=CheckResult.LOW, value=0.25, failures=2, violated=True
    )
    assert (second.state, second.result) == (MonitorState.DISABLED, CheckResult.UNCHECKED)


def test_an_action_says_what_came_of_it() -> None:
    bench = MonitorBench(SOC, actions=(ACTION, {"id": 4, "name": "on_boot", "event": "system.boot", "sequence": 64}))
    bench.soc(0.2)
    bench.give(area.REPORT_ACTIONS)

    first, second = bench.reports(19, 7, ActionStatus)
    assert (first.monitor, first.event, first.effect, first.number) == (1, None, Effect.MODE, Mode.SAFE)
    assert (first.runs, first.failed, first.repeat_s, first.name) == (1, 0, 10.0, b"to_safe")
    assert (second.monitor, second.event, second.effect, second.number) == (None, 0x0101, Effect.SEQUENCE, 64)


def test_housekeeping_counts() -> None:
    bench = MonitorBench(
        SOC,
        SOC | {"id": 2, "name": "other", "state": "DISABLED"},
        SOC | {"id": 3, "name": "third", "state": "PASSIVE"},
        actions=(ACTION, {"id": 4, "name": "off", "monitor": "soc", "command": "system.ping", "enabled": False}),
    )
    bench.soc(0.2)
    assert bench.clock.now_ns() > NS_PER_S / 2
    assert bench.monitoring.housekeeping() == area.MonitorsHk(
        monitors=3, passive=1, disabled=1, violated=2, fired=2, actions_disabled=1, actions_run=1, actions_failed=0
    )
