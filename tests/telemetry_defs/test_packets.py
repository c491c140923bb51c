"""Space packets, their CRC and their time, with third parties as witnesses."""

from __future__ import annotations

import io
import itertools
import struct

import crcmod.predefined
import pytest
from ccsdspy.utils import split_packet_bytes
from hypothesis import given, strategies as st
from spacepackets.ccsds import PacketType, SpHeader
from spacepackets.ecss import PusTc, PusTm

from telemetry_defs import cuc
from telemetry_defs.crc import crc16, crcmod_crc16, stdlib_crc16
from telemetry_defs.formats import TC_PACKET, TM_PACKET
from telemetry_defs.packets import (
    MAX_TC_DATA,
    MAX_TM_DATA,
    PacketError,
    PacketErrorCode,
    TimeQuality,
    build_tc,
    build_tm,
    parse_tc,
    parse_tm,
    split_packets,
)

U8, U14, U16 = st.integers(0, 255), st.integers(0, 0x3FFF), st.integers(0, 0xFFFF)
APIDS = st.integers(0, 0x7FE)
TIMES = st.integers(0, cuc.MAX_NS)
TM = st.builds(build_tm, APIDS, U8, U8, U14, U16, TIMES, st.sampled_from(TimeQuality), st.binary(max_size=200), U16)
TC = st.builds(build_tc, APIDS, U8, U8, U14, U16, st.binary(max_size=MAX_TC_DATA), st.integers(0, 15))


@given(APIDS, U8, U8, U14, U16, TIMES, st.sampled_from(TimeQuality), st.binary(max_size=MAX_TM_DATA), U16)
def test_tm_comes_back(
    apid: int, service: int, subtype: int, seq: int, messages: int, time_ns: int, quality: TimeQuality, data: bytes,
    destination: int,
) -> None:  # fmt: skip
    """Every header field and all data survive; time within the resolution of CUC, never early by more than that."""
    tm = parse_tm(build_tm(apid, service, subtype, seq, messages, time_ns, quality, data, destination))
    assert (tm.apid, tm.service, tm.subtype, tm.sequence_count) == (apid, service, subtype, seq)
    assert (tm.message_count, tm.time_quality, tm.data, tm.destination_id) == (messages, quality, data, destination)
    assert 0 <= time_ns - tm.time_ns < 15_260


@given(APIDS, U8, U8, U14, U16, st.binary(max_size=MAX_TC_DATA), st.integers(0, 15))
def test_tc_comes_back(apid: int, service: int, subtype: int, seq: int, source: int, data: bytes, ack: int) -> None:
    """Every header field and all data survive; the request id is the start of the packet."""
    packet = build_tc(apid, service, subtype, seq, source, data, ack)
    tc = parse_tc(packet)
    assert (tc.apid, tc.service, tc.subtype, tc.sequence_count) == (apid, service, subtype, seq)
    assert (tc.source_id, tc.data, tc.ack, tc.request_id) == (source, data, ack, packet[:4])


@given(TM)
def test_spacepackets_reads_our_telemetry(packet: bytes) -> None:
    """A third party finds the same fields, and the time where the standard puts it."""
    tm = parse_tm(packet)
    theirs = PusTm.unpack(packet, timestamp_len=6)
    assert (theirs.apid, theirs.seq_count, theirs.service, theirs.message_subtype) == (
        tm.apid, tm.sequence_count, tm.service, tm.subtype,
    )  # fmt: skip
    assert theirs.pus_tm_sec_header.message_counter == tm.message_count
    assert theirs.pus_tm_sec_header.dest_id == tm.destination_id
    assert theirs.pus_tm_sec_header.spacecraft_time_ref == tm.time_quality
    assert theirs.timestamp == packet[13:19] == cuc.encode_ns(tm.time_ns)
    assert theirs.source_data == tm.data


@given(APIDS, U8, U8, U14, U16, st.binary(max_size=MAX_TC_DATA))
def test_spacepackets_builds_telecommands_we_accept(
    apid: int, service: int, subtype: int, seq: int, source: int, data: bytes
) -> None:
    """A third party's telecommand is byte for byte ours."""
    theirs = PusTc(
        service=service, message_subtype=subtype, apid=apid, app_data=data, seq_count=seq, source_id=source
    ).pack()
    assert bytes(theirs) == build_tc(apid, service, subtype, seq, source, data)
    assert parse_tc(bytes(theirs)).data == data


@given(st.lists(TM, max_size=8))
def test_a_downlink_file_splits_into_its_packets(packets: list[bytes]) -> None:
    """Ours and ccsdspy find the same packets in a concatenation."""
    stream = b"".join(packets)
    assert list(split_packets(stream)) == packets
    assert [bytes(packet) for packet in split_packet_bytes(io.BytesIO(stream))] == packets


@given(st.lists(TM, min_size=1, max_size=3), st.data())
def test_a_cut_file_gives_its_whole_packets_and_then_says_so(packets: list[bytes], data: st.DataObject) -> None:
    """Nothing whole is lost, nothing half is given."""
    cut = data.draw(st.integers(1, len(packets[-1]) - 1))
    parts = split_packets(b"".join(packets)[:-cut])
    assert list(itertools.islice(parts, len(packets) - 1)) == packets[:-1]
    with pytest.raises(PacketError) as caught:
        next(parts)
    assert caught.value.code is PacketErrorCode.LENGTH


@given(TM | TC, st.data())
def test_one_flipped_bit_is_always_found(packet: bytes, data: st.DataObject) -> None:
    """The CRC (or the length) gives a damaged packet away."""
    bit = data.draw(st.integers(0, 8 * len(packet) - 1))
    damaged = bytearray(packet)
    damaged[bit // 8] ^= 1 << bit % 8
    for parse in (parse_tm, parse_tc):
        with pytest.raises(PacketError):
            parse(bytes(damaged))


@given(st.binary(max_size=300))
def test_junk_raises_only_packet_errors(data: bytes) -> None:
    """Neither parser ever fails in another way."""
    for parse in (parse_tm, parse_tc):
        with pytest.raises(PacketError):
            parse(data)


def _resealed(packet: bytes, changes: dict[int, int]) -> bytes:
    body = bytearray(packet[:-2])
    for index, value in changes.items():
        body[index] = value
    return bytes(body) + struct.pack(">H", crc16(bytes(body)))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({0: 0x39}, PacketErrorCode.VERSION),
        ({0: 0x09}, PacketErrorCode.TYPE),
        ({0: 0x11}, PacketErrorCode.SECONDARY_HEADER),
        ({2: 0x40}, PacketErrorCode.SEGMENTATION),
        ({6: 0x1F}, PacketErrorCode.PUS_VERSION),
        ({5: 0x20}, PacketErrorCode.LENGTH),
    ],
)
def test_a_wrong_header_under_a_right_crc_is_named(changes: dict[int, int], code: PacketErrorCode) -> None:
    """Each deviation from the header this mission uses has its own code."""
    with pytest.raises(PacketError) as caught:
        parse_tc(_resealed(build_tc(0x103, 8, 1, 5, 1, b"abc"), changes))
    assert caught.value.code is code


def test_an_unknown_time_quality_is_named() -> None:
    """Time reference status has three values here."""
    packet = build_tm(0x103, 3, 25, 5, 1, 0, 0, b"abc")
    with pytest.raises(PacketError) as caught:
        parse_tm(_resealed(packet, {6: 0x27}))
    assert caught.value.code is PacketErrorCode.TIME_QUALITY


def test_too_much_data_is_our_bug() -> None:
    """A packet over the mission's limits is never built; at the limit it is."""
    assert len(build_tm(1, 1, 1, 0, 0, 0, 0, bytes(MAX_TM_DATA))) == 1024
    assert len(build_tc(1, 1, 1, 0, 0, bytes(MAX_TC_DATA))) == 256
    with pytest.raises(ValueError, match="at most 1003"):
        build_tm(1, 1, 1, 0, 0, 0, 0, bytes(MAX_TM_DATA + 1))
    with pytest.raises(ValueError, match="at most 243"):
        build_tc(1, 1, 1, 0, 0, bytes(MAX_TC_DATA + 1))


@given(TM)
def test_the_construct_format_of_telemetry_is_the_same_packet(packet: bytes) -> None:
    """The readable reference parses and rebuilds our bytes."""
    tm, theirs = parse_tm(packet), TM_PACKET.parse(packet)
    assert (theirs.primary.apid, theirs.primary.sequence_count) == (tm.apid, tm.sequence_count)
    assert (theirs.secondary.service, theirs.secondary.subtype, theirs.data) == (tm.service, tm.subtype, tm.data)
    assert TM_PACKET.build(theirs) == packet


@given(TC)
def test_the_construct_format_of_telecommands_is_the_same_packet(packet: bytes) -> None:
    """The readable reference parses and rebuilds our bytes."""
    tc, theirs = parse_tc(packet), TC_PACKET.parse(packet)
    assert (theirs.primary.apid, theirs.secondary.source_id, theirs.data) == (tc.apid, tc.source_id, tc.data)
    assert TC_PACKET.build(theirs) == packet


def test_spacepackets_agrees_on_the_packet_type() -> None:
    """Bit 4 of the first byte tells telecommands from telemetry."""
    assert SpHeader.unpack(build_tc(1, 1, 1, 0, 0, b"")).packet_type is PacketType.TC
    assert SpHeader.unpack(build_tm(1, 1, 1, 0, 0, 0, 0, b"")).packet_type is PacketType.TM


def test_crc_check_value() -> None:
    """The published check value of CRC-16/CCITT-FALSE."""
    assert crc16(b"123456789") == 0x29B1


@given(st.binary(max_size=300), st.integers(0, 300))
def test_all_crc_functions_are_equal(data: bytes, cut: int) -> None:
    """crcmod, the standard library and crcmod's own table agree, in one piece or in two."""
    oracle = crcmod.predefined.mkCrcFun("crc-ccitt-false")(data)
    for function in (crc16, crcmod_crc16(), stdlib_crc16()):
        assert function(data) == oracle
        assert function(data[cut:], function(data[:cut])) == oracle
