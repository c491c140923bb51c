"""Dictionary area of stored command sequences: PUS service 21."""

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
    Severity,
)
from telemetry_defs.packets import MAX_TC_DATA
from telemetry_defs.wire import Wire

FIRST_ID, FIRST_LOADED_ID, LAST_ID = 1, 64, 127
"""Below `FIRST_LOADED_ID` the sequences that ship with the rover, from there on those that ground loads."""
MAX_RUNNING = 4
MAX_BYTES = 8192
"""Longest compiled sequence."""
PART_BYTES = MAX_TC_DATA - 10
"""What fits into one TC[21,1] beside id, part, parts, CRC-32, flag and length."""
MAX_PARTS = -(-MAX_BYTES // PART_BYTES)
LOAD_ARM_CODE = 0x08FF
"""Arms part 0 of a load that holds hazardous commands; no function has this number."""

_ANY = Wire("u8", low=FIRST_ID, high=LAST_ID, meaning="sequence")
_STEP = Wire("u8", meaning="step, from 1; 0 for none")


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a compiled sequence."""

    sequence_id: Annotated[int, Wire("u8", low=FIRST_LOADED_ID, high=LAST_ID, meaning="sequence")]
    part: Annotated[int, Wire("u8", low=0, high=MAX_PARTS - 1, meaning="place of the part, from 0")]
    parts: Annotated[int, Wire("u8", low=1, high=MAX_PARTS, meaning="number of parts")]
    crc32: Annotated[int, Wire("u32", meaning="CRC-32 over the data of all parts together")]
    hazardous: Annotated[bool, Wire("bool", meaning="holds hazardous commands: part 0 must be armed")]
    data: Annotated[bytes, Wire("bytes", max_bytes=PART_BYTES, meaning="content of the part")]


class SequenceId(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence."""

    sequence_id: Annotated[int, _ANY]


class ShippedId(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence that ships with the rover."""

    sequence_id: Annotated[int, Wire("u8", low=FIRST_ID, high=FIRST_LOADED_ID - 1, meaning="shipped sequence")]


class SequencesHk(msgspec.Struct, frozen=True, kw_only=True):
    """State of the stored sequences."""

    loaded: Annotated[int | None, Wire("u8", meaning="sequences on board")]
    running: Annotated[
        tuple[int | None, ...], Wire("u8", count=MAX_RUNNING, meaning="sequences running; no value for a free place")
    ]
    step: Annotated[
        tuple[int | None, ...], Wire("u8", count=MAX_RUNNING, meaning="step that each is at, from 1; 0 while aborting")
    ]
    started: Annotated[int | None, Wire("u32", meaning="sequences started since boot")]
    completed: Annotated[int | None, Wire("u32", meaning="of these, run to their end")]
    aborted: Annotated[int | None, Wire("u32", meaning="of these, aborted")]
    rejected: Annotated[int | None, Wire("u32", meaning="loads and starts that validation refused since boot")]
    loads_open: Annotated[int | None, Wire("u8", meaning="loads of which parts are missing")]


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What runs now."""

    sequence_id: Annotated[int | None, _ANY]


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    """How far it came."""

    sequence_id: Annotated[int | None, _ANY]
    step: Annotated[int | None, _STEP]


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """What ended well."""

    sequence_id: Annotated[int | None, _ANY]
    run_s: Annotated[float | None, Wire("u32", scale=0.001, unit="s", meaning="time from start to end")]


class Aborted(msgspec.Struct, frozen=True, kw_only=True):
    """What was aborted, where and why."""

    sequence_id: Annotated[int | None, _ANY]
    step: Annotated[int | None, _STEP]
    code: Annotated[FailureCode | None, Wire("u16", meaning="why")]


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """What validation refused."""

    sequence_id: Annotated[int | None, _ANY]
    step: Annotated[int | None, _STEP]
    reason: Annotated[bytes, Wire("bytes", max_bytes=160, meaning="why, ASCII")]


HK = Housekeeping(
    name="sequences.hk", structure_id=85, cls=SequencesHk, period_s=60.0, meaning="state of the stored sequences"
)

LOAD = Command(
    name="sequences.load",
    cls=Load,
    service=21,
    subtype=1,
    arm_as=LOAD_ARM_CODE,
    meaning="one part of a sequence; the last one validates and keeps it",
)
LOAD_SHIPPED = Command(
    name="sequences.load_shipped",
    cls=ShippedId,
    service=21,
    subtype=2,
    meaning="take a shipped sequence that was unloaded on board again",
)
UNLOAD = Command(name="sequences.unload", cls=SequenceId, service=21, subtype=3, meaning="forget a sequence")
START = Command(name="sequences.start", cls=SequenceId, service=21, subtype=4, meaning="validate and run a sequence")
ABORT = Command(
    name="sequences.abort", cls=SequenceId, service=21, subtype=5, meaning="abort a running sequence as a unit"
)
REPORT = Command(
    name="sequences.report", cls=NoArguments, service=21, subtype=6, meaning="one TM[21,7] for each sequence on board"
)
REPORT_CONTENT = Command(
    name="sequences.report_content",
    cls=SequenceId,
    service=21,
    subtype=128,
    meaning="the compiled sequence in parts, TM[21,129]",
)

STARTED = Event(
    name="sequences.started", event_id=0x0801, severity=Severity.INFO, cls=Started, meaning="a sequence runs"
)
STEP_DONE = Event(
    name="sequences.step_done", event_id=0x0802, severity=Severity.INFO, cls=StepDone, meaning="a step has completed"
)
COMPLETED = Event(
    name="sequences.completed", event_id=0x0803, severity=Severity.INFO, cls=Completed, meaning="a sequence has ended"
)
ABORTED = Event(
    name="sequences.aborted", event_id=0x0804, severity=Severity.MEDIUM, cls=Aborted, meaning="no later step runs"
)
REJECTED = Event(
    name="sequences.rejected",
    event_id=0x0805,
    severity=Severity.MEDIUM,
    cls=Rejected,
    meaning="a sequence was not accepted or not started",
)
INTERRUPTED = Event(
    name="sequences.interrupted",
    event_id=0x0806,
    severity=Severity.MEDIUM,
    cls=Started,
    meaning="it was running when the last boot ended, and is not resumed",
)

AREA = Area(
    name="sequences",
    apid=APID_SYSTEM,
    number=8,
    housekeeping=(HK,),
    commands=(LOAD, LOAD_SHIPPED, UNLOAD, START, ABORT, REPORT, REPORT_CONTENT),
    events=(STARTED, STEP_DONE, COMPLETED, ABORTED, REJECTED, INTERRUPTED),
)
