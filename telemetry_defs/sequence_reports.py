"""Bodies of the reports of PUS service 21: stored sequences."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.wire import Wire

SEQUENCE_SERVICE, SEQUENCE_STATUS_SUBTYPE, SEQUENCE_PART_SUBTYPE = 21, 7, 129
SEQUENCE_PART_BYTES = 960


class SequenceState(IntEnum):
    """What a sequence is doing; any two codes differ in at least two bits."""

    INACTIVE = 0x03
    RUNNING = 0x05
    WAITING = 0x06
    """For a value of telemetry."""
    ABORTING = 0x09


class SequenceStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[21,7]: one sequence on board."""

    index: Annotated[int, Wire("u8", meaning="place of the report, from 0")]
    total: Annotated[int, Wire("u8", meaning="sequences on board")]
    sequence_id: Annotated[int, Wire("u8", meaning="sequence")]
    state: Annotated[SequenceState, Wire("u8", meaning="what it is doing")]
    step: Annotated[int | None, Wire("u8", meaning="step it is at, from 1; no value unless it runs")]
    run_s: Annotated[float | None, Wire("u32", scale=0.001, unit="s", meaning="time since its start")]


class SequencePart(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """TM[21,129]: one part of a compiled sequence."""

    sequence_id: Annotated[int, Wire("u8", meaning="sequence")]
    index: Annotated[int, Wire("u8", meaning="place of the part, from 0")]
    total: Annotated[int, Wire("u8", meaning="number of parts")]
    crc32: Annotated[int, Wire("u32", meaning="CRC-32 over the data of all parts together")]
    data: Annotated[bytes, Wire("bytes", max_bytes=SEQUENCE_PART_BYTES, meaning="content of the part")]
