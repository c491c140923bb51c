"""XTCE CommandMetaData: one abstract PUS telecommand, then one MetaCommand for each command of the dictionary.

Sequence count, packet length and CRC are written by the sender's post-processor. An argument's calibrator goes from
engineering value to raw code, the way Yamcs (5.12, CalibratorProc) reads it.
"""

from __future__ import annotations

from telemetry_defs.definitions import Command
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
from telemetry_defs.ranges import limits_of
from telemetry_defs.wire import Field, fields_of

_BASE = "telecommand"
# Bits of the abstract telecommand; a text is a fixed value in hexadecimal, None an argument of the same name.
_LAYOUT = (
    ("version_type_and_header_flag", 5, "03"),
    ("apid", 11, None),
    ("sequence_flags", 2, "03"),
    ("sequence_count", 14, "0000"),
    ("packet_length", 16, "0000"),
    ("pus_version", 4, "02"),
    ("ack", 4, None),
    ("service", 8, None),
    ("subtype", 8, None),
    ("source_id", 16, None),
)
# (element, PUS-1 stage, seconds until the ground gives up)
_STAGES = (("AcceptedVerifier", 1, 30), ("ExecutionVerifier", 3, 60), ("CompleteVerifier", 7, 3600))


def command_meta_data(dictionary: Dictionary, system_name: str) -> Element:
    """Return the CommandMetaData element."""
    root = Element("CommandMetaData")
    types = node(root, "ArgumentTypeSet")
    commands = node(root, "MetaCommandSet")
    _abstract_command(types, commands)
    for command in dictionary.commands:
        _command(types, commands, command, dictionary.apid(command.name), system_name)
    return root


def _abstract_command(types: Element, commands: Element) -> None:
    base = node(commands, "MetaCommand", name=_BASE, abstract="true")
    arguments = node(base, "ArgumentList")
    entries = node(node(base, "CommandContainer", name=_BASE), "EntryList")
    for name, bits, fixed in _LAYOUT:
        if fixed is not None:
            node(entries, "FixedValueEntry", name=name, binaryValue=fixed, sizeInBits=bits)
            continue
        kind = node(types, "IntegerArgumentType", name=name, signed="false")
        node(kind, "UnitSet")
        add_integer_encoding(kind, bits)
        argument = node(arguments, "Argument", name=name, argumentTypeRef=name)
        if name == "source_id":
            argument.set("initialValue", "0")
        node(entries, "ArgumentRefEntry", argumentRef=name)


def _command(types: Element, commands: Element, command: Command, apid: int, system_name: str) -> None:
    name = flat_name(command.name)
    meta = node(commands, "MetaCommand", name=name, shortDescription=command.meaning)
    _long_description(meta, command)
    assignments = node(node(meta, "BaseMetaCommand", metaCommandRef=_BASE), "ArgumentAssignmentList")
    fixed = {"apid": apid, "ack": 15, "service": command.service, "subtype": command.subtype}
    for argument, value in fixed.items():
        node(assignments, "ArgumentAssignment", argumentName=argument, argumentValue=value)
    arguments = Element("ArgumentList")
    container = Element("CommandContainer", {"name": name})
    entries = node(container, "EntryList")
    if command.function_id is not None:
        node(entries, "FixedValueEntry", name="function_id", binaryValue=f"{command.function_id:04X}", sizeInBits=16)
    for field in fields_of(command.cls):
        _argument(types, arguments, entries, name, command.cls, field)
    node(container, "BaseContainer", containerRef=_BASE)
    if len(arguments):
        meta.append(arguments)
    meta.append(container)
    if command.hazardous:
        reason = f"hazardous: send the arm command with code {command.arm_code} first"
        node(meta, "DefaultSignificance", consequenceLevel="critical", reasonForWarning=reason)
    _verifiers(meta, name, system_name)


def _long_description(meta: Element, command: Command) -> None:
    if command.modes is not None:
        names = ", ".join(mode.name for mode in sorted(command.modes))
        node(meta, "LongDescription").text = f"Legal in {names}."


def _argument(types: Element, arguments: Element, entries: Element, owner: str, cls: type, field: Field) -> None:
    if field.base is bytes:
        _bytes_argument(types, arguments, entries, owner, field)
        return
    type_name = flat_name(owner, field.name)
    _argument_type(types, type_name, cls, field)
    for name in element_names("", field):
        _add_argument(arguments, entries, name.removeprefix("_"), type_name, field.wire.meaning)


def _argument_type(types: Element, name: str, cls: type, field: Field) -> None:
    wire = field.wire
    if has_labels(field):
        kind = node(types, "EnumeratedArgumentType", name=name)
        add_unit(kind, wire.unit)
        add_number_encoding(kind, wire.kind)
        add_enumeration(kind, labels_of(field))
        return
    kind = node(types, f"{'Float' if field.base is float else 'Integer'}ArgumentType", name=name)
    if field.base is int:
        kind.set("signed", "true" if wire.kind[0] == "i" else "false")
    kind.set("sizeInBits", "64" if field.base is float or wire.kind == "u64" else "32")
    add_unit(kind, wire.unit)
    encoding = add_number_encoding(kind, wire.kind)
    add_line(encoding, -wire.offset / wire.scale, 1.0 / wire.scale)
    limits = next(item for item in limits_of(cls) if item.name == field.name)
    add_valid_range(node(kind, "ValidRangeSet"), limits.low, limits.high)


def _bytes_argument(types: Element, arguments: Element, entries: Element, owner: str, field: Field) -> None:
    type_name, length = flat_name(owner, field.name), f"{field.name}_length"
    kind = node(types, "IntegerArgumentType", name=f"{type_name}_length", signed="false")
    node(kind, "UnitSet")
    add_integer_encoding(kind, 16)
    add_valid_range(node(kind, "ValidRangeSet"), 0, field.wire.max_bytes)
    kind = node(types, "BinaryArgumentType", name=type_name)
    node(kind, "UnitSet")
    size = node(node(node(kind, "BinaryDataEncoding"), "SizeInBits"), "DynamicValue")
    node(size, "ArgumentInstanceRef", argumentRef=length)
    node(size, "LinearAdjustment", slope=8)
    _add_argument(arguments, entries, length, f"{type_name}_length", "bytes that follow")
    _add_argument(arguments, entries, field.name, type_name, field.wire.meaning)


def _add_argument(arguments: Element, entries: Element, name: str, type_name: str, meaning: str) -> None:
    argument = node(arguments, "Argument", name=name, argumentTypeRef=type_name)
    if meaning:
        argument.set("shortDescription", meaning)
    node(entries, "ArgumentRefEntry", argumentRef=name)


def _verifiers(meta: Element, name: str, system_name: str) -> None:
    inputs = (  # in the order that Yamcs' Pus1Verifier expects
        "/yamcs/cmd/arg/apid",
        "/yamcs/cmdHist/ccsds-seqcount",
        f"/{system_name}/request_apid",
        f"/{system_name}/request_sequence_count",
        f"/{system_name}/subtype",
    )
    verifiers = node(meta, "VerifierSet")
    for tag, stage, seconds in _STAGES:
        verifier = node(verifiers, tag)
        # One name a command and stage: readers that key algorithms by name mix up commands otherwise.
        algorithm = node(verifier, "CustomAlgorithm", name=f"{name}_pus1_stage_{stage}")
        text = node(algorithm, "AlgorithmText", language="java")
        text.text = f"org.yamcs.pus.Pus1Verifier({{stage: {stage}}})"
        input_set = node(algorithm, "InputSet")
        for reference in inputs:
            node(input_set, "InputParameterInstanceRef", parameterRef=reference)
        node(verifier, "CheckWindow", timeToStopChecking=f"PT{seconds}S")
