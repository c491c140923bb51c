"""Actions: what starts them, how often, what they do, and every one of them in every mode."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from flight.context import Accepted
from flight.modes.table import MODES
from flight.rover_file import load_rover, shipped_rovers
from telemetry_defs.areas import monitors as area, system
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.ranges import limits_of
from telemetry_defs.wire import Field, enum_members, fields_of
from tests.flight.monitor_bench import SOC, MonitorBench
from tests.flight.test_modes import ModeBench

STARTED, FAILED = "monitors.action_started", "monitors.action_failed"
PING: dict[str, object] = {"id": 1, "name": "ping", "monitor": "soc", "command": "system.ping"}
ON_LOST: dict[str, object] = {"id": 1, "name": "ping", "event": system.STATE_LOST.name, "command": "system.ping"}


def starts(bench: MonitorBench) -> int:
    return [name for name, _ in bench.handled].count("system.ping")


def test_a_violation_starts_its_action_once() -> None:
    bench = MonitorBench(SOC, actions=(PING,))
    bench.soc(0.2, 0.2, 0.2, 0.5, 0.2)

    assert starts(bench) == 2  # one for each violation


def test_with_repeat_it_starts_again_while_the_violation_lasts() -> None:
    """At most so often."""
    bench = MonitorBench(SOC, actions=(PING | {"repeat_s": 3.0},))
    bench.soc(*[0.2] * 7)
    assert starts(bench) == 3

    bench.soc(0.5, *[0.5] * 5)
    assert starts(bench) == 3


def test_repeat_holds_across_violations() -> None:
    """A value that goes in and out is no reason to start it every second."""
    bench = MonitorBench(SOC, actions=(PING | {"repeat_s": 60.0},))
    bench.soc(*[0.2, 0.5] * 10)
    assert starts(bench) == 1


def test_an_action_that_was_cooling_down_starts_late_rather_than_never() -> None:
    bench = MonitorBench(SOC, actions=(PING | {"repeat_s": 4.0},))
    bench.soc(0.2, 0.5, 0.2, 0.2)
    assert starts(bench) == 1
    bench.soc(0.2)
    assert starts(bench) == 2


def test_a_disabled_action_does_not_start() -> None:
    bench = MonitorBench(SOC, actions=(PING | {"enabled": False},))
    bench.soc(0.2)
    assert starts(bench) == 0


def test_a_sequence_is_started_and_its_refusal_told() -> None:
    bench = MonitorBench(SOC, actions=({"id": 9, "name": "night", "monitor": "soc", "sequence": 12},))
    bench.soc(0.2)
    assert bench.sequences == [12]
    assert STARTED in bench.names()

    bench.sequence_answer = FailureCode.BUSY
    bench.soc(0.5, 0.2)
    assert bench.events.of(area.ACTION_FAILED) == [area.ActionFailed(action=9, code=FailureCode.BUSY)]


def test_a_command_that_fails_in_its_row_is_told() -> None:
    bench = MonitorBench(SOC, actions=(PING,))
    bench.handler_fails = FailureCode.STORAGE
    bench.soc(0.2)

    assert bench.events.names()[-2:] == [STARTED, FAILED]
    assert bench.monitoring.housekeeping().actions_failed == 1


def test_a_full_queue_refuses_the_command_and_says_so() -> None:
    bench = MonitorBench(SOC, actions=(PING,))
    command = DICTIONARY.command("system.ping")
    onboard = bench.monitoring.runner._onboard
    while onboard.submit(command, None, lambda code: None) is None:
        pass
    bench.soc(0.2)

    assert bench.events.of(area.ACTION_FAILED) == [area.ActionFailed(action=1, code=FailureCode.QUEUE_FULL)]


def test_actions_start_in_the_order_of_the_table() -> None:
    """The first one that leads to another mode decides: later monitors see the new mode."""
    second = {"id": 2, "name": "also", "value": "power.hk.soc", "low": 0.3, "modes": ["IDLE"]}
    to_safe = {"id": 1, "name": "to_safe", "monitor": "soc", "mode": "SAFE"}
    to_charge = {"id": 2, "name": "to_charge", "monitor": "also", "mode": "CHARGE"}
    bench = MonitorBench(SOC, second, actions=(to_charge, to_safe))
    bench.soc(0.2)

    assert bench.fake_modes.requested == [Mode.SAFE]


# Started by events.


def lose(bench: MonitorBench, name: bytes = b"x") -> None:
    bench.monitoring.hear(system.STATE_LOST)


def test_an_event_starts_its_action_in_the_next_tick() -> None:
    """Never inside the emission; twice in one second is once."""
    bench = MonitorBench(actions=(ON_LOST,))
    lose(bench)
    lose(bench)
    assert bench.handled == []

    bench.run(3)
    assert starts(bench) == 1


def test_an_event_that_came_during_the_cool_down_is_not_kept() -> None:
    bench = MonitorBench(actions=(ON_LOST | {"repeat_s": 10.0},))
    for _ in range(12):
        lose(bench)
        bench.run()
    assert starts(bench) == 2


def test_other_events_start_nothing() -> None:
    bench = MonitorBench(actions=(ON_LOST,))
    bench.monitoring.hear(system.BOOT)
    bench.run(2)
    assert bench.handled == []


def test_an_event_that_came_while_the_action_was_disabled_is_over() -> None:
    bench = MonitorBench(actions=(ON_LOST | {"enabled": False},))
    lose(bench)
    bench.run()
    bench.monitoring.actions[1].enabled = True
    bench.run()
    assert bench.handled == []


# Every (mode, action) pair.

COMMANDS = DICTIONARY.commands


def plain(command: Command) -> dict[str, object]:
    """The smallest legal arguments, as a rover file writes them."""
    if command.cls is system.SetParameter:
        return {"parameter_id": system.SAFE_SOC.name, "value": system.SAFE_SOC.default}
    return {field.name: _least(command, field) for field in fields_of(command.cls)}


def _least(command: Command, field: Field) -> object:
    if field.optional:
        return None
    return (_one(command, field),) * field.wire.count if field.is_tuple else _one(command, field)


def _one(command: Command, field: Field) -> object:
    if field.base is bytes:
        return b""
    if field.base is bool:
        return False
    if field.is_enum:
        return enum_members(field)[0].name
    limits = next(item for item in limits_of(command.cls) if item.name == field.name)
    return field.base(limits.low)


@pytest.mark.parametrize("mode", list(Mode))
def test_every_command_as_an_action_in_every_mode(mode: Mode) -> None:
    """It runs if the dictionary allows it there; else the rover says that the mode forbids it."""
    for command in COMMANDS:
        if command.name == system.ARM.name:
            continue  # refused in a rover file: it works on reception only
        action: dict[str, object] = {"id": 1, "name": "any", "monitor": "soc", "command": command.name}
        bench = MonitorBench(SOC, actions=(action | {"args": plain(command)},), mode=mode)
        bench.soc(0.2)

        if command.allowed_in(mode):
            assert [name for name, _ in bench.handled] == [command.name]
            assert bench.events.count(area.ACTION_FAILED) == 0
        else:
            assert bench.handled == [], command.name
            assert bench.events.of(area.ACTION_FAILED) == [area.ActionFailed(action=1, code=FailureCode.MODE)]


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_request_as_an_action_in_every_mode(mode: Mode) -> None:
    """On a healthy rover the mode table alone decides."""
    for wanted in Mode:
        stand = ModeBench(mode)
        stand.flags.released = wanted is not Mode.STOWED
        action = {"id": 1, "name": "any", "monitor": "soc", "mode": wanted.name}
        bench = MonitorBench(SOC, actions=(action,), modes=stand.machine)
        bench.soc(0.2)

        legal = wanted is mode or wanted in MODES[mode].next
        assert stand.machine.mode is (wanted if legal else mode)
        assert bench.events.count(area.ACTION_FAILED) == (0 if legal else 1)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("rover", shipped_rovers())
def test_every_shipped_action_in_every_mode(rover: str, mode: Mode) -> None:
    """Each one fired by hand: a command as the dictionary says, a mode as the mode machine would answer."""
    for config in load_rover(rover).action:
        stand = ModeBench(mode)
        bench = MonitorBench(actions=(msgspec.structs.replace(config, monitor=None, event="system.boot"),))
        bench.modes = stand.machine
        bench.boot()
        expected = _allowed(config, stand)
        bench.monitoring.hear(system.BOOT)
        bench.run()

        assert (bench.events.count(area.ACTION_FAILED) == 0) is expected, config.name


def _allowed(config: Any, stand: ModeBench) -> bool:
    if config.mode is not None:
        return stand.machine.would_refuse(Mode[config.mode]) is None
    if config.command is not None:
        return DICTIONARY.command(config.command).allowed_in(stand.machine.mode)
    return True  # the steps of a sequence are looked at when it starts: tests of sequences


def test_in_the_minimal_set_only_modes_are_asked_for() -> None:
    """A rover in a boot loop protects itself and gives no commands."""
    bench = MonitorBench(
        SOC,
        actions=(
            PING,
            {"id": 2, "name": "night", "monitor": "soc", "sequence": 1},
            {"id": 3, "name": "to_safe", "monitor": "soc", "mode": "SAFE"},
        ),
    )
    bench.boot(minimal=True)
    bench.soc(0.2)

    assert bench.handled == []
    assert bench.sequences == []
    assert bench.fake_modes.mode is Mode.SAFE
    assert isinstance(bench.fake_modes.request(Mode.SAFE), Accepted)
    failed = [fields.code for fields in bench.events.of(area.ACTION_FAILED) if isinstance(fields, area.ActionFailed)]
    assert failed == [FailureCode.NOT_AVAILABLE] * 2
