"""A compiled sequence: what travels up, what is kept, what runs.

MessagePack of (version, sequence), every record as an array; the CRC-32 travels and is kept beside it.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from telemetry_defs.areas.sequences import FIRST_ID, LAST_ID, MAX_BYTES
from telemetry_defs.definitions import Mode
from telemetry_defs.points import Point

VERSION: Final = 1
MAX_STEPS: Final = 64
MAX_ABORT_STEPS: Final = 8
MAX_RUN_MS: Final = 14 * 86_400_000
"""A lunar day of light."""

Milliseconds = Annotated[int, Meta(ge=0, le=MAX_RUN_MS)]
_Byte = Annotated[int, Meta(ge=0, le=255)]


class SequenceError(Exception):
    """These bytes are no sequence that this software knows."""


class CommandStep(msgspec.Struct, frozen=True, array_like=True, tag=1, forbid_unknown_fields=True):
    """A telecommand without its packet headers."""

    at_ms: Milliseconds
    """Not before this time since the start, or since the end of the last wait."""
    apid: Annotated[int, Meta(ge=0, le=0x7FE)]
    service: _Byte
    subtype: _Byte
    data: Annotated[bytes, Meta(max_length=243)]
    """Function id, where there is one, and arguments."""


class WaitStep(msgspec.Struct, frozen=True, array_like=True, tag=2, forbid_unknown_fields=True):
    """Goes on once a value of telemetry is good and within limits; both are inclusive, None is no limit."""

    structure_id: _Byte
    field: _Byte
    element: _Byte
    low: float | None
    high: float | None
    timeout_ms: Milliseconds

    @property
    def point(self) -> Point:
        """The value waited for."""
        return Point(self.structure_id, self.field, self.element)

    def is_met_by(self, value: float) -> bool:
        """Whether a good value ends the wait."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


Step = CommandStep | WaitStep


class Sequence(msgspec.Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """One sequence; times count from its start."""

    sequence_id: Annotated[int, Meta(ge=FIRST_ID, le=LAST_ID)]
    name: Annotated[str, Meta(max_length=40)]
    modes: tuple[Mode, ...]
    """It may start in these."""
    max_run_ms: Milliseconds
    valid_from_gps_s: int | None = None
    valid_until_gps_s: int | None = None
    """On-board time, seconds since the GPS epoch; it runs only from the first to the second."""
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=MAX_STEPS)]
    abort_steps: Annotated[tuple[CommandStep, ...], Meta(max_length=MAX_ABORT_STEPS)] = ()
    """Run once, in order, when it is aborted; their times are not looked at."""

    @property
    def has_window(self) -> bool:
        """Whether it needs a clock that can be trusted."""
        return self.valid_from_gps_s is not None or self.valid_until_gps_s is not None


def encode(sequence: Sequence) -> bytes:
    """The compiled form."""
    return msgspec.msgpack.encode((VERSION, sequence))


def decode(data: bytes) -> Sequence:
    """The sequence in these bytes; whether it makes sense is another question (`validate`).

    Raises:
        SequenceError: too long, another version, or no such record.
    """
    if len(data) > MAX_BYTES:
        raise SequenceError(f"{len(data)} bytes, at most {MAX_BYTES}")
    try:
        version, raw = msgspec.msgpack.decode(data, type=tuple[int, msgspec.Raw])
        if version != VERSION:
            raise SequenceError(f"format version {version}, not {VERSION}")
        return msgspec.msgpack.decode(raw, type=Sequence)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SequenceError(f"no compiled sequence: {error}") from None
