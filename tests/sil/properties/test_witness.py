"""The witness changes nothing of a mission, and what it keeps agrees with what reached the ground."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from hal.api.clock import NS_PER_S, seconds
from hal.api.values import WHEELS, ResetCause
from sil.loader import decode_scenario
from sil.mission import Mission
from sil.properties.witness import CALL_FROM_S, Witness, observe
from sil.recorder import Sent
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import DecodedTm
from tests.sil.properties.flights import TEXTS, looked

LONG_S = 60.0
CYCLE_S = 0.1
UNTAPPED = ("system.boot", "system.schedule")
"""Raised while flight is being built, before anybody can look on."""


@pytest.mark.parametrize("name", ["driving", "cut"])
def test_flight_does_not_notice_it(name: str) -> None:
    """Until ground's first call the downlink is the same, packet for packet and nanosecond for nanosecond."""
    scenario = msgspec.structs.replace(decode_scenario(TEXTS[name], name), duration_s=LONG_S)
    alone, seen = Mission(scenario), Mission(scenario)
    witness = Witness(seen)

    alone.run()
    seen.run(witness.look)

    calls_ns = seconds(LONG_S - CALL_FROM_S)
    assert seen.uplinked != alone.uplinked  # it did call
    assert _until(seen, calls_ns) == _until(alone, calls_ns)
    assert len(_until(alone, calls_ns)) > 40
    assert [look.life for look in witness.run.looks][-1] == alone.flights


def _until(mission: Mission, end_ns: int) -> list[Sent]:
    return [item for item in mission.recorder.sent if item.t_ns < end_ns]


def _reports(name: str, kind: str) -> Iterator[tuple[float, DecodedTm]]:
    for packet in looked(name).mission.archive.packets(kind=kind):
        yield packet.time_s, packet.tm


@pytest.mark.parametrize("name", TEXTS)
def test_events_are_those_of_the_archive(name: str) -> None:
    """Each once, in its cycle."""
    archived = [(t_s, tm.name) for t_s, tm in _reports(name, "event") if tm.name not in UNTAPPED]
    seen = looked(name).run.events

    assert [event for _, event in seen] == [event for _, event in archived]
    for (t_ns, _), (t_s, _) in zip(seen, archived, strict=True):
        assert t_ns / NS_PER_S == pytest.approx(t_s, abs=CYCLE_S)


@pytest.mark.parametrize("name", TEXTS)
def test_verification_reports_are_those_of_the_archive(name: str) -> None:
    """By APID, count and subtype."""
    archived = []
    for packet in looked(name).mission.archive.packets():
        if packet.tm.service == 1:
            request = packet.tm.fields["request_id"]
            archived.append((request >> 16 & 0x7FF, request & 0x3FFF, packet.tm.subtype))

    assert sorted((*report.request[1:], report.subtype) for report in looked(name).run.reports) == sorted(archived)


@pytest.mark.parametrize("name", TEXTS)
def test_what_was_heard_ran_in_order(name: str) -> None:
    """What flight accepted from a radio is what ground sent (but for STOP, which passes no queue), and it ran."""
    mission, run = looked(name)
    sent = [command["name"] for command in mission.archive.commands() if command["name"] != "system.stop"]

    assert sorted(item.name for item in run.accepted) == sorted(sent)
    assert [item.request for item in run.accepted] == [item.request for item in run.heard]
    assert [item[1:] for item in run.taken] == [item[1:] for item in run.accepted]
    for heard, accepted in zip(run.heard, run.accepted, strict=True):
        command = DICTIONARY.command(accepted.name)
        assert heard.body[0] == command.service
        assert accepted.request is not None


@pytest.mark.parametrize("name", TEXTS)
def test_modes_are_those_of_housekeeping(name: str) -> None:
    """The look of the same cycle has the mode that telemetry tells, and changes of mode join without a gap."""
    run = looked(name).run
    told = [(t_s, tm.fields["mode"]) for t_s, tm in _reports(name, "hk") if tm.name == "system.hk"]
    for t_s, mode in told:
        assert mode in {look.mode for look in run.looks if abs(look.t_ns / NS_PER_S - t_s) <= 1.5 * CYCLE_S}
    for life in range(1, len(run.boots) + 1):
        ways = [entry for entry in run.modes if entry.life == life]
        assert ways[0].old is Mode.INIT
        assert [entry.old for entry in ways[1:]] == [entry.new for entry in ways[:-1]]

    assert len(told) >= 3


@pytest.mark.parametrize("name", TEXTS)
def test_boots_are_those_reported(name: str) -> None:
    """Their number and cause."""
    told = [ResetCause(int(tm.fields["reset_cause"])) for _, tm in _reports(name, "event") if tm.name == "system.boot"]

    assert [boot.cause for boot in looked(name).run.boots] == told


def test_a_power_cut_is_seen_whole() -> None:
    """Life 1, none, life 2, with what was kept; what the tap of the first life saw stays with it."""
    run = looked("cut").run
    lives = {look.life: (look.t_ns / NS_PER_S, look.mode) for look in run.looks}

    assert list(lives) == [1, 0, 2]
    assert lives[1][0] == pytest.approx(12.0, abs=2 * CYCLE_S)
    assert lives[0][0] == pytest.approx(16.0, abs=2 * CYCLE_S)
    assert lives[0][1] is None
    assert run.boots[1].masked[WHEELS.index("front_right")]
    assert run.boots[1].parameters[DICTIONARY.parameter("thermal.heater_budget_low_w").parameter_id] == 13.0
    assert run.broken == {"computer/power_cut"}
    for items in (run.accepted, run.taken, run.heard, run.reports, run.modes):
        assert {item.life for item in items} == {1, 2}
        assert all((item.t_ns >= run.boots[1].t_ns) is (item.life == 2) for item in items)
    assert max(item.t_ns for item in run.reports if item.life == 1) < seconds(12.0)


def test_ground_calls_at_the_end_and_is_answered() -> None:
    """On both radios every 4 s, not in the last 3 s."""
    pings = looked("driving").run.pings

    assert [t_ns // NS_PER_S for t_ns, _ in pings] == [16, 16, 20, 20, 24, 24, 28, 28, 32, 32, 36, 36]
    assert all(answered for _, answered in pings)


def test_more_can_be_watched() -> None:
    """One value a look of whatever a team asks for."""
    scenario = msgspec.structs.replace(decode_scenario(TEXTS["driving"], "driving"), duration_s=10.0)

    run = observe(scenario, {"truth": lambda mission: mission.simulation.truth.value("x_m")})

    assert len(run.watched["truth"]) == len(run.looks)
    assert run.watched["truth"][0] == pytest.approx(10.0)
    assert run.watched["truth"][-1] > 10.01
