"""Every command in every mode: accepted if the dictionary allows it there, else refused because of the mode."""

from __future__ import annotations

from typing import Any

import pytest

from flight.commanding.refusal import Refusal
from telemetry_defs.areas import monitors, system, timeline
from telemetry_defs.arguments import build_arguments
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import build_tc, parse_tc
from tests.flight.monitor_bench import SOC, MonitorBench
from tests.flight.test_monitor_actions import plain


def packet(bench: MonitorBench, command: Command, arguments: Any) -> bytes:
    data: bytes = bench.codecs.pack(arguments)
    if command.function_id is not None:
        data = command.function_id.to_bytes(2, "big") + data
    return build_tc(DICTIONARY.apid(command.name), command.service, command.subtype, 1, 7, data)


def legal(bench: MonitorBench, command: Command) -> Any:
    """Arguments that pass every other check."""
    if command is timeline.INSERT:
        inner = packet(bench, system.PING, system.PING.cls())
        return timeline.Insert(release_gps_s=2e9, telecommand=inner)
    return build_arguments(DICTIONARY, command.name, plain(command))


@pytest.mark.parametrize("mode", list(Mode))
def test_every_command_in_every_mode(mode: Mode) -> None:
    """Armed where that is asked for, so that the mode alone decides."""
    for command in DICTIONARY.commands:
        bench = MonitorBench(SOC | {"protects": True}, mode=mode)
        tc = parse_tc(packet(bench, command, legal(bench, command)))
        bench.arming.arm(bench.checks.hazard(*bench.checks.decode(tc.apid, tc.service, tc.subtype, tc.data)), 0)
        answer = None
        try:
            assert bench.checks.check(tc, 0).command is command
        except Refusal as refusal:
            answer = refusal.code

        assert answer is (None if command.allowed_in(mode) else FailureCode.MODE), command.name


@pytest.mark.parametrize(
    "command", [item for item in DICTIONARY.commands if item.hazardous], ids=lambda item: item.name
)
def test_every_hazardous_command_needs_arming_in_each_of_its_modes(command: Command) -> None:
    for mode in Mode:
        bench = MonitorBench(SOC, mode=mode)
        tc = parse_tc(packet(bench, command, legal(bench, command)))
        with pytest.raises(Refusal) as refused:
            bench.checks.check(tc, 0)
        assert refused.value.code is (FailureCode.NOT_ARMED if command.allowed_in(mode) else FailureCode.MODE)


def test_the_table_has_pairs_of_both_kinds() -> None:
    """Else the tests above would show nothing."""
    pairs = [command.allowed_in(mode) for command in DICTIONARY.commands for mode in Mode]
    assert 0.05 < sum(pairs) / len(pairs) < 0.95
    assert monitors.DISABLE in DICTIONARY.commands
