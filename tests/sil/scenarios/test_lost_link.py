"""lost_link: the stages of the command-loss timers, without them, and in their full length."""

from __future__ import annotations

import msgspec
import pytest

from flight.mobility.checks import MotionChecks
from sil.loader import load_scenario
from sil.scenario import ExpectSection, LinkGapSection, Scenario
from telemetry_defs.areas.mobility_reports import StopReason
from tests.sil.scenarios.flown import failed, failures, fly

HOUR_S = 3600.0


def without_timers(scenario: Scenario) -> Scenario:
    """The timers stay at 12, 24 and 72 hours."""
    kept = tuple(command for command in scenario.command if command.id in ("drive", "unheard", "heard"))
    return msgspec.structs.replace(scenario, command=kept)


def test_it_stops_beacons_goes_safe_restarts_and_is_found() -> None:
    """The scenario as shipped."""
    _, result = fly("lost_link")
    assert failures(result) == []


def test_with_timers_that_never_run_out_it_fails() -> None:
    """The rover stays in IDLE and waits for orders that cannot come."""
    plain = without_timers(load_scenario("lost_link"))
    _, result = fly("lost_link", command=plain.command, duration_s=2000.0)
    assert failed(result, "comms.beacon.command_loss_level is 1")
    assert failed(result, "comms.beacon.mode is SAFE")
    assert failed(result, "boots")


def test_without_the_link_check_it_drives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could say stop."""
    monkeypatch.setattr(MotionChecks, "_check_link", lambda *args: StopReason.NONE)
    _, result = fly("lost_link", duration_s=300.0)
    assert failed(result, "world.speed_m_s")


@pytest.mark.soak
def test_the_full_length_of_the_timers() -> None:
    """12, 24 and 72 hours without a word, as they are by default; restarted and found after the third day."""
    gaps = tuple(LinkGapSection(radio=radio, from_s=120.0, to_s=73.0 * HOUR_S) for radio in ("local", "relay"))
    level, mode = "comms.beacon.command_loss_level", "comms.beacon.mode"
    expectations = (
        ExpectSection(value=level, max=0.0, always_s=(120.0, 11.9 * HOUR_S)),
        ExpectSection(value=level, min=1.0, max=1.0, always_s=(12.1 * HOUR_S, 23.9 * HOUR_S)),
        ExpectSection(value=mode, max=10.0, always_s=(12.1 * HOUR_S, 23.9 * HOUR_S)),
        ExpectSection(value=level, min=2.0, always_s=(24.1 * HOUR_S, 71.9 * HOUR_S)),
        ExpectSection(value=mode, min=27.0, always_s=(24.1 * HOUR_S, 71.9 * HOUR_S)),
        ExpectSection(event="system.boot", between_s=(72.0 * HOUR_S, 72.2 * HOUR_S)),
        ExpectSection(boots=(2, 2)),
        ExpectSection(command="heard"),
    )
    shipped = load_scenario("lost_link")
    drive, _, heard = without_timers(shipped).command
    commands = (drive, msgspec.structs.replace(heard, at_s=73.5 * HOUR_S))
    _, result = fly("lost_link", command=commands, link_gap=gaps, expect=expectations, duration_s=74.0 * HOUR_S)
    assert failures(result) == []
