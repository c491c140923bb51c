"""Dictionary area of the timeline: PUS service 11, telecommands that run at a time of their own."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.definitions import (
    APID_SYSTEM,
    Area,
    Command,
    Event,
    FailureCode,
    Housekeeping,
    NoArguments,
    Parameter,
    Severity,
)
from telemetry_defs.packets import MAX_TC_DATA
from telemetry_defs.wire import Wire

MAX_ENTRIES = 64
MAX_INNER_BYTES = MAX_TC_DATA - 10
"""Longest telecommand that fits into another one, behind its release time and length."""

_SHIFT = Wire("f64", unit="s", low=-1.0e6, high=1.0e6, meaning="added to the release time")


class Insert(msgspec.Struct, frozen=True, kw_only=True):
    """A telecommand and when to run it."""

    release_gps_s: Annotated[
        float, Wire("f64", unit="s", low=1.0e9, high=4.29e9, meaning="on-board time since 1980-01-06 to run it at")
    ]
    telecommand: Annotated[bytes, Wire("bytes", max_bytes=MAX_INNER_BYTES, meaning="whole telecommand packet")]


class RequestKey(msgspec.Struct, frozen=True, kw_only=True):
    """One telecommand by its request identifier."""

    source_id: Annotated[int, Wire("u16", low=0, high=65534, meaning="source id of the telecommand")]
    apid: Annotated[int, Wire("u16", low=0, high=0x7FE, meaning="its APID")]
    sequence_count: Annotated[int, Wire("u16", low=0, high=0x3FFF, meaning="its sequence count")]


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Move one telecommand in time."""

    offset_s: Annotated[float, _SHIFT]
    source_id: Annotated[int, Wire("u16", low=0, high=65534, meaning="source id of the telecommand")]
    apid: Annotated[int, Wire("u16", low=0, high=0x7FE, meaning="its APID")]
    sequence_count: Annotated[int, Wire("u16", low=0, high=0x3FFF, meaning="its sequence count")]


class ShiftAll(msgspec.Struct, frozen=True, kw_only=True):
    """Move all telecommands in time."""

    offset_s: Annotated[float, _SHIFT]


class TimelineHk(msgspec.Struct, frozen=True, kw_only=True):
    """State of the timeline."""

    enabled: Annotated[bool | None, Wire("bool", meaning="due telecommands are run")]
    held: Annotated[bool | None, Wire("bool", meaning="held back: the clock was not trusted, ground has to say go")]
    entries: Annotated[int | None, Wire("u8", meaning="telecommands waiting")]
    next_gps_s: Annotated[float | None, Wire("f64", unit="s", meaning="when the next one is due, since 1980-01-06")]
    released: Annotated[int | None, Wire("u32", meaning="telecommands run since boot")]
    late: Annotated[int | None, Wire("u32", meaning="telecommands dropped since boot, too late to run")]
    refused: Annotated[int | None, Wire("u32", meaning="telecommands refused when they were due, since boot")]


class Late(msgspec.Struct, frozen=True, kw_only=True):
    """What was not run."""

    request: Annotated[int | None, Wire("u32", meaning="first four bytes of the telecommand")]
    late_s: Annotated[float | None, Wire("f32", unit="s", meaning="by how much it was late")]


class NotRun(msgspec.Struct, frozen=True, kw_only=True):
    """What was refused and why."""

    request: Annotated[int | None, Wire("u32", meaning="first four bytes of the telecommand")]
    code: Annotated[FailureCode | None, Wire("u16", meaning="why")]


HK = Housekeeping(name="timeline.hk", structure_id=90, cls=TimelineHk, period_s=60.0, meaning="state of the timeline")

ENABLE = Command(
    name="timeline.enable", cls=NoArguments, service=11, subtype=1, meaning="run telecommands when they are due"
)
DISABLE = Command(name="timeline.disable", cls=NoArguments, service=11, subtype=2, meaning="run none of them")
RESET = Command(
    name="timeline.reset", cls=NoArguments, service=11, subtype=3, meaning="forget all telecommands and disable"
)
INSERT = Command(
    name="timeline.insert",
    cls=Insert,
    service=11,
    subtype=4,
    meaning="run a telecommand at a time; a hazardous one must be armed now",
)
DELETE = Command(
    name="timeline.delete", cls=RequestKey, service=11, subtype=5, meaning="forget one waiting telecommand"
)
SHIFT = Command(name="timeline.shift", cls=Shift, service=11, subtype=7, meaning="move one telecommand in time")
SHIFT_ALL = Command(
    name="timeline.shift_all", cls=ShiftAll, service=11, subtype=15, meaning="move all telecommands in time"
)
REPORT = Command(
    name="timeline.report", cls=NoArguments, service=11, subtype=16, meaning="one TM[11,10] for each waiting one"
)
SUMMARY = Command(
    name="timeline.summary", cls=NoArguments, service=11, subtype=17, meaning="one TM[11,13] for each waiting one"
)
GO = Command(
    name="timeline.go", cls=NoArguments, function_id=0x0901, meaning="the clock is right: run what was held back"
)

HELD = Event(
    name="timeline.held",
    event_id=0x0901,
    severity=Severity.MEDIUM,
    cls=NoArguments,
    meaning="the clock cannot be trusted: nothing is run until ground says go",
)
TOO_LATE = Event(
    name="timeline.too_late", event_id=0x0902, severity=Severity.MEDIUM, cls=Late, meaning="a telecommand was dropped"
)
REFUSED = Event(
    name="timeline.refused",
    event_id=0x0903,
    severity=Severity.MEDIUM,
    cls=NotRun,
    meaning="a due telecommand did not run",
)

LATE_S = Parameter(
    name="timeline.late_s",
    parameter_id=0x0901,
    default=60.0,
    low=1.0,
    high=86400.0,
    unit="s",
    meaning="a telecommand that is later than this is dropped",
)

AREA = Area(
    name="timeline",
    apid=APID_SYSTEM,
    number=9,
    housekeeping=(HK,),
    commands=(ENABLE, DISABLE, RESET, INSERT, DELETE, SHIFT, SHIFT_ALL, REPORT, SUMMARY, GO),
    events=(HELD, TOO_LATE, REFUSED),
    parameters=(LATE_S,),
)
