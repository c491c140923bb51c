"""Telecommands as ground might send them: sensible, silly and illegal, with arguments from the dictionary's ranges."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
from hypothesis import strategies as st

from sil.scenario import CommandSection, Radio
from sil.strategies.numbers import between, tenths
from telemetry_defs.areas.mobility_reports import Wheel
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import build_tc
from telemetry_defs.ranges import limits_of
from telemetry_defs.wire import Field, enum_members, fields_of

Step = tuple[CommandSection, ...]
"""One thing that ground does: a command, or an arming and what it arms."""
RADIOS: Final[tuple[Radio, ...]] = ("local", "local", "local", "relay")
ONBOARD_GPS_S: Final = 1_569_888_018.0
"""On-board time at the start of `starts()`, rounded down."""
WIDE: Final = 1e6
FIRST_S: Final = 7.0
"""INIT is over by then."""
INNER_SOURCE: Final = 9
SPECIAL: Final = ("system.arm", "timeline.insert", "sequences.load", "sequences.load_shipped")
DRIVES: Final = ("mobility.arc", "mobility.turn", "mobility.drive_to", "mobility.drive")
HALTS: Final = ("system.stop", "mobility.stop")
MOTIONS_OF: Final = {"SERVICE": ("mobility.test_wheel", "mobility.test_steering"), "EGRESS": ("mobility.egress_drive",)}


def commands() -> dict[str, Command]:
    """All commands by name."""
    return {command.name: command for area in DICTIONARY.areas for command in area.commands}


@cache
def arguments(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Plain arguments of a command, each within its own range; rules between them may still refuse it."""
    if name in ("system.set_parameter", "system.stage_parameter"):
        return _parameter()
    if name == "timeline.insert":
        return _insertion()
    command = DICTIONARY.command(name)
    return st.fixed_dictionaries({field.name: _value(command.cls, field) for field in fields_of(command.cls)})


def _value(cls: type, field: Field) -> st.SearchStrategy[Any]:
    if field.base is bytes:
        return st.binary(max_size=min(12, field.wire.max_bytes)).map(lambda data: data.hex())
    if field.base is bool:
        return st.booleans()
    if field.is_enum:
        return st.sampled_from([member.name for member in enum_members(field)])
    limits = next(item for item in limits_of(cls) if item.name == field.name)
    low, high = max(limits.low, -WIDE), min(limits.high, max(WIDE, limits.low + WIDE))
    if field.base is int:
        return st.integers(int(low), int(high))
    return between(low, high, min(max(0.0, low), high))


@st.composite
def _parameter(draw: st.DrawFn) -> dict[str, Any]:
    """Within the parameter's own range, or its default."""
    parameter = draw(st.sampled_from(DICTIONARY.parameters))
    value = draw(st.sampled_from([parameter.default, parameter.low, parameter.high]))
    return {"parameter_id": parameter.name, "value": value}


@st.composite
def _insertion(draw: st.DrawFn) -> dict[str, Any]:
    """A motion or a ping, to be run within the minute."""
    name = draw(st.sampled_from(["system.ping", "mobility.arc", "system.set_mode"]))
    record = draw(_record(name))
    packed = pack(name, record, INNER_SOURCE, draw(st.integers(0, 3)))
    return {"release_gps_s": ONBOARD_GPS_S + draw(tenths(0.0, 60.0)), "telecommand": packed.hex()}


@st.composite
def _record(draw: st.DrawFn, name: str) -> Any:
    from telemetry_defs.arguments import build_arguments

    plain = draw(drives(name)) if name in DRIVES else draw(arguments(name))
    return build_arguments(DICTIONARY, name, plain)


def pack(name: str, record: Any, source: int, count: int) -> bytes:
    """One telecommand packet."""
    from telemetry_defs.arguments import pack_command

    apid, service, subtype, data = pack_command(DICTIONARY, name, record, Codecs())
    return build_tc(apid, service, subtype, count, source, data)


def drives(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A motion as an operator means it: near, slow, with a limit that matters within a minute."""
    speed, timeout = st.sampled_from([0.04, 0.05, 0.02]), st.sampled_from([50.0, 100.0, 50.0, 20.0, 8.0])
    if name == "mobility.arc":
        curvature = st.sampled_from([0.0, 0.5, -0.5, 1.0])
        distance = st.sampled_from([2.0, -2.0, 0.3])
        return _table(distance_m=distance, curvature_1_m=curvature, speed_m_s=speed, timeout_s=timeout)
    if name == "mobility.turn":
        return _table(angle_rad=st.sampled_from([1.0, -1.0, 3.0]), rate_rad_s=st.just(0.08), timeout_s=timeout)
    if name == "mobility.drive_to":
        place = between(8.0, 14.0, 12.0)
        return _table(x_m=place, y_m=between(-2.0, 2.0, 0.0), speed_m_s=speed, timeout_s=timeout)
    yaw, valid = st.sampled_from([0.0, 0.1]), st.sampled_from([2.0, 5.0, 1.0])
    return _table(speed_m_s=speed, yaw_rate_rad_s=yaw, valid_for_s=valid)


def _table(**values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(values)


@st.composite
def motions(draw: st.DrawFn, last_s: float, mode: str = "IDLE") -> Step:
    """A motion that is legal in `mode`, or one of DRIVES, armed; sometimes it is stopped, or a wheel masked before."""
    name = draw(st.sampled_from(MOTIONS_OF.get(mode, DRIVES)))
    args = draw(drives(name) if name in DRIVES else arguments(name))
    at_s = draw(tenths(FIRST_S, max(FIRST_S, min(last_s, 20.0))))
    motion = _armed(CommandSection(at_s=at_s, name=name, args=args))
    company = draw(st.sampled_from(["none", "none", "none", "none", "stop", "mask"]))
    if company == "stop":
        stop_s = round(at_s + draw(tenths(0.5, 8.0)), 1)
        halt, radio = draw(st.sampled_from(HALTS)), draw(st.sampled_from(RADIOS))
        return (*motion, CommandSection(at_s=stop_s, name=halt, radio=radio))
    if company == "mask":
        mask = {"wheel": draw(st.sampled_from([wheel.name for wheel in Wheel])), "masked": True}
        return (CommandSection(at_s=FIRST_S - 1.0, name="mobility.mask_wheel", args=mask), *motion)
    return motion


@st.composite
def command_steps(draw: st.DrawFn, last_s: float, names: Sequence[str] = ()) -> Step:
    """Any command of the dictionary (or of `names`), armed where it must be, most of the time."""
    name = draw(st.sampled_from(list(names) or sorted(set(commands()) - set(SPECIAL) | {"timeline.insert"})))
    at_s, radio = draw(tenths(0.0, last_s)), draw(st.sampled_from(RADIOS))
    args = draw(drives(name)) if name in DRIVES and draw(st.booleans()) else draw(arguments(name))
    command = CommandSection(at_s=at_s, name=name, args=args, radio=radio)
    return draw(_arming(command, last_s)) if _target(name, args) else (command,)


@st.composite
def _arming(draw: st.DrawFn, command: CommandSection, last_s: float) -> Step:
    """As it should be, or forgotten, or taken for two, or of something else."""
    way = draw(st.sampled_from(["forgotten", "right", "right", "right", "right", "for two", "other"]))
    if way == "forgotten":
        return (command,)
    if way == "other":
        other = draw(st.sampled_from([name for name, known in commands().items() if known.hazardous]))
        return (_arm(command, other), command)
    again_s = min(last_s, round(command.at_s + draw(tenths(0.2, 5.0)), 1))
    again = (msgspec.structs.replace(command, at_s=again_s),) if way == "for two" else ()
    return (*_armed(command), *again)


def _armed(command: CommandSection) -> Step:
    """With the arming that it needs."""
    target = _target(command.name, command.args)
    return (command,) if target is None else (_arm(command, target), command)


def _arm(command: CommandSection, target: str) -> CommandSection:
    """Just before the command."""
    return CommandSection(at_s=command.at_s, name="system.arm", args={"target": target}, radio=command.radio)


def _target(name: str, args: dict[str, Any]) -> str | None:
    """What must be armed before."""
    if name == "system.set_parameter":
        parameter = DICTIONARY.parameter(args["parameter_id"])
        return parameter.name if parameter.hazardous else None
    return name if commands()[name].hazardous else None
