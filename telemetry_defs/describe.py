"""The dictionary as plain data (dicts, lists, numbers, strings): the source of its hash and of the JSON export."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from telemetry_defs.definitions import Area, Command, Event, Housekeeping, Mode, Parameter
from telemetry_defs.reports import Report
from telemetry_defs.wire import Field, enum_members, fields_of


def wire_description(areas: Iterable[Area], reports: Iterable[Report]) -> dict[str, Any]:
    """Return what decides the meaning of bytes: no prose, so that a better wording is not another dictionary."""
    described = describe(areas, reports)
    _drop_prose(described)
    return described


def describe(areas: Iterable[Area], reports: Iterable[Report]) -> dict[str, Any]:
    """Return everything declared, prose included."""
    return {"areas": [_area(area) for area in areas], "reports": [_report(report) for report in reports]}


def describe_fields(cls: type) -> list[dict[str, Any]]:
    """Return the fields of a record class in wire order."""
    return [_field(field) for field in fields_of(cls)]


def _drop_prose(node: Any) -> None:
    if isinstance(node, dict):
        node.pop("meaning", None)
        for value in node.values():
            _drop_prose(value)
    elif isinstance(node, list):
        for value in node:
            _drop_prose(value)


def _area(area: Area) -> dict[str, Any]:
    return {
        "name": area.name,
        "apid": area.apid,
        "number": area.number,
        "housekeeping": [_housekeeping(item) for item in area.housekeeping],
        "commands": [_command(item) for item in area.commands],
        "events": [_event(item) for item in area.events],
        "parameters": [_parameter(item) for item in area.parameters],
    }


def _housekeeping(item: Housekeeping) -> dict[str, Any]:
    return {
        "name": item.name,
        "structure_id": item.structure_id,
        "period_s": item.period_s,
        "meaning": item.meaning,
        "fields": describe_fields(item.cls),
    }


def _command(item: Command) -> dict[str, Any]:
    modes = None if item.modes is None else [mode.name for mode in Mode if mode in item.modes]
    return {
        "name": item.name,
        "service": item.service,
        "subtype": item.subtype,
        "function_id": item.function_id,
        "modes": modes,
        "hazardous": item.hazardous,
        "arm_as": item.arm_as,
        "progress": item.progress,
        "meaning": item.meaning,
        "fields": describe_fields(item.cls),
    }


def _event(item: Event) -> dict[str, Any]:
    return {
        "name": item.name,
        "event_id": item.event_id,
        "severity": item.severity.name,
        "meaning": item.meaning,
        "fields": describe_fields(item.cls),
    }


def _report(item: Report) -> dict[str, Any]:
    return {
        "name": item.name,
        "service": item.service,
        "subtype": item.subtype,
        "meaning": item.meaning,
        "fields": describe_fields(item.cls),
    }


def _parameter(item: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = msgspec.to_builtins(item)
    return described


def _field(field: Field) -> dict[str, Any]:
    wire = field.wire
    described: dict[str, Any] = {
        "name": field.name,
        "type": "enum" if field.is_enum else field.base.__name__,
        "optional": field.optional,
        "kind": wire.kind,
        "scale": wire.scale,
        "offset": wire.offset,
        "unit": wire.unit,
        "low": wire.low,
        "high": wire.high,
        "meaning": wire.meaning,
    }
    if field.is_tuple:
        described["count"] = wire.count
    if wire.max_bytes:
        described["max_bytes"] = wire.max_bytes
    if field.is_enum:
        described["values"] = {member.name: int(member) for member in enum_members(field)}
    return described
