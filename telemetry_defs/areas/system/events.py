"""Events of the core."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.areas.system.housekeeping import ResetCause
from telemetry_defs.definitions import TM_APIDS, Event, Mode, NoArguments, Severity
from telemetry_defs.monitor_reports import MonitorReport
from telemetry_defs.packets import TimeQuality
from telemetry_defs.wire import Wire


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """Who came up and why."""

    software_version: Annotated[int | None, Wire("u32", meaning="major * 65536 + minor * 256 + patch")]
    dictionary_hash: Annotated[int | None, Wire("u32", meaning="CRC-32 of the mission dictionary")]
    boot_count: Annotated[int | None, Wire("u32", meaning="boots since the state image was made")]
    reset_cause: Annotated[ResetCause | None, Wire("u8", meaning="why this boot happened")]
    last_mode: Annotated[Mode | None, Wire("u8", meaning="mode before this boot, if it was kept")]
    minimal: Annotated[bool | None, Wire("bool", meaning="minimal SAFE set of rows is running")]
    first_counts: Annotated[
        tuple[int | None, ...],
        Wire("u16", count=len(TM_APIDS), meaning="first sequence count of this boot for each APID, in their order"),
    ]
    recorded_until_gps_s: Annotated[
        float | None,
        Wire("f64", unit="s", meaning="time of the newest packet found in the store: since then nothing was kept"),
    ]


class ModeChanged(msgspec.Struct, frozen=True, kw_only=True):
    """From where to where."""

    old: Annotated[Mode | None, Wire("u8", meaning="mode left")]
    new: Annotated[Mode | None, Wire("u8", meaning="mode entered")]


class ModeRefused(msgspec.Struct, frozen=True, kw_only=True):
    """Which request was refused and by what."""

    wanted: Annotated[Mode | None, Wire("u8", meaning="mode asked for")]
    reason: Annotated[bytes, Wire("bytes", max_bytes=80, meaning="reason, ASCII")]


class RowFailed(msgspec.Struct, frozen=True, kw_only=True):
    """Which row raised what."""

    row: Annotated[int | None, Wire("u8", meaning="row in the order of the schedule")]
    strikes: Annotated[int | None, Wire("u8", meaning="failures counted against it")]
    error: Annotated[bytes, Wire("bytes", max_bytes=120, meaning="type and text of the exception, ASCII")]


class RowNumber(msgspec.Struct, frozen=True, kw_only=True):
    """Which row."""

    row: Annotated[int | None, Wire("u8", meaning="row in the order of the schedule")]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many so far."""

    count: Annotated[int | None, Wire("u32", meaning="total since boot")]


class ArmCode(msgspec.Struct, frozen=True, kw_only=True):
    """Which command."""

    code: Annotated[int | None, Wire("u16", meaning="arm code")]


class TimeStep(msgspec.Struct, frozen=True, kw_only=True):
    """How far time moved."""

    step_s: Annotated[float | None, Wire("f64", unit="s", meaning="new time minus old time")]
    quality: Annotated[TimeQuality | None, Wire("u8", meaning="quality after the change")]


class StateLost(msgspec.Struct, frozen=True, kw_only=True):
    """Which record."""

    name: Annotated[bytes, Wire("bytes", max_bytes=32, meaning="kept file, ASCII")]


class ParameterChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Which parameter went from what to what."""

    parameter_id: Annotated[int | None, Wire("u16", meaning="parameter")]
    old: Annotated[float | None, Wire("f64", unit="1", meaning="value before")]
    new: Annotated[float | None, Wire("f64", unit="1", meaning="value now")]


BOOT = Event(name="system.boot", event_id=0x0101, severity=Severity.INFO, cls=Boot, meaning="boot report")


MODE_CHANGED = Event(
    name="system.mode_changed", event_id=0x0102, severity=Severity.INFO, cls=ModeChanged, meaning="mode changed"
)


MODE_REFUSED = Event(
    name="system.mode_refused", event_id=0x0103, severity=Severity.LOW, cls=ModeRefused, meaning="mode request refused"
)


ROW_FAILED = Event(
    name="system.row_failed",
    event_id=0x0104,
    severity=Severity.MEDIUM,
    cls=RowFailed,
    meaning="a row raised an exception",
)


ROW_REBUILT = Event(
    name="system.row_rebuilt", event_id=0x0105, severity=Severity.INFO, cls=RowNumber, meaning="a failed row runs again"
)


ROW_STRUCK_OUT = Event(
    name="system.row_struck_out",
    event_id=0x0106,
    severity=Severity.HIGH,
    cls=RowNumber,
    meaning="row failed too often: SAFE",
)


POWER_DROPPED = Event(
    name="system.power_dropped",
    event_id=0x0107,
    severity=Severity.HIGH,
    cls=RowNumber,
    meaning="a failed row could not be made safe: its devices were switched off",
)


SLOTS_MISSED = Event(
    name="system.slots_missed", event_id=0x0108, severity=Severity.LOW, cls=Count, meaning="cycle slots were skipped"
)


BAD_PACKETS = Event(
    name="system.bad_packets",
    event_id=0x0109,
    severity=Severity.LOW,
    cls=Count,
    meaning="frames or packets were dropped",
)


TELEMETRY_DROPPED = Event(
    name="system.telemetry_dropped",
    event_id=0x010A,
    severity=Severity.LOW,
    cls=Count,
    meaning="a report queue was full",
)


ARMED = Event(name="system.armed", event_id=0x010B, severity=Severity.INFO, cls=ArmCode, meaning="a command is armed")


ARM_EXPIRED = Event(
    name="system.arm_expired",
    event_id=0x010C,
    severity=Severity.INFO,
    cls=ArmCode,
    meaning="an armed command was not sent",
)


STOPPED = Event(
    name="system.stopped", event_id=0x010D, severity=Severity.INFO, cls=NoArguments, meaning="STOP received"
)


TIME_CHANGED = Event(
    name="system.time_changed",
    event_id=0x010E,
    severity=Severity.INFO,
    cls=TimeStep,
    meaning="on-board time was changed",
)


PARAMETER_CHANGED = Event(
    name="system.parameter_changed",
    event_id=0x010F,
    severity=Severity.INFO,
    cls=ParameterChanged,
    meaning="an on-board parameter was changed",
)


PARAMETER_MENDED = Event(
    name="system.parameter_mended",
    event_id=0x011A,
    severity=Severity.MEDIUM,
    cls=ParameterChanged,
    meaning="an upset of memory had changed one of the three copies of a parameter; the other two count",
)


STATE_LOST = Event(
    name="system.state_lost",
    event_id=0x0110,
    severity=Severity.MEDIUM,
    cls=StateLost,
    meaning="a kept record could not be read: its defaults are in force",
)


BOOT_LOOP = Event(
    name="system.boot_loop",
    event_id=0x0111,
    severity=Severity.HIGH,
    cls=Count,
    meaning="boot loop: held in minimal SAFE",
)


POWER_OFF = Event(
    name="system.power_off",
    event_id=0x0112,
    severity=Severity.INFO,
    cls=NoArguments,
    meaning="about to be switched off",
)


RESTARTING = Event(
    name="system.restarting", event_id=0x0113, severity=Severity.INFO, cls=NoArguments, meaning="about to restart"
)


SOC_LOW = Event(
    name="system.soc_low",
    event_id=0x0114,
    severity=Severity.MEDIUM,
    cls=MonitorReport,
    meaning="state of charge too low for the mode, or unknown: another mode is forced",
)


STORAGE_FAILED = Event(
    name="system.storage_failed",
    event_id=0x0115,
    severity=Severity.MEDIUM,
    cls=NoArguments,
    meaning="the state image could not be written",
)
QUEUE_FULL = Event(
    name="system.queue_full",
    event_id=0x0116,
    severity=Severity.LOW,
    cls=Count,
    meaning="more telecommands came than can wait; those that did not fit were refused",
)
WATCHDOG_FAILED = Event(
    name="system.watchdog_failed",
    event_id=0x0117,
    severity=Severity.MEDIUM,
    cls=NoArguments,
    meaning="the watchdog does not take its stroke and may restart the computer",
)
