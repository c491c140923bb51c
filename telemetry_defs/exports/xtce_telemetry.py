"""XTCE TelemetryMetaData: the packet headers as flat parameters, then one container for each kind of packet."""

from __future__ import annotations

from collections.abc import Mapping

from telemetry_defs.exports.xtce_xml import (
    Element,
    add_enumeration,
    add_integer_encoding,
    add_line,
    add_number_encoding,
    add_unit,
    add_valid_range,
    element_names,
    flat_name,
    has_labels,
    labels_of,
    node,
)
from telemetry_defs.lookup import Dictionary
from telemetry_defs.packets import TimeQuality
from telemetry_defs.ranges import number_text, wire_range
from telemetry_defs.reports import (
    EVENT_SERVICE,
    HOUSEKEEPING_SERVICE,
    HOUSEKEEPING_SUBTYPE,
    PARAMETER_REPORT_NAME,
    PARAMETER_REPORT_SUBTYPE,
    PARAMETER_SERVICE,
)
from telemetry_defs.wire import Field, fields_of, is_float_kind

_PRIMARY = (
    ("version", 3),
    ("packet_type", 1),
    ("secondary_header_flag", 1),
    ("apid", 11),
    ("sequence_flags", 2),
    ("sequence_count", 14),
    ("packet_length", 16),
)
_SECONDARY = (
    ("pus_version", 4),
    ("time_quality", 4),
    ("service", 8),
    ("subtype", 8),
    ("message_count", 16),
    ("destination_id", 16),
    ("time_s", 32),
    ("time_fraction", 16),
)
# A request id is split into its parts, by which mission control systems match reports with commands.
_REQUEST = (
    ("request_version_and_type", 5),
    ("request_apid", 11),
    ("request_sequence_flags", 2),
    ("request_sequence_count", 14),
)
_VERIFICATION_SERVICE = 1


class _Telemetry:
    """The three sets of TelemetryMetaData while they are being filled."""

    def __init__(self) -> None:
        self.root = Element("TelemetryMetaData")
        self.types = node(self.root, "ParameterTypeSet")
        self.parameters = node(self.root, "ParameterSet")
        self.containers = node(self.root, "ContainerSet")

    def parameter(self, name: str, type_tag: str, meaning: str = "") -> Element:
        """Add a parameter and return its empty type of the same name."""
        parameter = node(self.parameters, "Parameter", name=name, parameterTypeRef=name)
        if meaning:
            parameter.set("shortDescription", meaning)
        return node(self.types, type_tag, name=name)

    def integer(self, name: str, bits: int) -> None:
        """Add a plain unsigned parameter."""
        kind = self.parameter(name, "IntegerParameterType")
        kind.set("signed", "false")
        node(kind, "UnitSet")
        add_integer_encoding(kind, bits)

    def container(self, name: str, base: str, keys: Mapping[str, int], meaning: str = "") -> Element:
        """Add a container that inherits where all keys match; return its entry list."""
        container = node(self.containers, "SequenceContainer", name=name)
        if meaning:
            container.set("shortDescription", meaning)
        entries = node(container, "EntryList")
        if base:
            criteria = node(node(container, "BaseContainer", containerRef=base), "RestrictionCriteria")
            comparisons = node(criteria, "ComparisonList")
            for parameter, value in keys.items():
                node(comparisons, "Comparison", parameterRef=parameter, value=value)
        return entries

    def abstract(self, name: str, base: str, keys: Mapping[str, int], *content: str) -> None:
        """Add an abstract container of these parameters."""
        entries = self.container(name, base, keys)
        for parameter in content:
            _entry(entries, parameter)
        self.containers[-1].set("abstract", "true")


def telemetry_meta_data(dictionary: Dictionary) -> Element:
    """Return the TelemetryMetaData element."""
    telemetry = _Telemetry()
    _headers(telemetry)
    for report in dictionary.reports:
        base = "verification_report" if report.service == _VERIFICATION_SERVICE else "telemetry_packet"
        keys = {"service": report.service, "subtype": report.subtype}
        _record(telemetry, report.name, base, keys, report.cls, report.meaning)
    for hk in dictionary.housekeeping:
        _record(telemetry, hk.name, "housekeeping_report", {"structure_id": hk.structure_id}, hk.cls, hk.meaning)
    for event in dictionary.events:
        _record(telemetry, event.name, "event_report", {"event_id": event.event_id}, event.cls, event.meaning)
    _parameter_report(telemetry)
    return telemetry.root


def _headers(telemetry: _Telemetry) -> None:
    sizes = (*_PRIMARY, *_SECONDARY, *_REQUEST, ("structure_id", 8), ("event_id", 16), ("packet_crc", 16))
    for name, bits in sizes:
        if name == "time_quality":
            kind = telemetry.parameter(name, "EnumeratedParameterType")
            node(kind, "UnitSet")
            add_integer_encoding(kind, bits)
            add_enumeration(kind, {member.name: int(member) for member in TimeQuality})
        else:
            telemetry.integer(name, bits)
    telemetry.abstract("CCSDSPacket", "", {}, *_names(_PRIMARY))
    telemetry.abstract("telemetry_packet", "CCSDSPacket", {"packet_type": 0}, *_names(_SECONDARY))
    telemetry.abstract("verification_report", "telemetry_packet", {"service": _VERIFICATION_SERVICE}, *_names(_REQUEST))
    housekeeping = {"service": HOUSEKEEPING_SERVICE, "subtype": HOUSEKEEPING_SUBTYPE}
    telemetry.abstract("housekeeping_report", "telemetry_packet", housekeeping, "structure_id")
    telemetry.abstract("event_report", "telemetry_packet", {"service": EVENT_SERVICE}, "event_id")


def _names(sizes: tuple[tuple[str, int], ...]) -> list[str]:
    return [name for name, _ in sizes]


def _entry(entries: Element, parameter: str) -> None:
    node(entries, "ParameterRefEntry", parameterRef=parameter)


def _record(telemetry: _Telemetry, name: str, base: str, keys: Mapping[str, int], cls: type, meaning: str) -> None:
    entries = telemetry.container(flat_name(name), base, keys, meaning)
    for field in fields_of(cls):
        if base == "verification_report" and field.name == "request_id":
            continue  # already taken apart in the base container
        if field.base is bytes:
            _add_bytes(telemetry, entries, flat_name(name, field.name), 16, 8, field.wire.meaning)
            continue
        for parameter in element_names(name, field):
            _add_field(telemetry, parameter, field)
            _entry(entries, parameter)
    _entry(entries, "packet_crc")


def _add_field(telemetry: _Telemetry, name: str, field: Field) -> None:
    wire = field.wire
    if has_labels(field):
        kind = telemetry.parameter(name, "EnumeratedParameterType", wire.meaning)
        add_unit(kind, wire.unit)
        add_number_encoding(kind, wire.kind)
        add_enumeration(kind, labels_of(field))
        return
    kind = telemetry.parameter(name, f"{'Float' if field.base is float else 'Integer'}ParameterType", wire.meaning)
    if field.base is int:
        kind.set("signed", "true" if wire.kind[0] == "i" else "false")
    kind.set("sizeInBits", "64" if field.base is float or wire.kind == "u64" else "32")
    add_unit(kind, wire.unit)
    encoding = add_number_encoding(kind, wire.kind)
    add_line(encoding, wire.offset, wire.scale)
    if not is_float_kind(wire.kind):
        add_valid_range(kind, *wire_range(field))
    _add_limits(kind, field)


def _add_limits(kind: Element, field: Field) -> None:
    limits = {"minInclusive": field.wire.low, "maxInclusive": field.wire.high}
    given = {name: number_text(value) for name, value in limits.items() if value is not None}
    if given:
        node(node(node(kind, "DefaultAlarm"), "StaticAlarmRanges"), "WarningRange", **given)


def _add_bytes(
    telemetry: _Telemetry, entries: Element, name: str, length_bits: int, unit_bits: int, meaning: str
) -> None:
    """Add a count of items and then the items, ``unit_bits`` each, as one binary parameter."""
    telemetry.integer(f"{name}_length", length_bits)
    _entry(entries, f"{name}_length")
    kind = telemetry.parameter(name, "BinaryParameterType", meaning)
    node(kind, "UnitSet")
    size = node(node(node(kind, "BinaryDataEncoding"), "SizeInBits"), "DynamicValue")
    node(size, "ParameterInstanceRef", parameterRef=f"{name}_length")
    node(size, "LinearAdjustment", slope=unit_bits)
    _entry(entries, name)


def _parameter_report(telemetry: _Telemetry) -> None:
    keys = {"service": PARAMETER_SERVICE, "subtype": PARAMETER_REPORT_SUBTYPE}
    meaning = "values of on-board parameters: (id u16, value f64) each"
    entries = telemetry.container(flat_name(PARAMETER_REPORT_NAME), "telemetry_packet", keys, meaning)
    _add_bytes(telemetry, entries, flat_name(PARAMETER_REPORT_NAME, "pairs"), 8, 80, meaning)
    _entry(entries, "packet_crc")
