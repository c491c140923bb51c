"""Third parties read what the rover sent in its default mission, and the rover takes what they send."""

from __future__ import annotations

import io
import struct
from collections import Counter
from functools import partial
from typing import Any

import ccsdspy.utils
import pytest
from click.testing import CliRunner
from space_packet_parser.cli import spp
from spacepackets.ecss import PusTc, PusTm
from spacepackets.ecss.pus_1_verification import ManagedParamsVerification, Service1Tm
from spacepackets.ecss.pus_verificator import PusVerificator
from spacepackets.ecss.tm import InvalidTmCrc16Error, ManagedParams

from hal.api.clock import seconds
from sil.loader import decode_scenario
from sil.mission import Mission
from sim_hal.clock import Rank
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.exports.xtce import to_xtce
from telemetry_defs.formats import decode_tm
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import (
    ACK_ACCEPTANCE,
    ACK_COMPLETION,
    ACK_PROGRESS,
    ACK_START,
    TimeQuality,
    Tm,
    parse_tm,
    split_packets,
)
from tests.sil.conftest import Flown
from tests.telemetry_defs.xtce_reader import XtceReader, compare_record

TIME_BYTES = 6
APID_SYSTEM, APID_MOBILITY = 0x100, 0x103
EMPTY_RUN = """
name = "witness"
world = "flat"
duration_s = 20.0
[start]
time_utc = 2029-09-24T00:00:00Z
mode = "IDLE"
soc = 0.8
"""


@pytest.fixture(scope="module")
def downlink(first_drive: Flown) -> bytes:
    return (first_drive.folder / "downlink.bin").read_bytes()


@pytest.fixture(scope="module")
def packets(downlink: bytes) -> list[bytes]:
    return list(split_packets(downlink))


# spacepackets: telemetry.


def _as_ours(packet: PusTm) -> Tm:
    """What spacepackets reads, in our words; the time from its six raw bytes as CUC 4+2."""
    cuc = int.from_bytes(packet.timestamp, "big")
    return Tm(
        apid=packet.apid,
        sequence_count=packet.seq_count,
        service=packet.service,
        subtype=packet.message_subtype,
        message_count=packet.pus_tm_sec_header.message_counter,
        destination_id=packet.pus_tm_sec_header.dest_id,
        time_quality=TimeQuality(packet.pus_tm_sec_header.spacecraft_time_ref),
        time_ns=-(-cuc * 1_000_000_000 >> 16),
        data=bytes(packet.source_data),
    )


def test_spacepackets_reads_every_telemetry_packet_as_we_do(packets: list[bytes]) -> None:
    """Every header field, the data and the CRC, which it checks; and it builds the same bytes again."""
    assert len(packets) > 1000
    for packet in packets:
        theirs = PusTm.unpack(packet, TIME_BYTES)  # raises where the CRC is wrong
        assert _as_ours(theirs) == parse_tm(packet)
        assert bytes(theirs.pack()) == packet


def test_spacepackets_refuses_a_damaged_packet(packets: list[bytes]) -> None:
    """The witness of the CRC can say no."""
    damaged = bytearray(packets[0])
    damaged[-3] ^= 0x10
    with pytest.raises(InvalidTmCrc16Error):
        PusTm.unpack(bytes(damaged), TIME_BYTES)


# spacepackets: telecommands.


def _ping(count: int, ack: int = 0b1111) -> PusTc:
    return PusTc(apid=APID_SYSTEM, service=17, message_subtype=1, seq_count=count, source_id=7, ack_flags=ack)


def _function(apid: int, function_id: int, arguments: bytes, count: int) -> PusTc:
    data = struct.pack(">H", function_id) + arguments
    return PusTc(apid=apid, service=8, message_subtype=1, seq_count=count, source_id=7, app_data=data)


def _fly(*commands: PusTc) -> tuple[Mission, list[bytes]]:
    """Send telecommands two seconds apart from 8 s on; the mission after 20 s and what came down."""
    mission = Mission(decode_scenario(EMPTY_RUN, "witness.toml"))
    for index, command in enumerate(commands):
        frame = encode_frame(bytes(command.pack()))
        mission.clock.at(seconds(8.0 + 2.0 * index), Rank.SCENARIO, partial(mission.uplink, "local", frame))
    mission.run()
    return mission, list(split_packets(mission.recorder.stream()))


def _verification(packets: list[bytes]) -> list[Service1Tm]:
    layout = ManagedParamsVerification(bytes_err_code=2)
    return [Service1Tm.unpack(packet, ManagedParams(TIME_BYTES), layout) for packet in packets if packet[7] == 1]


def test_the_rover_executes_telecommands_built_by_spacepackets() -> None:
    """Ping, set_mode and drive_to are accepted; their verification reports satisfy the verificator of spacepackets."""
    drive = struct.pack(">dddd", 8.0, 0.0, 0.05, 300.0)
    ids = {command.name: command.function_id for command in DICTIONARY.commands if command.function_id is not None}
    commands = (
        _ping(0),
        _function(APID_SYSTEM, ids["system.set_mode"], bytes((Mode.CHARGE,)), 1),
        _function(APID_SYSTEM, ids["system.set_mode"], bytes((Mode.IDLE,)), 2),
        _function(APID_MOBILITY, ids["mobility.drive_to"], drive, 3),
    )
    verificator = PusVerificator()
    for command in commands:
        assert verificator.add_tc(command)

    mission, packets = _fly(*commands)
    for report in _verification(packets):
        assert verificator.add_tm(report) is not None, "a report about a command that nobody sent"

    states = list(verificator.verif_dict.values())
    assert [(state.accepted, state.started) for state in states] == [(1, 1)] * 4
    assert [state.completed for state in states] == [1, 1, 1, -1]  # the drive is still under way
    assert mission.mode_name == "DRIVE"
    assert any(packet[7:9] == bytes((17, 2)) for packet in packets)


def test_a_refusal_can_be_read_by_spacepackets() -> None:
    """TM[1,2] names the request and carries the code behind it."""
    _, packets = _fly(_function(APID_SYSTEM, 0xFFFF, b"", 5))
    (report,) = _verification(packets)
    assert (report.message_subtype, report.tc_req_id.tc_psc.seq_count) == (2, 5)
    (ours,) = [decode_tm(packet) for packet in packets if packet[7] == 1]
    notice = report.failure_notice
    assert notice is not None
    assert notice.code.val == ours.fields["code"]


@pytest.mark.parametrize(
    ("bit", "flag", "subtypes"),
    [(3, ACK_ACCEPTANCE, [1]), (2, ACK_START, [3]), (1, ACK_PROGRESS, []), (0, ACK_COMPLETION, [7])],
)
def test_each_acknowledgement_flag_asks_for_one_report(bit: int, flag: int, subtypes: list[int]) -> None:
    """Bits numbered as the standard does, 0 the most significant: 3 acceptance, 2 start, 1 progress, 0 completion.

    The order of E-70-41A, which FSFW (University of Stuttgart) and puslib keep for PUS-C.
    """
    assert flag == 1 << (3 - bit)
    _, packets = _fly(_ping(9, ack=flag))
    assert [report.message_subtype for report in _verification(packets)] == subtypes


# ccsdspy.


def test_ccsdspy_counts_what_we_count(downlink: bytes, packets: list[bytes], first_drive: Flown) -> None:
    """All packets, none cut short, and as many for each APID."""
    assert ccsdspy.utils.count_packets(io.BytesIO(downlink), return_missing_bytes=True) == (
        first_drive.result.downlink_packets,
        0,
    )
    theirs = {
        apid: ccsdspy.utils.count_packets(stream)
        for apid, stream in ccsdspy.utils.split_by_apid(io.BytesIO(downlink)).items()
    }
    assert theirs == Counter(parse_tm(packet).apid for packet in packets)
    assert set(theirs) == set(range(0x100, 0x106))


def test_ccsdspy_finds_no_sequence_gap(downlink: bytes, first_drive: Flown) -> None:
    """One boot, so one unbroken sequence for each APID; urgent reports overtake others on their way out."""
    assert first_drive.result.boots == 1
    for stream in ccsdspy.utils.split_by_apid(io.BytesIO(downlink)).values():
        assert all("out of order" in str(problem) for problem in ccsdspy.utils.validate(stream))
        stream.seek(0)
        counts = sorted(int(n) for n in ccsdspy.utils.read_primary_headers(stream)["CCSDS_SEQUENCE_COUNT"])
        assert counts == list(range(counts[0], counts[0] + len(counts)))


# space-packet-parser with our XTCE.


@pytest.fixture(scope="module")
def xml() -> str:
    return to_xtce(DICTIONARY)


def test_the_xtce_that_the_rover_flies_with_is_valid(xml: str, first_drive: Flown) -> None:
    """`spp validate` accepts the document of the dictionary whose hash the rover reports."""
    path = first_drive.folder.parent / "rahi.xml"
    path.write_text(xml)
    done = CliRunner().invoke(spp, ["validate", "--level", "schema", "--no-schema-download", str(path)])
    assert done.exit_code == 0, done.output
    assert f"{first_drive.result.dictionary_hash:#010x}" in xml


def test_xtce_reads_the_whole_mission_as_we_do(xml: str, packets: list[bytes]) -> None:
    """Every packet of the mission by its XTCE container: same values, and 'no valid value' as its reserved code."""
    reader = XtceReader(xml)
    items: tuple[Any, ...] = (*DICTIONARY.housekeeping, *DICTIONARY.events, *DICTIONARY.reports)
    classes: dict[str, type] = {item.name: item.cls for item in items}
    seen: Counter[str] = Counter()
    for packet in packets:
        ours, theirs = decode_tm(packet), reader.parse(packet)
        assert (theirs["apid"], theirs["service"], theirs["subtype"]) == (ours.apid, ours.service, ours.subtype)
        seen[ours.kind] += 1
        if ours.name in classes:
            compare_record(ours.name, classes[ours.name], ours.fields, theirs)
    assert min(seen["hk"], seen["event"], seen["report"]) > 10
