"""Strategies for missions: always legal, bounded, reaching every corner, and fit for a team's own tests."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, find, given, settings, strategies as st

from sil.faults.registry import REGISTRY
from sil.loader import decode_scenario
from sil.mission import Mission
from sil.scenario import Depth, Scenario
from sil.scenario_text import to_toml
from sil.strategies import (
    arguments,
    command_steps,
    faults,
    hostile_uplinks,
    link_gaps,
    missions,
    motions,
    starts,
    worlds,
)
from sil.strategies.commands import DRIVES, Step, commands
from sil.strategies.cuts import CUTS, KEPT
from sil.strategies.faults import pairs
from sil.strategies.hostile import packets
from sil.strategies.missions import QUIET_END_S
from sil.strategies.numbers import between, tenths
from telemetry_defs.arguments import build_arguments
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import PacketError, parse_tc

FEW = settings(max_examples=40, suppress_health_check=list(HealthCheck))
SEARCH = settings(
    max_examples=1_000,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
"""With `find`: something like this is drawn now and then, else it raises; nobody asks for the smallest."""
SHRINK = settings(SEARCH, phases=(Phase.generate, Phase.shrink))
DURATION_S = 60.0
LAST_S = DURATION_S - QUIET_END_S


@FEW
@given(missions(DURATION_S))
def test_a_mission_is_a_legal_scenario(scenario: Scenario) -> None:
    """Written out and read back it is the same, and the loader has nothing against it."""
    assert decode_scenario(to_toml(scenario, scenario.seed), "drawn") == scenario


@FEW
@given(missions(DURATION_S, "wire", "south_pole"))
def test_a_mission_at_wire_depth_is_legal_too(scenario: Scenario) -> None:
    """Its faults exist there."""
    assert scenario.depth == "wire"
    assert decode_scenario(to_toml(scenario, scenario.seed), "drawn") == scenario


@FEW
@given(missions(DURATION_S, most_faults=2))
def test_a_mission_is_bounded(scenario: Scenario) -> None:
    """As long as asked for, few parts, and nothing new in the seconds in which ground calls."""
    begins = [command.at_s for command in scenario.command] + [uplink.at_s for uplink in scenario.uplink]
    begins += [fault.at_s for fault in scenario.fault] + [gap.from_s for gap in scenario.link_gap]

    assert scenario.duration_s == DURATION_S
    assert all(0.0 <= at_s <= LAST_S for at_s in begins)
    assert len(scenario.fault) <= 2
    assert len(scenario.command) <= 10
    assert len(scenario.uplink) <= 2
    assert len(scenario.link_gap) <= 2
    assert [item.at_s for item in scenario.command] == sorted(item.at_s for item in scenario.command)
    assert len({(fault.device, fault.kind) for fault in scenario.fault}) == len(scenario.fault)


@FEW
@given(st.sampled_from([30.0, 45.0, 300.0]).flatmap(missions))
def test_any_duration_will_do(scenario: Scenario) -> None:
    """Short ones too, in which nearly all is the quiet end."""
    assert all(item.at_s <= max(20.0, scenario.duration_s - QUIET_END_S) for item in scenario.command)
    assert all(fault.at_s <= max(2.0, scenario.duration_s - QUIET_END_S) for fault in scenario.fault)


@FEW
@given(missions(among=[("imu", "silent"), ("rtc", "jump")], modes=["SAFE"], most_faults=1))
def test_faults_and_modes_can_be_narrowed(scenario: Scenario) -> None:
    """To what a team wants to look at."""
    assert scenario.start.mode == "SAFE"
    assert {(fault.device, fault.kind) for fault in scenario.fault} <= {("imu", "silent"), ("rtc", "jump")}


ONE_PING = command_steps(LAST_S, ["system.ping"])


@FEW
@given(missions(ground=ONE_PING, most_faults=0))
def test_ground_can_be_replaced(scenario: Scenario) -> None:
    """By a strategy of one's own; without faults if none may be."""
    assert [command.name for command in scenario.command] == ["system.ping"]
    assert scenario.fault == ()


@pytest.mark.parametrize("mode", Mode.__members__)
def test_every_mode_can_begin_a_mission(mode: str) -> None:
    """The rare ones too."""
    assert find(starts(), lambda start: start.mode == mode, settings=SEARCH).mode == mode


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_can_be_sent(name: str) -> None:
    """By its name, with arguments that the dictionary takes."""
    step = find(command_steps(LAST_S, [name]), lambda step: step[-1].name == name, settings=SEARCH)

    assert build_arguments(DICTIONARY, name, step[-1].args) is not None


@settings(max_examples=10)
@given(st.sampled_from(sorted(commands())).flatmap(lambda name: st.tuples(st.just(name), arguments(name))))
def test_arguments_are_within_their_ranges(drawn: tuple[str, dict[str, object]]) -> None:
    """Of any command."""
    assert build_arguments(DICTIONARY, *drawn) is not None


def test_all_commands_are_drawn_where_none_is_named() -> None:
    """Nearly all within a few hundred draws, armings among them; loads of sequences need a file."""
    seen: set[str] = set()

    @settings(SEARCH, max_examples=500)
    @given(command_steps(LAST_S))
    def look(step: Step) -> None:
        seen.update(command.name for command in step)

    look()
    assert len(seen) > 0.8 * len(commands())
    assert {"system.arm", "timeline.insert"} <= seen
    assert not {"sequences.load", "sequences.load_shipped"} & seen


def test_hazardous_commands_come_armed_and_unarmed() -> None:
    """Armed as a rule, by the arming right before; but an operator may forget."""
    hazardous = command_steps(LAST_S, ["system.restart"])

    armed = find(hazardous, lambda step: len(step) == 2, settings=SEARCH)
    assert [command.name for command in armed] == ["system.arm", "system.restart"]
    assert armed[0].args == {"target": "system.restart"}
    assert armed[0].at_s == armed[1].at_s
    assert len(find(hazardous, lambda step: len(step) == 1, settings=SEARCH)) == 1
    assert len(find(hazardous, lambda step: len(step) == 3, settings=SEARCH)) == 3
    assert find(hazardous, lambda step: step[0].args.get("target") == "mobility.release", settings=SEARCH)


def test_ground_makes_mistakes() -> None:
    """Motion is ordered where it is forbidden, and a motion in SERVICE is another one than in IDLE."""

    def wrong(scenario: Scenario) -> bool:
        return any(item.name in DRIVES for item in scenario.command)

    find(missions(DURATION_S, modes=["SAFE"]), wrong, settings=SEARCH)
    step = find(motions(LAST_S, "SERVICE"), lambda step: len(step) == 2, settings=SEARCH)
    assert step[-1].name in ("mobility.test_wheel", "mobility.test_steering")


def test_hostile_bytes_occur_in_missions() -> None:
    """And so do gaps of the link."""
    find(missions(DURATION_S), lambda scenario: bool(scenario.uplink), settings=SEARCH)
    find(missions(DURATION_S), lambda scenario: bool(scenario.link_gap), settings=SEARCH)
    find(missions(DURATION_S), lambda scenario: len({gap.radio for gap in scenario.link_gap}) == 2, settings=SEARCH)


def test_the_computer_dies_about_when_a_change_is_written() -> None:
    """One change is done and the next one is being written."""

    def cut_short(scenario: Scenario) -> bool:
        cuts_s = [fault.at_s for fault in scenario.fault if (fault.device, fault.kind) in CUTS]
        changes_s = [command.at_s for command in scenario.command if command.name in KEPT]
        return any(abs(cut_s - changes_s[-1] - 0.11) < 1e-9 for cut_s in cuts_s if len(changes_s) > 1)

    find(missions(DURATION_S), cut_short, settings=SEARCH)


@FEW
@given(packets())
def test_a_hostile_packet_may_be_well_formed(packet: bytes) -> None:
    """So that it is the checks behind the checksum which must refuse it."""
    assert parse_tc(packet).source_id in (1, 2, 7)


def test_hostile_bytes_are_of_every_kind() -> None:
    """Well-formed frames, broken ones, the same several times, and noise."""

    def parsed(data: bytes) -> list[bool]:
        from telemetry_defs.framing import FrameDecoder

        found = []
        for packet in FrameDecoder().feed(data):
            try:
                parse_tc(packet)
                found.append(True)
            except PacketError:
                found.append(False)
        return found

    uplinks = hostile_uplinks(LAST_S).map(lambda uplink: parsed(bytes.fromhex(uplink.hex)))
    assert find(uplinks, lambda found: found == [True], settings=SEARCH)
    assert find(uplinks, lambda found: found == [False], settings=SEARCH)
    assert len(find(uplinks, lambda found: len(found) > 1, settings=SEARCH)) == 2
    assert find(uplinks, lambda found: not found, settings=SEARCH) == []


@pytest.mark.parametrize("depth", ["device", "wire"])
def test_faults_are_those_of_the_depth(depth: Depth) -> None:
    """Every pair once, in the order of the registry; others do not exist there."""
    known = pairs(depth)

    assert known == [pair for pair in REGISTRY if REGISTRY[pair].depth in (None, depth)]
    assert pairs(depth, lambda pair: pair[0] == "imu") == [pair for pair in known if pair[0] == "imu"]


@pytest.mark.parametrize("rover", ["south_pole", "open_source_rover"])
@pytest.mark.parametrize("depth", ["device", "wire"])
def test_faults_are_those_of_the_rover(depth: Depth, rover: str) -> None:
    """A mission with all that a rover can suffer begins; one that it cannot is none of them."""
    known = pairs(depth, rover=rover)
    faults_ = [{"at_s": 1.0, "device": device, "kind": kind} for device, kind in known]
    start = {"time_utc": "2029-09-24T00:00:00Z"}
    raw = {"name": "all", "rover": rover, "world": "flat", "depth": depth, "duration_s": 2.0, "start": start}

    Mission(msgspec.convert(raw | {"fault": faults_}, Scenario))
    assert (("bus.body", "nak") in known) is (depth == "wire" and rover == "south_pole")
    assert (("radio_relay", "silent") in known) is (depth == "device" or rover == "south_pole")


@FEW
@given(st.tuples(starts(["IDLE"]), faults(LAST_S), link_gaps(LAST_S), hostile_uplinks(LAST_S), worlds(["flat"])))
def test_strategies_compose(drawn: tuple[object, ...]) -> None:
    """With st.tuples, st.lists, map and filter of a user's own test, into a scenario of his own."""
    start, fault, gap, uplink, world = drawn
    parts = {"start": start, "fault": (fault,), "link_gap": gap, "uplink": (uplink,), "world": world}
    scenario = msgspec.convert({"name": "mine", "duration_s": DURATION_S, **_plain(parts)}, Scenario)

    assert decode_scenario(to_toml(scenario, 1), "mine").world == "flat"


def _plain(parts: dict[str, object]) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(parts, builtin_types=())
    return plain


@FEW
@given(
    st.lists(faults(10.0, among=[("imu", "silent")]).filter(lambda fault: fault.for_s is None), max_size=2), st.data()
)
def test_they_draw_within_a_test(broken: list[object], data: st.DataObject) -> None:
    """Interactively too."""
    step = data.draw(command_steps(10.0, ["mobility.arc"]))
    assume(broken)

    assert step[-1].name == "mobility.arc"


def test_a_mission_shrinks_to_next_to_nothing() -> None:
    """One command, no fault, the plainest start: what else is left after shrinking is what matters."""
    simplest = find(missions(DURATION_S), lambda scenario: True, settings=SHRINK)

    assert len(simplest.command) == 1
    assert len(simplest.fault) + len(simplest.uplink) + len(simplest.link_gap) == 0
    assert (simplest.world, simplest.seed, simplest.start.mode, simplest.start.soc) == ("flat", 1, "IDLE", 0.8)
    assert simplest.start.temperatures_c == {}


def test_a_fault_shrinks_to_the_plainest_that_will_do() -> None:
    """From its first second to the end, whole at once, without parameters."""
    small = find(faults(LAST_S), lambda fault: fault.device == "imu", settings=SHRINK)

    assert (small.at_s, small.for_s, small.ramp_s, small.args, small.every_s) == (2.0, None, 0.0, {}, None)


@pytest.mark.parametrize(("low", "high"), [(0.0, 33.0), (2.0, 4.0), (5.5, 6.0), (0.3, 100.0)])
def test_numbers_shrink_to_an_end(low: float, high: float) -> None:
    """The lower one, or whatever is said to be the simplest."""
    for strategy in (tenths(low, high), between(low, high)):
        assert find(strategy, lambda value: True, settings=SHRINK) == low
    assert find(between(low, high, high), lambda value: True, settings=SHRINK) == high
    assert find(between(low, high), lambda value: value == high, settings=SEARCH) == high


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.data())
def test_numbers_stay_between(low: float, width: float, data: st.DataObject) -> None:
    """Rounding does not leave the range, and they are short enough to be read."""
    high = low + width
    value = data.draw(between(low, high))

    assert low <= value <= high
    assert value in (low, high) or len(repr(abs(value))) <= 12
    assert data.draw(between(high, low)) == high
