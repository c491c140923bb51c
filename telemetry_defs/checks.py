"""What must hold of a dictionary before anyone uses it: unique numbers, good names, units, sizes that fit a packet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from telemetry_defs.codec import Codec
from telemetry_defs.definitions import (
    COMMAND_SERVICE,
    COMMAND_SUBTYPE,
    PARAMETER_ARM_BIT,
    Area,
    Command,
    Event,
    Housekeeping,
    Parameter,
)
from telemetry_defs.packets import MAX_TC_DATA, MAX_TM_DATA
from telemetry_defs.wire import DeclarationError, fields_of

_AREA_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ITEM_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class DictionaryError(ValueError):
    """A declaration is wrong, or a name is unknown; the message names the culprit."""


def check_areas(areas: tuple[Area, ...]) -> None:
    """Check all areas, each for itself and against the others.

    Raises:
        DictionaryError: the first problem found.
    """
    for area in areas:
        for problem in _area_problems(area):
            raise DictionaryError(problem)
    for problem in _collisions(areas):
        raise DictionaryError(problem)


def _area_problems(area: Area) -> Iterator[str]:
    if not _AREA_NAME.fullmatch(area.name):
        yield f"area {area.name!r}: name must be lower_case"
    if not 0 <= area.apid < 0x7FF:
        yield f"area {area.name}: APID {area.apid:#x} outside 0..0x7fe"
    if not 0 <= area.number <= 0xFF:
        yield f"area {area.name}: number {area.number} outside 0..255"
    yield from _item_problems(area)


def _item_problems(area: Area) -> Iterator[str]:
    items: tuple[Housekeeping | Command | Event | Parameter, ...] = (
        *area.housekeeping,
        *area.commands,
        *area.events,
        *area.parameters,
    )
    for item in items:
        if not _ITEM_NAME.fullmatch(item.name) or not item.name.startswith(area.name + "."):
            yield f"{item.name!r}: name must be {area.name}.lower_case"
        if not item.meaning:
            yield f"{item.name}: meaning is empty"
    for hk in area.housekeeping:
        yield from _housekeeping_problems(hk)
    for command in area.commands:
        yield from _command_problems(area, command)
    for event in area.events:
        yield from _event_problems(event)
    for parameter in area.parameters:
        yield from _parameter_problems(parameter)


def _housekeeping_problems(item: Housekeeping) -> Iterator[str]:
    if not 0 <= item.structure_id <= 0xFE:
        yield f"{item.name}: structure id {item.structure_id} outside 0..254"
    if not item.period_s >= 0.0:
        yield f"{item.name}: period {item.period_s} s is negative"
    yield from _record_problems(item.name, item.cls, MAX_TM_DATA - 1)


def _command_problems(area: Area, item: Command) -> Iterator[str]:
    own_service = item.function_id is None
    if own_service == ((item.service, item.subtype) == (COMMAND_SERVICE, COMMAND_SUBTYPE)):
        yield f"{item.name}: needs either a function id (TC[8,1]) or a service and subtype of its own"
    if item.function_id is not None and item.function_id >> 8 != area.number:
        yield f"{item.name}: function id {item.function_id:#06x} must have the area number {area.number:#04x} above"
    if item.function_id is not None and item.function_id >= PARAMETER_ARM_BIT:
        yield f"{item.name}: function id {item.function_id:#06x} collides with the arm codes of parameters"
    if not (0 <= item.service <= 255 and 0 <= item.subtype <= 255):
        yield f"{item.name}: service {item.service}, subtype {item.subtype} outside 0..255"
    yield from _record_problems(item.name, item.cls, MAX_TC_DATA - (0 if own_service else 2))


def _event_problems(item: Event) -> Iterator[str]:
    if not 0 <= item.event_id <= 0xFFFE:
        yield f"{item.name}: event id {item.event_id} outside 0..65534"
    yield from _record_problems(item.name, item.cls, MAX_TM_DATA - 2)


def _parameter_problems(item: Parameter) -> Iterator[str]:
    if not 0 <= item.parameter_id < PARAMETER_ARM_BIT:
        yield f"{item.name}: parameter id {item.parameter_id} outside 0..32767"
    if not item.unit:
        yield f'{item.name}: unit is empty (dimensionless is "1")'
    problem = item.problem(item.default)
    if problem:
        yield f"default of {problem}"


def _record_problems(name: str, cls: type, limit: int) -> Iterator[str]:
    try:
        fields = fields_of(cls)
    except (DeclarationError, TypeError, NameError) as error:
        yield f"{name}: {error}"
        return
    for field in fields:
        if field.base is float and not field.wire.unit:
            yield f'{name}: field {field.name} has no unit (dimensionless is "1")'
    size = Codec(cls).max_size
    if size > limit:
        yield f"{name}: {size} bytes, at most {limit} fit a packet"


def _collisions(areas: tuple[Area, ...]) -> Iterator[str]:
    commands = [item for area in areas for item in area.commands]
    parameters = [item for area in areas for item in area.parameters]
    yield from _twice("area name", ((area.name, area.name) for area in areas))
    yield from _twice("area number", ((area.number, area.name) for area in areas))
    for kind in ("housekeeping", "commands", "events", "parameters"):
        yield from _twice("name", ((item.name, item.name) for area in areas for item in getattr(area, kind)))
    structures = [item for area in areas for item in area.housekeeping]
    yield from _twice("structure id", ((item.structure_id, item.name) for item in structures))
    yield from _twice("function id", ((c.function_id, c.name) for c in commands if c.function_id is not None))
    yield from _twice("service", (((c.service, c.subtype), c.name) for c in commands if c.function_id is None))
    yield from _twice("event id", ((item.event_id, item.name) for area in areas for item in area.events))
    yield from _twice("parameter id", ((item.parameter_id, item.name) for item in parameters))


def _twice(what: str, items: Iterable[tuple[object, str]]) -> Iterator[str]:
    owners: dict[object, str] = {}
    for number, name in items:
        if number in owners:
            yield f"{what} {number} of {name} is taken by {owners[number]}"
        owners[number] = name
