"""The crash record, as it comes down."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.definitions import Command, Event, NoArguments, Severity
from telemetry_defs.wire import Wire

EVENTS = 20
ERROR_BYTES = 80


class CrashReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was raised where, and the events before it, oldest first."""

    boot_count: Annotated[int | None, Wire("u32", meaning="the boot in which it happened")]
    gps_time_s: Annotated[float | None, Wire("f64", unit="s", meaning="on-board time since 1980-01-06")]
    row: Annotated[int | None, Wire("u8", meaning="row in the order of the schedule; none: the executive itself")]
    cycle: Annotated[int | None, Wire("u32", meaning="cycle of that boot")]
    event_ids: Annotated[tuple[int | None, ...], Wire("u16", count=EVENTS, meaning="ids of the last events before it")]
    event_ages_s: Annotated[
        tuple[float | None, ...],
        Wire("u32", scale=0.001, unit="s", count=EVENTS, meaning="how long before it they came"),
    ]
    error: Annotated[bytes, Wire("bytes", max_bytes=ERROR_BYTES, meaning="type and text of the exception, ASCII")]


CRASH_RECORD = Event(
    name="system.crash_record",
    event_id=0x0119,
    severity=Severity.HIGH,
    cls=CrashReport,
    meaning="an exception of an earlier boot, or the newest one on request",
)
REPORT_CRASH = Command(
    name="system.report_crash", cls=NoArguments, function_id=0x0108, meaning="send the crash record again"
)
