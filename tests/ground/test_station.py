"""The station: what it refuses to send, what it learns of its commands, what it counts as lost."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ground.archive import Archive
from ground.commands import text_arguments
from ground.errors import GroundError
from ground.station import Received, Station
from ground.verification import CommandState
from telemetry_defs.definitions import FailureCode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import decode_tc
from telemetry_defs.packets import build_tm
from tests.ground.traffic import START_GPS_NS, Rover, S, Uplink, frames

DRIVE = {"x_m": 9, "y_m": 0.0, "speed_m_s": 0.03, "timeout_s": 250.0}


def make() -> tuple[Station, Uplink, Rover]:
    uplink = Uplink()
    return Station(send=uplink, archive=Archive(None, start_gps_ns=START_GPS_NS)), uplink, Rover()


# ---- up ------------------------------------------------------------------------------------------------------------


def test_command_arrives_as_given() -> None:
    """Name and arguments survive the way through packet and frame."""
    station, uplink, _ = make()
    record = station.send_command("mobility.drive_to", DRIVE, 5 * S, "relay")
    radio, tc = uplink.sent[0]
    decoded = decode_tc(record.raw)
    assert (radio, decoded.name, decoded.fields) == ("relay", "mobility.drive_to", DRIVE)
    assert (tc.source_id, tc.ack) == (1, 0b1111)
    assert record.request_id == decoded.request_id
    assert (record.state, record.finished) == (CommandState.SENT, False)


@pytest.mark.parametrize(
    ("name", "args", "problem"),
    [
        ("mobility.drive_too", {}, "unknown command 'mobility.drive_too'; did you mean 'mobility.drive_to'?"),
        ("mobility.drive_to", {**DRIVE, "speed_m_s": 5}, "mobility.drive_to: speed_m_s = 5 m/s outside 0.005..0.05"),
        ("mobility.drive_to", {**DRIVE, "x_m": "far"}, "mobility.drive_to: x_m = 'far' must be a number"),
        ("mobility.drive_to", {**DRIVE, "x_m": True}, "mobility.drive_to: x_m = True must be a number"),
        ("mobility.drive_to", {**DRIVE, "x_m": float("nan")}, "mobility.drive_to: x_m = nan m outside -5000..5000"),
        ("mobility.drive_to", {**DRIVE, "x_m": None}, "mobility.drive_to: x_m = None must be a number"),
        ("mobility.drive_to", {"x_m": 1.0}, "mobility.drive_to: argument 'y_m' is missing"),
        ("mobility.stop", {"now": True}, "mobility.stop: no argument 'now'; it takes none"),
        ("system.set_mode", {"mode": "DRIV"}, "did you mean 'DRIVE'?"),
        ("system.set_mode", {"mode": 4}, "system.set_mode: mode = 4 is none of INIT, STOWED"),
        ("system.arm", {"target": "mobility.stop"}, "system.arm: 'mobility.stop' needs no arming"),
        ("system.arm", {"target": "mobility.relase"}, "did you mean 'mobility.release'?"),
        ("system.set_parameter", {"parameter": "mobility.slip_stop", "value": 4}, "mobility.slip_stop = 4 outside"),
        ("system.set_parameter", {"parameter": "mobility.slip_stp", "value": 1}, "did you mean 'mobility.slip_stop'"),
        ("system.set_parameter", {"parameter": 9, "value": 1}, "no parameter has number 0x0009"),
        ("power.set_load", {"load": "NAV", "on": 1}, "power.set_load: on = 1 must be true or false"),
    ],
)
def test_refused_before_sending(name: str, args: dict[str, object], problem: str) -> None:
    """One line says command, argument and what is legal; nothing is sent and no sequence count used."""
    station, uplink, _ = make()
    with pytest.raises(GroundError) as caught:
        station.send_command(name, args, 0)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert uplink.raw == []
    assert station.commands == []


def test_names_stand_for_numbers() -> None:
    """Modes, parameters, housekeeping and what is to be armed are given by name."""
    station, _, _ = make()
    sent = [
        station.send_command("system.set_mode", {"mode": "drive"}, 0),
        station.send_command("system.arm", {"target": "mobility.release"}, 0),
        station.send_command("system.arm", {"target": "mobility.slip_stop"}, 0),
        station.send_command("system.set_parameter", {"parameter": "mobility.slip_stop", "value": 0.4}, 0),
        station.send_command("system.report_hk", {"structure": "power.hk"}, 0),
    ]
    release, slip = DICTIONARY.command("mobility.release"), DICTIONARY.parameter("mobility.slip_stop")
    assert [next(iter(decode_tc(record.raw).fields.values())) for record in sent] == [
        0x0F,
        release.arm_code,
        slip.arm_code,
        slip.parameter_id,
        DICTIONARY.hk("power.hk").structure_id,
    ]


def test_text_arguments() -> None:
    """What a command line gives as text means what it would mean typed."""
    texts = {"load": "nav", "on": "off"}
    assert text_arguments(DICTIONARY, "power.set_load", texts) == {"load": "nav", "on": False}
    assert text_arguments(DICTIONARY, "mobility.drive_to", {"x_m": "-1.5", "y_m": "2"}) == {"x_m": -1.5, "y_m": 2}
    assert text_arguments(DICTIONARY, "system.arm", {"target": "0x409"}) == {"target": 0x409}


def test_unknown_radio() -> None:
    """A misspelt radio is refused."""
    station, uplink, _ = make()
    with pytest.raises(GroundError, match="unknown radio 'lokal'; there are local, relay"):
        station.send_command("system.ping", {}, 0, "lokal")
    assert uplink.raw == []


# ---- verification --------------------------------------------------------------------------------------------------


def test_verification_to_completion() -> None:
    """Accepted, started, progress and completed are kept in turn; the archive has the outcome."""
    station, uplink, rover = make()
    record = station.send_command("mobility.drive_to", DRIVE, 0)
    tc = uplink.sent[0][1]
    states = []
    for second, (subtype, detail) in enumerate([(1, 0), (3, 0), (5, 2), (7, 0)]):
        station.receive("local", frames(rover.verify(second, tc, subtype, detail=detail)), second * S)
        states.append(record.state)
    assert states == [CommandState.ACCEPTED, CommandState.STARTED, CommandState.STARTED, CommandState.COMPLETED]
    assert (record.accepted, record.completed, record.failed, record.step) == (True, True, False, 2)
    assert station.archive is not None
    (kept,) = station.archive.commands()
    assert (kept["name"], kept["state"], kept["args"], len(kept["reports"])) == (
        "mobility.drive_to",
        "completed",
        DRIVE,
        4,
    )


@pytest.mark.parametrize(
    ("subtype", "state"), [(2, CommandState.REFUSED), (4, CommandState.START_FAILED), (8, CommandState.FAILED)]
)
def test_failure_has_code_and_detail(subtype: int, state: CommandState) -> None:
    """Every way to fail ends the record with its code."""
    station, uplink, rover = make()
    record = station.send_command("system.ping", {}, 0)
    report = rover.verify(1, uplink.sent[0][1], subtype, FailureCode.MODE, 15)
    station.receive("local", frames(report), S)
    assert (record.state, record.failed, record.finished) == (state, True, True)
    assert (record.code, record.code_name, record.detail) == (FailureCode.MODE, "MODE", 15)
    assert record.accepted is (subtype != 2)


@given(st.permutations([1, 3, 7]))
def test_reports_may_overtake_each_other(order: list[int]) -> None:
    """In whatever order the reports come, a completed command is completed."""
    station, uplink, rover = make()
    record = station.send_command("system.ping", {}, 0)
    for subtype in order:
        station.receive("relay", frames(rover.verify(1, uplink.sent[0][1], subtype)), S)
    assert (record.state, record.accepted, record.started) == (CommandState.COMPLETED, True, True)


def test_no_answer_and_late_answer() -> None:
    """Without an acceptance report in time there is no answer; a late one still counts."""
    station, uplink, rover = make()
    record = station.send_command("system.ping", {}, 0)
    station.tick(59 * S)
    assert not record.finished
    station.tick(60 * S)
    assert (record.state, record.finished) == (CommandState.NO_ANSWER, True)
    station.receive("local", frames(rover.verify(70, uplink.sent[0][1], 7)), 70 * S)
    assert record.state is CommandState.COMPLETED


def test_foreign_reports_are_left_alone() -> None:
    """A report about somebody else's command changes none of ours."""
    station, uplink, rover = make()
    other = Uplink()
    Station(send=other, source_id=2).send_command("mobility.stop", {}, 0)
    record = station.send_command("system.ping", {}, 0)
    station.receive("local", frames(rover.verify(1, other.sent[0][1], 7)), S)
    assert (len(uplink.sent), record.state) == (1, CommandState.SENT)


# ---- down ----------------------------------------------------------------------------------------------------------


def test_packets_reach_archive_listeners_and_latest() -> None:
    """Packets cut anywhere come out whole, once."""
    station, _, rover = make()
    seen: list[Received] = []
    station.on_packet(seen.append)
    stream = frames(
        rover.hk(1, "power.hk", soc=0.5), rover.event(2, "system.stopped"), rover.hk(3, "power.hk", soc=0.4)
    )
    for byte in range(len(stream)):
        station.receive("local", stream[byte : byte + 1], 4 * S)
    assert [packet.decoded.name for packet in seen if packet.decoded] == ["power.hk", "system.stopped", "power.hk"]
    latest = station.latest("power.hk")
    assert latest is not None
    assert latest.fields["soc"] == pytest.approx(0.4)
    assert station.archive is not None
    assert station.archive.series("power.hk", "soc") == ([1.0, 3.0], [pytest.approx(0.5), pytest.approx(0.4)])
    assert (station.lost_packets, station.bad_frames) == (0, 0)


@given(st.sets(st.integers(1, 58), max_size=30))
def test_lost_packets_are_counted(lost: set[int]) -> None:
    """Any packets left out between the first and the last are counted, no more and no fewer."""
    station, _, rover = make()
    packets = [rover.hk(number, "power.hk") for number in range(60)]
    station.receive("local", frames(*(packet for index, packet in enumerate(packets) if index not in lost)), 60 * S)
    assert station.lost_packets == len(lost)


def test_late_and_repeated_packets() -> None:
    """A packet that comes late is not lost, one that comes twice is kept once."""
    station, _, rover = make()
    packets = [rover.hk(number, "power.hk") for number in range(5)]
    for index in (0, 1, 3, 4, 2, 2, 0):
        station.receive("local" if index != 2 else "relay", frames(packets[index]), 5 * S)
    assert (station.lost_packets, station.duplicate_packets) == (0, 2)
    assert station.archive is not None
    assert station.archive.names() == {"power.hk": 5}


def test_replay_of_an_old_packet() -> None:
    """A packet from long ago is a duplicate, not a new boot with thousands lost."""
    station, _, rover = make()
    packets = [rover.hk(number, "power.hk") for number in range(300)]
    station.receive("local", frames(*packets, packets[3], rover.hk(300, "power.hk")), 300 * S)
    assert (station.lost_packets, station.duplicate_packets) == (0, 1)


@pytest.mark.parametrize("packets", [1000, 9000, 15_000])
@pytest.mark.parametrize("report_first", [True, False])
def test_counts_jump_over_a_boot(report_first: bool, packets: int) -> None:
    """What lies between the counts of two boots has never existed; only what is missing within each boot is lost."""
    station, _, rover = make()
    for number in range(packets):
        station.receive(
            "local", frames(rover.hk(number, "power.hk"), rover.event(number, "system.stopped")), number * S
        )
    boot = rover.boot(packets + 1)
    first, lost, third = (rover.hk(packets + 2 + number, "power.hk") for number in range(3))
    assert lost
    stream = (boot, first, third) if report_first else (first, boot, third)
    station.receive("local", frames(*stream), (packets + 5) * S)
    assert (station.lost_packets, station.duplicate_packets) == (1, 0)


def test_a_boot_after_the_clock_was_set_back_is_no_repetition() -> None:
    """Everything of the new boot is taken, though its time lies years before that of the boot before."""
    station, _, rover = make()
    station.receive("local", frames(rover.event(1, "system.stopped"), rover.hk(2, "power.hk")), 2 * S)
    back_s = -3.0e8
    boot = rover.boot(back_s)
    stream = frames(boot, rover.hk(back_s + 1, "power.hk"), rover.hk(back_s + 2, "power.hk"))
    assert len(station.receive("local", stream, 9 * S)) == 3
    assert (station.lost_packets, station.duplicate_packets) == (0, 0)
    assert station.receive("local", frames(boot), 10 * S) == []


def test_losses_are_seen_behind_a_clock_that_was_set_back() -> None:
    """The rover says that its clock moves; times before that are no repetition."""
    station, _, rover = make()
    station.receive("local", frames(rover.event(900, "system.stopped"), rover.hk(901, "power.hk")), 901 * S)
    changed = rover.event(302, "system.time_changed", step_s=-600.0)
    packets = [rover.hk(303 + number, "power.hk") for number in range(5)]
    assert len(station.receive("local", frames(changed, packets[0], *packets[2:]), 910 * S)) == 5
    assert (station.lost_packets, station.duplicate_packets) == (1, 0)


def test_an_old_packet_is_not_the_latest() -> None:
    """What the store sends again is kept, and does not stand for how the rover is now."""
    station, _, rover = make()
    old, new = rover.hk(1, "power.hk", soc=0.9), rover.hk(2, "power.hk", soc=0.5)
    station.receive("local", frames(rover.hk(0, "power.hk"), new, old), 3 * S)
    latest = station.latest("power.hk")
    assert latest is not None
    assert latest.fields["soc"] == pytest.approx(0.5)
    assert station.archive is not None
    assert station.archive.names() == {"power.hk": 3}


def test_sequence_wraps() -> None:
    """The step from 16383 to 0 is no gap."""
    station, _, _ = make()
    for number in range(16_380, 16_390):
        packet = build_tm(0x101, 17, 2, number, 0, START_GPS_NS + number, 1, b"")
        station.receive("local", frames(packet), number)
    assert (station.lost_packets, station.duplicate_packets) == (0, 0)


def test_damage_is_counted_and_passed_over() -> None:
    """Noise, a wrong CRC and a telecommand on the downlink cost nothing but themselves."""
    station, _, rover = make()
    good = rover.hk(1, "power.hk", soc=0.5)
    broken = bytearray(good)
    broken[20] ^= 1
    record = Station(send=Uplink()).send_command("system.ping", {}, 0)
    received = station.receive("local", b"\xff\x07\x00" + frames(bytes(broken), record.raw, good), S)
    assert [packet.raw for packet in received] == [good]
    assert station.bad_frames == 3


def test_unknown_packet_is_kept_undecoded() -> None:
    """What another dictionary would understand is archived, counted and warned of."""
    station, _, rover = make()
    packet = rover.tm(1, 0x101, 3, 25, b"\xfa\x01\x02")
    (received,) = station.receive("local", frames(packet), S)
    assert (received.decoded, station.unknown_packets) == (None, 1)
    assert "structure 250" in station.warnings[-1]
    assert station.archive is not None
    assert (station.archive.undecoded(), list(station.archive.raw_packets())) == (1, [packet])


def test_other_dictionary_allows_ping_and_stop_only() -> None:
    """A rover that reports another dictionary hash gets nothing else until it reports ours."""
    station, uplink, rover = make()
    station.receive("local", frames(rover.hk(1, "system.hk", dictionary_hash=DICTIONARY.hash32 ^ 1)), S)
    with pytest.raises(GroundError, match="not sent, the rover has dictionary"):
        station.send_command("system.set_mode", {"mode": "SAFE"}, 2 * S)
    station.send_command("system.ping", {}, 2 * S)
    station.send_command("system.stop", {}, 2 * S)
    assert (len(uplink.sent), len(station.warnings)) == (2, 1)
    station.receive("local", frames(rover.event(3, "system.boot", dictionary_hash=DICTIONARY.hash32)), 3 * S)
    station.send_command("system.set_mode", {"mode": "SAFE"}, 4 * S)
    assert len(uplink.sent) == 3
