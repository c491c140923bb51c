"""Standard report bodies: verification (1), housekeeping (3), events (5), time (9), products (13), 17/2 and 20/2."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.monitor_reports import ActionStatus, MonitorDefinition, MonitorStatus
from telemetry_defs.packets import MAX_TC_DATA, MAX_TM_DATA, PacketError, PacketErrorCode, TimeQuality
from telemetry_defs.sequence_reports import SequencePart, SequenceStatus
from telemetry_defs.wire import Wire

PART_BYTES = 960
MAX_REPORTED_PARAMETERS = (MAX_TM_DATA - 1) // 10
_PARAMETER_VALUE = struct.Struct(">Hd")

RequestId = Annotated[int, Wire("u32", meaning="first four bytes of the telecommand")]
Detail = Annotated[int | None, Wire("u32", meaning="what the code is about: a value, an id or a position")]
Code = Annotated[FailureCode, Wire("u16", meaning="why")]


class VerificationSuccess(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[1,1], TM[1,3], TM[1,7]: accepted, started, completed."""

    request_id: RequestId


class VerificationFailure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[1,2], TM[1,4], TM[1,8]: refused, start failed, execution failed."""

    request_id: RequestId
    code: Code
    detail: Detail


class ProgressSuccess(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[1,5]: one step done."""

    request_id: RequestId
    step: Annotated[int, Wire("u8", meaning="step that was reached")]


class ProgressFailure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[1,6]: one step failed."""

    request_id: RequestId
    step: Annotated[int, Wire("u8", meaning="step that failed")]
    code: Code
    detail: Detail


class HousekeepingSetup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[3,35]: how often one housekeeping packet is sent."""

    structure_id: Annotated[int, Wire("u8", meaning="housekeeping packet")]
    enabled: Annotated[bool, Wire("bool", meaning="sent periodically")]
    period_s: Annotated[float, Wire("u32", scale=0.1, unit="s", meaning="collection interval")]


class ClockReport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[9,130]: on-board time beside the monotonic clock it is derived from."""

    onboard_ns: Annotated[int, Wire("u64", unit="ns", meaning="on-board time since the GPS epoch")]
    monotonic_ns: Annotated[int, Wire("u64", unit="ns", meaning="monotonic clock since boot of the computer")]
    quality: Annotated[TimeQuality, Wire("u8", meaning="how far on-board time can be trusted")]


class ProductPart(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[13,1], TM[13,2], TM[13,3]: first, intermediate and last part of a product; a single part is a last part."""

    transaction: Annotated[int, Wire("u16", meaning="product being sent")]
    part: Annotated[int, Wire("u16", meaning="part number, from 1")]
    data: Annotated[bytes, Wire("bytes", max_bytes=PART_BYTES, meaning="content of the part")]


class StoreSummary(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[15,13]: what the packet store holds of one class of priority."""

    index: Annotated[int, Wire("u8", meaning="class of priority, 0 the most urgent")]
    total: Annotated[int, Wire("u8", meaning="number of classes")]
    segments: Annotated[int, Wire("u16", meaning="segments on storage")]
    packets: Annotated[int, Wire("u32", meaning="packets in them")]
    size_bytes: Annotated[int, Wire("u32", meaning="bytes on storage")]
    oldest_gps_s: Annotated[float | None, Wire("f64", unit="s", meaning="time of the oldest packet since 1980-01-06")]
    newest_gps_s: Annotated[float | None, Wire("f64", unit="s", meaning="time of the newest packet since 1980-01-06")]


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[11,10]: one waiting telecommand, whole."""

    index: Annotated[int, Wire("u8", meaning="place in the order of release, from 0")]
    total: Annotated[int, Wire("u8", meaning="telecommands waiting")]
    release_gps_s: Annotated[float, Wire("f64", unit="s", meaning="when it runs, since 1980-01-06")]
    telecommand: Annotated[bytes, Wire("bytes", max_bytes=MAX_TC_DATA, meaning="the telecommand packet")]


class TimelineSummary(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[11,13]: one waiting telecommand by its request identifier."""

    index: Annotated[int, Wire("u8", meaning="place in the order of release, from 0")]
    total: Annotated[int, Wire("u8", meaning="telecommands waiting")]
    release_gps_s: Annotated[float, Wire("f64", unit="s", meaning="when it runs, since 1980-01-06")]
    source_id: Annotated[int, Wire("u16", meaning="source id of the telecommand")]
    request: Annotated[int, Wire("u32", meaning="first four bytes of the telecommand")]


class ParameterPart(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[20,133]: one part of the dump of all active parameters."""

    index: Annotated[int, Wire("u8", meaning="place of the part, from 0")]
    total: Annotated[int, Wire("u8", meaning="number of parts")]
    crc32: Annotated[int, Wire("u32", meaning="CRC-32 over the data of all parts together")]
    data: Annotated[bytes, Wire("bytes", max_bytes=PART_BYTES, meaning="parameter id u16, value f64 each, by id")]


class Report(msgspec.Struct, frozen=True):
    """A report fixed by its service and subtype alone; housekeeping, events and TM[20,2] have their own rules."""

    name: str
    service: int
    subtype: int
    cls: type[Any]
    meaning: str


REPORTS = (
    Report("verification.accepted", 1, 1, VerificationSuccess, "acceptance succeeded"),
    Report("verification.refused", 1, 2, VerificationFailure, "acceptance failed"),
    Report("verification.started", 1, 3, VerificationSuccess, "execution started"),
    Report("verification.start_failed", 1, 4, VerificationFailure, "execution could not start"),
    Report("verification.progress", 1, 5, ProgressSuccess, "execution progressed"),
    Report("verification.progress_failed", 1, 6, ProgressFailure, "a step of execution failed"),
    Report("verification.completed", 1, 7, VerificationSuccess, "execution completed"),
    Report("verification.failed", 1, 8, VerificationFailure, "execution failed"),
    Report("housekeeping.setup", 3, 35, HousekeepingSetup, "collection interval of a housekeeping packet"),
    Report("time.clock", 9, 130, ClockReport, "on-board clock"),
    Report("monitors.definition", 12, 9, MonitorDefinition, "a monitor as it is defined"),
    Report("monitors.status", 12, 14, MonitorStatus, "a monitor as it stands"),
    Report("product.first", 13, 1, ProductPart, "first part of a product"),
    Report("product.part", 13, 2, ProductPart, "intermediate part of a product"),
    Report("product.last", 13, 3, ProductPart, "last part of a product"),
    Report("timeline.entry", 11, 10, TimelineEntry, "a telecommand that waits for its time"),
    Report("timeline.summary", 11, 13, TimelineSummary, "a telecommand that waits for its time, by its identifier"),
    Report("store.summary", 15, 13, StoreSummary, "content of the packet store, one class of priority"),
    Report("monitors.action", 19, 7, ActionStatus, "an action and what came of it"),
    Report("parameter.part", 20, 133, ParameterPart, "part of the dump of all active parameters"),
    Report("sequence.status", 21, 7, SequenceStatus, "what a stored sequence is doing"),
    Report("sequence.part", 21, 129, SequencePart, "part of a compiled sequence"),
    Report("test.alive", 17, 2, NoArguments, "answer to a ping"),
)
HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE = 3, 25
EVENT_SERVICE = 5
MONITOR_SERVICE, MONITOR_DEFINITION_SUBTYPE, MONITOR_STATUS_SUBTYPE = 12, 9, 14
ACTION_SERVICE, ACTION_REPORT_SUBTYPE = 19, 7
TIMELINE_SERVICE, TIMELINE_REPORT_SUBTYPE, TIMELINE_SUMMARY_SUBTYPE = 11, 10, 13
STORE_SERVICE, STORE_SUMMARY_SUBTYPE = 15, 13
PARAMETER_SERVICE, PARAMETER_REPORT_SUBTYPE = 20, 2
PARAMETER_DUMP_SUBTYPE = 133
PARAMETER_REPORT_NAME = "parameter.values"


def pack_structure(structure_id: int, body: bytes) -> bytes:
    """Return the data of TM[3,25]: structure id u8, then the packed housekeeping record."""
    return bytes((structure_id,)) + body


def pack_event(event_id: int, body: bytes) -> bytes:
    """Return the data of TM[5,x]: event id u16, then the packed fields."""
    return event_id.to_bytes(2, "big") + body


def pack_parameter_report(values: Sequence[tuple[int, float]]) -> bytes:
    """Return the data of TM[20,2]: count u8, then (parameter id u16, value f64) each.

    Raises:
        ValueError: more than 100 values.
    """
    if len(values) > MAX_REPORTED_PARAMETERS:
        raise ValueError(f"TM[20,2] holds at most {MAX_REPORTED_PARAMETERS} parameters, got {len(values)}")
    return bytes((len(values),)) + b"".join(_PARAMETER_VALUE.pack(number, value) for number, value in values)


def unpack_parameter_report(data: bytes) -> tuple[tuple[int, float], ...]:
    """Return the (parameter id, value) pairs of TM[20,2].

    Raises:
        PacketError: LENGTH, count and length disagree.
    """
    if not data or len(data) != 1 + data[0] * _PARAMETER_VALUE.size:
        raise PacketError(PacketErrorCode.LENGTH, f"TM[20,2] of {len(data)} bytes")
    return tuple(_PARAMETER_VALUE.iter_unpack(data[1:]))


def request_number(request_id: bytes) -> int:
    """Return the request id of a telecommand (its first four bytes) as the number that reports carry."""
    return int.from_bytes(request_id, "big")
