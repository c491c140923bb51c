"""Arguments of telecommands from names and plain values: conversion and range check, for ground and for sequence files.

Enums are given by name (any case) or number. Where a command takes a number that stands for something with a name, the
name will do: a parameter, a housekeeping packet, an event, or what is to be armed. Bytes may be given
as hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import IntEnum
from types import MappingProxyType

import msgspec

from telemetry_defs.areas import system
from telemetry_defs.checks import DictionaryError
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command, Parameter
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.ranges import check_ranges
from telemetry_defs.wire import Field, enum_members, fields_of

Arguments = Mapping[str, object]
_Number = Callable[[Dictionary, str], int]

_HEX = re.compile(r"([0-9a-fA-F]{2})*")
ALIASES: Mapping[str, str] = MappingProxyType(
    {"parameter": "parameter_id", "structure": "structure_id", "event": "event_id"}
)
_NUMBERS: Mapping[str, _Number] = MappingProxyType(
    {
        "parameter_id": lambda dictionary, name: dictionary.parameter(name).parameter_id,
        "structure_id": lambda dictionary, name: dictionary.hk(name).structure_id,
        "event_id": lambda dictionary, name: dictionary.event(name).event_id,
    }
)


class ArgumentError(ValueError):
    """An argument is unknown, missing or illegal; one line that begins with the command's name.

    ``argument`` names it; ``problem`` is the line without the name of the command.
    """

    def __init__(self, command: Command, argument: str, problem: str) -> None:
        """Keep what it is about."""
        super().__init__(f"{command.name}: {problem}")
        self.argument = argument
        self.problem = problem


def arm_code_of(dictionary: Dictionary, name: str) -> int:
    """Return what ``system.arm`` must name before a hazardous command, or the change of a hazardous parameter.

    Raises:
        DictionaryError: no such command or parameter, or it needs no arming.
    """
    items: list[Command | Parameter] = [*dictionary.commands, *dictionary.parameters]
    known = {item.name: item for item in items}
    if name not in known:
        raise DictionaryError(f"unknown command or parameter {name!r}{_hint(name, list(known))}")
    item = known[name]
    sometimes = isinstance(item, Command) and item.arm_as is not None
    if item.arm_code is None or not (item.hazardous or sometimes):
        raise DictionaryError(f"{name!r} needs no arming")
    return item.arm_code


def build_arguments(dictionary: Dictionary, name: str, arguments: Arguments) -> msgspec.Struct:
    """Return the checked argument record of a command.

    Raises:
        DictionaryError: unknown command.
        ArgumentError: unknown, missing or illegal argument. Names command, argument and legal range.
    """
    command = dictionary.command(name)
    fields = {field.name: field for field in fields_of(command.cls)}
    given = _by_field(command, fields, arguments)
    values = {key: _value(dictionary, command, fields[key], value) for key, value in given.items()}
    try:
        record: msgspec.Struct = command.cls(**values)
    except TypeError:
        raise _missing(command, values) from None
    _check(dictionary, command, record)
    return record


def pack_command(
    dictionary: Dictionary, name: str, record: msgspec.Struct, codecs: Codecs
) -> tuple[int, int, int, bytes]:
    """Return APID, service, subtype and data of the telecommand that carries these arguments."""
    command = dictionary.command(name)
    data = codecs.pack(record)
    if command.function_id is not None:
        data = command.function_id.to_bytes(2, "big") + data
    return dictionary.apid(name), command.service, command.subtype, data


def _by_field(command: Command, fields: Mapping[str, Field], arguments: Arguments) -> dict[str, object]:
    given: dict[str, object] = {}
    for key, value in arguments.items():
        name = key if key in fields else ALIASES.get(key, key)
        if name not in fields:
            takes = f"it takes {', '.join(fields)}" if fields else "it takes none"
            raise ArgumentError(command, key, f"no argument {key[:60]!r}{_hint(key, list(fields))}; {takes}")
        given[name] = value
    return given


def _missing(command: Command, values: Mapping[str, object]) -> ArgumentError:
    wanted = [field.name for field in msgspec.structs.fields(command.cls) if field.required]
    lacking = [name for name in wanted if name not in values]
    return ArgumentError(command, lacking[0], f"argument {lacking[0]!r} is missing")


def _value(dictionary: Dictionary, command: Command, field: Field, value: object) -> object:
    if value is None and field.optional:
        return None
    if field.is_tuple:
        if not isinstance(value, (list, tuple)) or len(value) != field.wire.count:
            raise ArgumentError(command, field.name, f"{field.name} = {value!r} must be a list of {field.wire.count}")
        return tuple(_single(dictionary, command, field, item) for item in value)
    return _single(dictionary, command, field, value)


def _single(dictionary: Dictionary, command: Command, field: Field, value: object) -> object:
    if field.is_enum:
        return _member(command, field, value)
    if isinstance(value, str) and field.base is int:
        return _named_number(dictionary, command, field, value)
    if isinstance(value, str) and field.base is bytes and _HEX.fullmatch(value):
        return bytes.fromhex(value)
    if field.base is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    fits = isinstance(value, field.base) and (field.base is bool or not isinstance(value, bool))
    if not fits:
        wanted = {
            float: "a number",
            int: "a whole number",
            bool: "true or false",
            bytes: "bytes, as pairs of hexadecimal digits",
        }[field.base]
        raise ArgumentError(command, field.name, f"{field.name} = {value!r} must be {wanted}")
    return value


def _member(command: Command, field: Field, value: object) -> IntEnum:
    members = enum_members(field)
    if not isinstance(value, bool):
        for member in members:
            if value == int(member) or (isinstance(value, str) and value.upper() == member.name):
                return member
    names = [member.name for member in members]
    hint = _hint(value.upper(), names) if isinstance(value, str) else ""
    raise ArgumentError(command, field.name, f"{field.name} = {value!r} is none of {', '.join(names)}{hint}")


def _named_number(dictionary: Dictionary, command: Command, field: Field, name: str) -> int:
    try:
        if command.cls is system.Arm:
            return arm_code_of(dictionary, name)
        if field.name in _NUMBERS:
            return _NUMBERS[field.name](dictionary, name)
    except DictionaryError as error:
        raise ArgumentError(command, field.name, str(error)) from None
    raise ArgumentError(command, field.name, f"{field.name} = {name!r} must be a whole number")


def _check(dictionary: Dictionary, command: Command, record: msgspec.Struct) -> None:
    problem = check_ranges(record)
    if problem:
        raise ArgumentError(command, problem.partition(" ")[0], problem)
    if isinstance(record, system.SetParameter):
        parameter = dictionary.parameter_by_id(record.parameter_id)
        if parameter is None:
            raise ArgumentError(command, "parameter_id", f"no parameter has number {record.parameter_id:#06x}")
        problem = parameter.problem(record.value)
        if problem:
            raise ArgumentError(command, "value", problem)


def _hint(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
