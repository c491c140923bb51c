"""Arguments of a telecommand as a configuration file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from telemetry_defs.definitions import Command
from telemetry_defs.ranges import check_ranges
from telemetry_defs.wire import Field, enum_members, fields_of


def build_arguments(command: Command, given: Mapping[str, object]) -> Any:
    """The argument record; codes may be given by name.

    Raises:
        ValueError: an argument is unknown, missing, of the wrong type or out of range; says which and what is allowed.
    """
    fields = {field.name: field for field in fields_of(command.cls)}
    for key in given:
        if key not in fields:
            raise ValueError(f"{command.name} has no argument {key!r}; it takes {', '.join(fields) or 'none'}")
    try:
        record = msgspec.convert({key: _plain(fields[key], value) for key, value in given.items()}, command.cls)
    except msgspec.ValidationError as error:
        raise ValueError(f"{command.name}: {error}") from None
    problem = check_ranges(record)
    if problem:
        raise ValueError(f"{command.name}: {problem}")
    return record


def _plain(field: Field, value: object) -> object:
    members = {member.name: member.value for member in enum_members(field)}
    if not members or not isinstance(value, str):
        return value
    if value not in members:
        raise ValueError(f"{field.name} = {value!r} is not allowed: expected one of {', '.join(members)}")
    return members[value]
