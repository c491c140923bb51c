"""Decoding for the ground: every kind of packet by name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from telemetry_defs import reports
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import FailureCode, NoArguments, Severity
from telemetry_defs.formats import decode_tc, decode_tm
from telemetry_defs.packets import PacketError, PacketErrorCode, TimeQuality, build_tc, build_tm, parse_tc
from tests.telemetry_defs.records import LIMIT, SMALL, Drive, Everything, Shed, records


def tm(service: int, subtype: int, data: bytes) -> bytes:
    return build_tm(0x101, service, subtype, 5, 6, 7_000_000_000, TimeQuality.RTC, data)


def as_dict(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


@settings(max_examples=20)
@given(records(Everything))
def test_housekeeping(value: Everything) -> None:
    """Structure id and record come back by name with what the codec would read."""
    packed = Codec(Everything).pack(value)
    decoded = decode_tm(tm(3, 25, reports.pack_structure(7, packed)), SMALL)
    assert (decoded.name, decoded.kind, decoded.severity) == ("power.hk", "hk", None)
    assert (decoded.apid, decoded.sequence_count, decoded.message_count) == (0x101, 5, 6)
    assert (decoded.time_ns, decoded.time_quality) == (7_000_000_000, TimeQuality.RTC)
    assert decoded.fields == as_dict(Codec(Everything).unpack(packed))


def test_event() -> None:
    """Event id and fields, severity from the subtype."""
    packed = Codec(Shed).pack(Shed(load=3, soc=None))
    decoded = decode_tm(tm(5, 2, reports.pack_event(0x0101, packed)), SMALL)
    assert (decoded.name, decoded.kind, decoded.severity) == ("power.shed", "event", Severity.LOW)
    assert decoded.fields == {"load": 3, "soc": None}


@pytest.mark.parametrize("report", reports.REPORTS, ids=lambda report: report.name)
@settings(max_examples=10)
@given(data=st.data())
def test_standard_reports(report: reports.Report, data: st.DataObject) -> None:
    """Verification, setup, clock, product parts and ping answers by service and subtype."""
    value = data.draw(records(report.cls))
    packed = Codec(report.cls).pack(value)
    decoded = decode_tm(tm(report.service, report.subtype, packed), SMALL)
    assert (decoded.name, decoded.kind) == (report.name, "report")
    assert decoded.fields == as_dict(Codec(report.cls).unpack(packed))


@given(
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(allow_nan=False)), max_size=reports.MAX_REPORTED_PARAMETERS)
)
def test_parameter_report_survives(values: list[tuple[int, float]]) -> None:
    """TM[20,2] holds any number of pairs up to what fits a packet."""
    packed = reports.pack_parameter_report(values)
    assert list(reports.unpack_parameter_report(packed)) == values
    assert len(tm(20, 2, packed)) <= 1024


def test_parameter_report_by_name() -> None:
    """Known parameters by their name, unknown ones by number."""
    decoded = decode_tm(tm(20, 2, reports.pack_parameter_report([(LIMIT.parameter_id, 0.25), (0x7ABC, 1.0)])), SMALL)
    assert decoded.name == "parameter.values"
    assert decoded.fields == {"power.soc_low": 0.25, "parameter_0x7abc": 1.0}


def test_too_many_parameters_are_our_bug() -> None:
    """A report that fits no packet is not built; count and length must agree."""
    with pytest.raises(ValueError, match="at most 100 parameters"):
        reports.pack_parameter_report([(1, 1.0)] * 101)
    for data in (b"", b"\x02" + bytes(10), b"\x00x"):
        with pytest.raises(PacketError):
            reports.unpack_parameter_report(data)


@settings(max_examples=20)
@given(records(Drive))
def test_telecommands(value: Drive) -> None:
    """A subsystem command by function id, with its arguments."""
    packet = build_tc(0x101, 8, 1, 9, 2, b"\x01\x01" + Codec(Drive).pack(value))
    decoded = decode_tc(packet, SMALL)
    assert (decoded.name, decoded.sequence_count, decoded.source_id, decoded.ack) == ("power.drive", 9, 2, 15)
    assert decoded.request_id == reports.request_number(parse_tc(packet).request_id)
    assert decoded.fields == as_dict(Codec(Drive).unpack(Codec(Drive).pack(value)))


def test_a_service_request_without_function_id() -> None:
    """Ping is known by its service."""
    assert decode_tc(build_tc(0x101, 17, 1, 0, 0, b""), SMALL).name == "power.ping"


@pytest.mark.parametrize(
    ("service", "subtype", "data", "code"),
    [
        (3, 25, b"\x63", PacketErrorCode.CONTENT),
        (3, 25, b"", PacketErrorCode.LENGTH),
        (3, 25, b"\x07abc", PacketErrorCode.LENGTH),
        (5, 1, b"\x99\x99", PacketErrorCode.CONTENT),
        (5, 9, b"\x01\x01", PacketErrorCode.CONTENT),
        (1, 1, b"abc", PacketErrorCode.LENGTH),
        (1, 1, b"abcde", PacketErrorCode.LENGTH),
        (20, 2, b"\x02", PacketErrorCode.LENGTH),
        (99, 1, b"", PacketErrorCode.CONTENT),
    ],
)
def test_what_this_dictionary_does_not_know(service: int, subtype: int, data: bytes, code: PacketErrorCode) -> None:
    """Unknown content and wrong lengths raise one documented error."""
    with pytest.raises(PacketError) as caught:
        decode_tm(tm(service, subtype, data), SMALL)
    assert caught.value.code is code


def test_unknown_telecommands() -> None:
    """Function and service that nobody declared."""
    for packet in (build_tc(1, 8, 1, 0, 0, b"\x09\x09"), build_tc(1, 99, 9, 0, 0, b""), build_tc(1, 8, 1, 0, 0, b"")):
        with pytest.raises(PacketError):
            decode_tc(packet, SMALL)


def test_verification_failure_reads_as_a_failure_code() -> None:
    """The operator sees the reason by name."""
    body = reports.VerificationFailure(request_id=0x1901C005, code=FailureCode.NOT_ARMED, detail=None)
    decoded = decode_tm(tm(1, 2, Codec(reports.VerificationFailure).pack(body)), SMALL)
    assert decoded.fields == {"request_id": 0x1901C005, "code": FailureCode.NOT_ARMED, "detail": None}


def test_the_empty_record() -> None:
    """An answer to a ping has no fields."""
    assert decode_tm(tm(17, 2, Codec(NoArguments).pack(NoArguments())), SMALL).fields == {}
    assert msgspec.json.encode(decode_tm(tm(17, 2, b""), SMALL))
