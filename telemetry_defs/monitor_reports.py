"""What monitors and actions report (PUS 12 and 19), and the words they share with the rest of the dictionary."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import Mode
from telemetry_defs.wire import Wire

MAX_NAME_BYTES = 40
MODE_BITS = tuple(Mode)
"""Bit n of a mask of modes is the n-th mode."""


class CheckResult(IntEnum):
    """What a check came to; any two codes differ in two bits. Without a valid value it is never GOOD."""

    UNCHECKED = 0x03
    """Disabled, outside its modes, not due yet, or a delta that has only one value so far."""
    GOOD = 0x05
    LOW = 0x06
    HIGH = 0x09
    UNEXPECTED = 0x0A
    INVALID = 0x0C
    """The owner of the value says that it has none."""
    STALE = 0x0F
    """The owner of the value has not said anything for too long."""


class MonitorState(IntEnum):
    """What a monitor does; any two codes differ in two bits."""

    ENABLED = 0x03
    PASSIVE = 0x05
    """It watches and reports, and starts no action."""
    DISABLED = 0x06


class CheckKind(IntEnum):
    """How a value is judged; any two codes differ in two bits."""

    LIMIT = 0x03
    DELTA = 0x05
    """The change since the check before."""
    EXPECTED = 0x06


class Effect(IntEnum):
    """What an action does; any two codes differ in two bits."""

    COMMAND = 0x03
    SEQUENCE = 0x05
    MODE = 0x06


_MONITOR = Annotated[int | None, Wire("u8", meaning="id of the monitor")]
_LOW = Annotated[float | None, Wire("f64", unit="1", meaning="fails below, in the unit of the value; now in force")]
_HIGH = Annotated[float | None, Wire("f64", unit="1", meaning="fails above, in the unit of the value; now in force")]


class MonitorReport(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of every event that a monitor raises."""

    monitor: _MONITOR
    result: Annotated[CheckResult | None, Wire("u8", meaning="what the check came to")]
    value: Annotated[float | None, Wire("f64", unit="1", meaning="value, or its change, in the unit of the value")]
    limit: Annotated[float | None, Wire("f64", unit="1", meaning="limit or expected value that was missed")]
    passive: Annotated[bool | None, Wire("bool", meaning="the monitor is passive: no action starts")]


class MonitorDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """TM[12,9]: one monitor as it is defined."""

    monitor: _MONITOR
    structure: Annotated[int | None, Wire("u8", meaning="housekeeping structure of the value")]
    field: Annotated[int | None, Wire("u8", meaning="place of the field in it, from 0")]
    element: Annotated[int | None, Wire("u8", meaning="place in the field, from 0")]
    kind: Annotated[CheckKind | None, Wire("u8", meaning="how it is judged")]
    low: _LOW
    high: _HIGH
    mask: Annotated[int | None, Wire("u64", meaning="bits that are compared with the expected value; none: all")]
    persistence: Annotated[int | None, Wire("u8", meaning="failed checks in a row that make a violation")]
    every_s: Annotated[int | None, Wire("u16", unit="s", meaning="time between checks")]
    modes: Annotated[int | None, Wire("u32", meaning="mask of the modes in which it is checked")]
    event: Annotated[int | None, Wire("u16", meaning="event that it raises")]
    fail_when_invalid: Annotated[bool | None, Wire("bool", meaning="no value, or a stale one, is a failed check")]
    protects: Annotated[bool | None, Wire("bool", meaning="to silence it needs arming")]
    name: Annotated[bytes, Wire("bytes", max_bytes=MAX_NAME_BYTES, meaning="its name")]


class MonitorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """TM[12,14]: one monitor as it stands."""

    monitor: _MONITOR
    state: Annotated[MonitorState | None, Wire("u8", meaning="what it does")]
    result: Annotated[CheckResult | None, Wire("u8", meaning="what the last check came to")]
    value: Annotated[float | None, Wire("f64", unit="1", meaning="value or change at the last check")]
    failures: Annotated[int | None, Wire("u16", meaning="failed checks in a row, at most 65534")]
    violated: Annotated[bool | None, Wire("bool", meaning="a violation lasts")]


class ActionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """TM[19,7]: one action. Numbers: function id or service * 256 + subtype, sequence id, or mode."""

    action: Annotated[int | None, Wire("u8", meaning="id of the action")]
    monitor: Annotated[int | None, Wire("u8", meaning="monitor whose violation starts it")]
    event: Annotated[int | None, Wire("u16", meaning="event that starts it")]
    effect: Annotated[Effect | None, Wire("u8", meaning="what it does")]
    number: Annotated[int | None, Wire("u16", meaning="which command, sequence or mode")]
    enabled: Annotated[bool | None, Wire("bool", meaning="it is started")]
    repeat_s: Annotated[float | None, Wire("f32", unit="s", meaning="least time between two starts, 0: no repetition")]
    runs: Annotated[int | None, Wire("u32", meaning="starts since boot")]
    failed: Annotated[int | None, Wire("u32", meaning="failures since boot")]
    name: Annotated[bytes, Wire("bytes", max_bytes=MAX_NAME_BYTES, meaning="its name")]
