"""Packets decoded to names and values, for the ground: telemetry of every kind, telecommands for logs and displays."""

from __future__ import annotations

from typing import Any

import construct as cs
import msgspec

from telemetry_defs.definitions import COMMAND_SERVICE, COMMAND_SUBTYPE, Command, Severity
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats.layouts import PARAMETER_REPORT
from telemetry_defs.formats.records import record_format
from telemetry_defs.lookup import Dictionary
from telemetry_defs.packets import PacketError, PacketErrorCode, Tc, TimeQuality, Tm, parse_tc, parse_tm
from telemetry_defs.reports import (
    EVENT_SERVICE,
    HOUSEKEEPING_SERVICE,
    HOUSEKEEPING_SUBTYPE,
    PARAMETER_REPORT_NAME,
    PARAMETER_REPORT_SUBTYPE,
    PARAMETER_SERVICE,
)

Fields = dict[str, Any]


class DecodedTm(msgspec.Struct, frozen=True, kw_only=True):
    """One telemetry packet by name.

    Attributes:
        name: ``power.hk``, ``mobility.stall``, ``verification.accepted``, ...
        kind: ``hk``, ``event`` or ``report``.
        severity: of an event, else None.
        time_ns: on-board time, nanoseconds since the GPS epoch.
        fields: engineering values by field name, None for no valid value; of a parameter report by parameter name.
    """

    name: str
    kind: str
    severity: Severity | None
    apid: int
    service: int
    subtype: int
    sequence_count: int
    message_count: int
    destination_id: int
    time_ns: int
    time_quality: TimeQuality
    fields: Fields


class DecodedTc(msgspec.Struct, frozen=True, kw_only=True):
    """One telecommand by name; ``fields`` are its arguments, ``request_id`` its first four bytes as a number."""

    name: str
    apid: int
    service: int
    subtype: int
    sequence_count: int
    source_id: int
    ack: int
    request_id: int
    fields: Fields


def decode_tm(packet: bytes, dictionary: Dictionary = DICTIONARY) -> DecodedTm:
    """Return one telemetry packet by name.

    Raises:
        PacketError: damaged, unknown to this dictionary (CONTENT), or of a length its declaration does not have.
    """
    tm = parse_tm(packet)
    name, kind, fields = _content(tm, dictionary)
    return DecodedTm(
        name=name,
        kind=kind,
        severity=Severity(tm.subtype) if kind == "event" else None,
        apid=tm.apid,
        service=tm.service,
        subtype=tm.subtype,
        sequence_count=tm.sequence_count,
        message_count=tm.message_count,
        destination_id=tm.destination_id,
        time_ns=tm.time_ns,
        time_quality=tm.time_quality,
        fields=fields,
    )


def decode_tc(packet: bytes, dictionary: Dictionary = DICTIONARY) -> DecodedTc:
    """Return one telecommand by name.

    Raises:
        PacketError: damaged, unknown to this dictionary (CONTENT), or of a length its declaration does not have.
    """
    tc = parse_tc(packet)
    command, data = _command(tc, dictionary)
    return DecodedTc(
        name=command.name,
        apid=tc.apid,
        service=tc.service,
        subtype=tc.subtype,
        sequence_count=tc.sequence_count,
        source_id=tc.source_id,
        ack=tc.ack,
        request_id=int.from_bytes(tc.request_id, "big"),
        fields=_record(command.cls, data, command.name),
    )


def _content(tm: Tm, dictionary: Dictionary) -> tuple[str, str, Fields]:
    key = (tm.service, tm.subtype)
    if key == (HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE):
        number, body = _numbered(tm.data, 1)
        hk = _known(dictionary.hk_by_id(number), f"housekeeping structure {number}")
        return hk.name, "hk", _record(hk.cls, body, hk.name)
    if tm.service == EVENT_SERVICE and Severity.INFO <= tm.subtype <= Severity.HIGH:
        number, body = _numbered(tm.data, 2)
        event = _known(dictionary.event_by_id(number), f"event {number:#06x}")
        return event.name, "event", _record(event.cls, body, event.name)
    if key == (PARAMETER_SERVICE, PARAMETER_REPORT_SUBTYPE):
        return PARAMETER_REPORT_NAME, "report", _parameters(tm.data, dictionary)
    report = _known(dictionary.report(*key), f"TM[{tm.service},{tm.subtype}]")
    return report.name, "report", _record(report.cls, tm.data, report.name)


def _command(tc: Tc, dictionary: Dictionary) -> tuple[Command, bytes]:
    if (tc.service, tc.subtype) == (COMMAND_SERVICE, COMMAND_SUBTYPE):
        number, body = _numbered(tc.data, 2)
        return _known(dictionary.command_by_function(number), f"function {number:#06x}"), body
    command = dictionary.command_by_service(tc.service, tc.subtype)
    return _known(command, f"TC[{tc.service},{tc.subtype}]"), tc.data


def _numbered(data: bytes, size: int) -> tuple[int, bytes]:
    if len(data) < size:
        raise PacketError(PacketErrorCode.LENGTH, f"{len(data)} bytes hold no identifier")
    return int.from_bytes(data[:size], "big"), data[size:]


def _known(item: Any, what: str) -> Any:
    if item is None:
        raise PacketError(PacketErrorCode.CONTENT, f"{what} is not in this dictionary")
    return item


def _record(cls: type, data: bytes, name: str) -> Fields:
    try:
        fields: Fields = record_format(cls).parse(data)
    except cs.ConstructError:
        raise PacketError(PacketErrorCode.LENGTH, f"{name}: {len(data)} bytes do not fit its fields") from None
    return fields


def _parameters(data: bytes, dictionary: Dictionary) -> Fields:
    try:
        parsed = PARAMETER_REPORT.parse(data)
    except cs.ConstructError:
        raise PacketError(PacketErrorCode.LENGTH, f"TM[20,2]: {len(data)} bytes do not fit its count") from None
    fields: Fields = {}
    for item in parsed["values"]:
        parameter = dictionary.parameter_by_id(item.parameter_id)
        fields[parameter.name if parameter else f"parameter_{item.parameter_id:#06x}"] = item.value
    return fields
