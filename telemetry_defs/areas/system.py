"""Dictionary area of the core: executive, modes, commanding, time, parameters, event and housekeeping control."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import (
    APID_SYSTEM,
    Area,
    Command,
    Event,
    Housekeeping,
    Mode,
    NoArguments,
    Parameter,
    Severity,
)
from telemetry_defs.packets import TimeQuality
from telemetry_defs.wire import Wire

ROWS = (
    "receive",
    "commands",
    "power",
    "thermal",
    "comms",
    "mobility",
    "instruments",
    "modes",
    "telemetry",
    "transmit",
    "state",
    "watchdog",
)
"""Rows of the executive's schedule in order; a report names a row by its place here."""


class ResetCause(IntEnum):
    """Why the flight computer came up (same codes as the hardware layer gives)."""

    UNKNOWN = 0x00
    POWER_ON = 0x03
    WATCHDOG = 0x05
    COMMANDED = 0x06
    CRASH = 0x09
    WAKE_ARRAY = 0x0A
    WAKE_TIMER = 0x0C
    WAKE_UPLINK = 0x0F
    DEAD_BUS = 0x11
    POWER_CUT = 0x12


class SystemHk(msgspec.Struct, frozen=True, kw_only=True):
    """Health of the flight software."""

    mode: Annotated[Mode | None, Wire("u8", meaning="current mode")]
    software_version: Annotated[int | None, Wire("u32", meaning="major * 65536 + minor * 256 + patch")]
    dictionary_hash: Annotated[int | None, Wire("u32", meaning="CRC-32 of the mission dictionary")]
    boot_count: Annotated[int | None, Wire("u32", meaning="boots since the state image was made")]
    reset_cause: Annotated[ResetCause | None, Wire("u8", meaning="why this boot happened")]
    minimal: Annotated[bool | None, Wire("bool", meaning="minimal SAFE set of rows is running")]
    uptime_s: Annotated[float | None, Wire("u32", scale=0.1, unit="s", meaning="time since boot")]
    cycles: Annotated[int | None, Wire("u32", meaning="cycles run since boot")]
    slots_missed: Annotated[int | None, Wire("u32", meaning="cycle slots skipped after an overrun")]
    cycle_worst_s: Annotated[float | None, Wire("u32", scale=1e-6, unit="s", meaning="longest cycle")]
    cycle_mean_s: Annotated[float | None, Wire("u32", scale=1e-6, unit="s", meaning="mean cycle")]
    row_failures: Annotated[int | None, Wire("u16", meaning="exceptions caught from rows")]
    accepted: Annotated[int | None, Wire("u32", meaning="telecommands accepted")]
    rejected: Annotated[int | None, Wire("u32", meaning="telecommands refused with a report")]
    bad_packets: Annotated[int | None, Wire("u32", meaning="frames or packets dropped without a report")]
    queued: Annotated[int | None, Wire("u8", meaning="telecommands waiting")]
    telemetry_dropped: Annotated[int | None, Wire("u32", meaning="reports dropped because their queue was full")]
    events_throttled: Annotated[int | None, Wire("u32", meaning="event reports held back by the throttle")]
    values_saturated: Annotated[int | None, Wire("u32", meaning="telemetry values clipped to their range")]
    armed: Annotated[int | None, Wire("u16", meaning="code of the armed command, 0 for none")]
    gps_time_s: Annotated[float | None, Wire("f64", unit="s", meaning="on-board time since 1980-01-06")]
    time_quality: Annotated[TimeQuality | None, Wire("u8", meaning="how the on-board time was set")]


class ScheduleHk(msgspec.Struct, frozen=True, kw_only=True):
    """Time used by each row, in the order of the schedule."""

    worst_s: Annotated[
        tuple[float | None, ...], Wire("u32", scale=1e-6, unit="s", count=len(ROWS), meaning="longest run of each row")
    ]
    mean_s: Annotated[
        tuple[float | None, ...], Wire("u32", scale=1e-6, unit="s", count=len(ROWS), meaning="mean run of each row")
    ]
    over_budget: Annotated[
        tuple[int | None, ...], Wire("u16", count=len(ROWS), meaning="runs that took more than the row's budget")
    ]
    strikes: Annotated[tuple[int | None, ...], Wire("u8", count=len(ROWS), meaning="failures counted against the row")]


SYSTEM_HK = Housekeeping(
    name="system.hk", structure_id=1, cls=SystemHk, period_s=10.0, meaning="health of the flight software"
)
SCHEDULE_HK = Housekeeping(
    name="system.schedule", structure_id=2, cls=ScheduleHk, period_s=60.0, meaning="time used by each row"
)


class SetMode(msgspec.Struct, frozen=True, kw_only=True):
    """Which mode to enter."""

    mode: Annotated[Mode, Wire("u8", meaning="mode to enter; its guards decide")]


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """Which command to arm."""

    target: Annotated[
        int, Wire("u16", low=0, high=65535, meaning="arm code of the hazardous command or protection limit")
    ]


class HoldSafe(msgspec.Struct, frozen=True, kw_only=True):
    """Whether ground holds SAFE."""

    hold: Annotated[bool, Wire("bool", meaning="stay in SAFE between the HIBERNATE threshold and its floor")]


class StructureId(msgspec.Struct, frozen=True, kw_only=True):
    """One housekeeping structure."""

    structure_id: Annotated[int, Wire("u8", low=0, high=254, meaning="housekeeping structure")]


class HkInterval(msgspec.Struct, frozen=True, kw_only=True):
    """Collection interval of one housekeeping structure."""

    structure_id: Annotated[int, Wire("u8", low=0, high=254, meaning="housekeeping structure")]
    interval_s: Annotated[
        float, Wire("u32", scale=0.001, unit="s", low=1.0, high=86400.0, meaning="collection interval, whole seconds")
    ]


class EventId(msgspec.Struct, frozen=True, kw_only=True):
    """One event definition."""

    event_id: Annotated[int, Wire("u16", low=0, high=65534, meaning="event definition")]


class SetTime(msgspec.Struct, frozen=True, kw_only=True):
    """On-board time to set."""

    gps_time_s: Annotated[
        float, Wire("f64", unit="s", low=1.0e9, high=4.29e9, meaning="time since 1980-01-06 at reception")
    ]


class SlewTime(msgspec.Struct, frozen=True, kw_only=True):
    """Small correction of on-board time."""

    offset_s: Annotated[float, Wire("f64", unit="s", low=-1.0, high=1.0, meaning="added to on-board time")]


class ParameterId(msgspec.Struct, frozen=True, kw_only=True):
    """One on-board parameter."""

    parameter_id: Annotated[int, Wire("u16", low=0, high=32767, meaning="parameter")]


class SetParameter(msgspec.Struct, frozen=True, kw_only=True):
    """New value of one on-board parameter."""

    parameter_id: Annotated[int, Wire("u16", low=0, high=32767, meaning="parameter")]
    value: Annotated[float, Wire("f64", unit="1", meaning="new value, in the unit of the parameter")]


PING = Command(name="system.ping", cls=NoArguments, service=17, subtype=1, meaning="are you alive: answered by TM[17,2]")
STOP = Command(
    name="system.stop", cls=NoArguments, function_id=0x0101, meaning="wheels to zero in this cycle, ahead of the queue"
)
SET_MODE = Command(name="system.set_mode", cls=SetMode, function_id=0x0102, meaning="request a mode")
ARM = Command(
    name="system.arm", cls=Arm, function_id=0x0103, meaning="arm one hazardous command for a short time"
)
RESTART = Command(
    name="system.restart", cls=NoArguments, function_id=0x0104, hazardous=True, meaning="restart the flight software"
)
LEAVE_BOOT_LOOP = Command(
    name="system.leave_boot_loop",
    cls=NoArguments,
    function_id=0x0105,
    hazardous=True,
    meaning="after a boot loop: allow leaving SAFE again, restarting with every row",
)
HOLD_SAFE = Command(
    name="system.hold_safe", cls=HoldSafe, function_id=0x0106, meaning="keep SAFE instead of HIBERNATE, down to the floor"
)
ENABLE_HK = Command(
    name="system.enable_hk", cls=StructureId, service=3, subtype=5, meaning="start periodic housekeeping"
)
DISABLE_HK = Command(
    name="system.disable_hk", cls=StructureId, service=3, subtype=6, meaning="stop periodic housekeeping"
)
REPORT_HK = Command(name="system.report_hk", cls=StructureId, service=3, subtype=27, meaning="one housekeeping report now")
SET_HK_INTERVAL = Command(
    name="system.set_hk_interval", cls=HkInterval, service=3, subtype=31, meaning="change a collection interval"
)
ENABLE_EVENT = Command(name="system.enable_event", cls=EventId, service=5, subtype=5, meaning="report this event again")
DISABLE_EVENT = Command(name="system.disable_event", cls=EventId, service=5, subtype=6, meaning="stop reporting an event")
SET_TIME = Command(name="system.set_time", cls=SetTime, service=9, subtype=128, meaning="set on-board time")
SLEW_TIME = Command(name="system.slew_time", cls=SlewTime, service=9, subtype=129, meaning="correct on-board time")
REPORT_PARAMETER = Command(
    name="system.report_parameter", cls=ParameterId, service=20, subtype=1, meaning="report one parameter by TM[20,2]"
)
SET_PARAMETER = Command(
    name="system.set_parameter",
    cls=SetParameter,
    service=20,
    subtype=3,
    meaning="set one parameter; a protection limit must be armed by its own code first",
)


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """Who came up and why."""

    software_version: Annotated[int | None, Wire("u32", meaning="major * 65536 + minor * 256 + patch")]
    dictionary_hash: Annotated[int | None, Wire("u32", meaning="CRC-32 of the mission dictionary")]
    boot_count: Annotated[int | None, Wire("u32", meaning="boots since the state image was made")]
    reset_cause: Annotated[ResetCause | None, Wire("u8", meaning="why this boot happened")]
    last_mode: Annotated[Mode | None, Wire("u8", meaning="mode before this boot, if it was kept")]
    minimal: Annotated[bool | None, Wire("bool", meaning="minimal SAFE set of rows is running")]


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
    name="system.row_failed", event_id=0x0104, severity=Severity.MEDIUM, cls=RowFailed, meaning="a row raised an exception"
)
ROW_REBUILT = Event(
    name="system.row_rebuilt", event_id=0x0105, severity=Severity.INFO, cls=RowNumber, meaning="a failed row runs again"
)
ROW_STRUCK_OUT = Event(
    name="system.row_struck_out", event_id=0x0106, severity=Severity.HIGH, cls=RowNumber, meaning="row failed too often: SAFE"
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
    name="system.bad_packets", event_id=0x0109, severity=Severity.LOW, cls=Count, meaning="frames or packets were dropped"
)
TELEMETRY_DROPPED = Event(
    name="system.telemetry_dropped", event_id=0x010A, severity=Severity.LOW, cls=Count, meaning="a report queue was full"
)
ARMED = Event(name="system.armed", event_id=0x010B, severity=Severity.INFO, cls=ArmCode, meaning="a command is armed")
ARM_EXPIRED = Event(
    name="system.arm_expired", event_id=0x010C, severity=Severity.INFO, cls=ArmCode, meaning="an armed command was not sent"
)
STOPPED = Event(name="system.stopped", event_id=0x010D, severity=Severity.INFO, cls=NoArguments, meaning="STOP received")
TIME_CHANGED = Event(
    name="system.time_changed", event_id=0x010E, severity=Severity.INFO, cls=TimeStep, meaning="on-board time was changed"
)
PARAMETER_CHANGED = Event(
    name="system.parameter_changed",
    event_id=0x010F,
    severity=Severity.INFO,
    cls=ParameterChanged,
    meaning="an on-board parameter was changed",
)
STATE_LOST = Event(
    name="system.state_lost",
    event_id=0x0110,
    severity=Severity.MEDIUM,
    cls=NoArguments,
    meaning="the state image could not be read: defaults in force",
)
BOOT_LOOP = Event(
    name="system.boot_loop", event_id=0x0111, severity=Severity.HIGH, cls=Count, meaning="boot loop: held in minimal SAFE"
)
POWER_OFF = Event(
    name="system.power_off", event_id=0x0112, severity=Severity.INFO, cls=NoArguments, meaning="about to be switched off"
)
RESTARTING = Event(
    name="system.restarting", event_id=0x0113, severity=Severity.INFO, cls=NoArguments, meaning="about to restart"
)
SOC_LOW = Event(
    name="system.soc_low",
    event_id=0x0114,
    severity=Severity.MEDIUM,
    cls=ModeChanged,
    meaning="the charge ladder forces a mode change (state of charge too low or unknown)",
)
STORAGE_FAILED = Event(
    name="system.storage_failed",
    event_id=0x0115,
    severity=Severity.MEDIUM,
    cls=NoArguments,
    meaning="the state image could not be written",
)


def _soc(name: str, number: int, default: float, meaning: str) -> Parameter:
    return Parameter(
        name=f"system.{name}",
        parameter_id=number,
        default=default,
        low=0.05,
        high=0.95,
        unit="1",
        hazardous=True,
        meaning=meaning,
    )


DRIVE_SOC = _soc("drive_soc", 0x0101, 0.60, "DRIVE is entered only above this state of charge")
DRIVE_END_SOC = _soc("drive_end_soc", 0x0102, 0.50, "DRIVE ends below this state of charge")
SAFE_SOC = _soc("safe_soc", 0x0103, 0.30, "SAFE below this state of charge")
HIBERNATE_SOC = _soc("hibernate_soc", 0x0104, 0.20, "HIBERNATE from SAFE below this state of charge")
HIBERNATE_FLOOR_SOC = _soc("hibernate_floor_soc", 0x0105, 0.15, "HIBERNATE below this even when ground holds SAFE")
CHARGED_SOC = _soc("charged_soc", 0x0106, 0.90, "CHARGE ends above this state of charge")
ARM_WINDOW_S = Parameter(
    name="system.arm_window_s",
    parameter_id=0x0107,
    default=30.0,
    low=5.0,
    high=300.0,
    unit="s",
    meaning="an armed command must arrive within this time",
)
ROW_STRIKES = Parameter(
    name="system.row_strikes",
    parameter_id=0x0108,
    default=3.0,
    low=1.0,
    high=20.0,
    unit="1",
    integer=True,
    meaning="failures of one row before SAFE",
)
MOTION_IDLE_S = Parameter(
    name="system.motion_idle_s",
    parameter_id=0x0109,
    default=60.0,
    low=5.0,
    high=3600.0,
    unit="s",
    meaning="DRIVE and SCIENCE fall back to IDLE this long after the last activity",
)
WAKE_ARRAY_W = Parameter(
    name="system.wake_array_w",
    parameter_id=0x010A,
    default=25.0,
    low=5.0,
    high=100.0,
    unit="W",
    hazardous=True,
    meaning="array power that ends HIBERNATE",
)
WAKE_HOLD_S = Parameter(
    name="system.wake_hold_s",
    parameter_id=0x010B,
    default=600.0,
    low=60.0,
    high=7200.0,
    unit="s",
    meaning="how long that array power must last",
)
WAKE_AFTER_H = Parameter(
    name="system.wake_after_h",
    parameter_id=0x010C,
    default=0.0,
    low=0.0,
    high=1000.0,
    unit="h",
    meaning="HIBERNATE ends after this time at the latest; 0 for no timer",
)
WAKE_LIMIT_S = Parameter(
    name="system.wake_limit_s",
    parameter_id=0x010D,
    default=28800.0,
    low=600.0,
    high=86400.0,
    unit="s",
    meaning="WAKE gives up warming the battery after this time",
)

AREA = Area(
    name="system",
    apid=APID_SYSTEM,
    number=1,
    housekeeping=(SYSTEM_HK, SCHEDULE_HK),
    commands=(
        PING,
        STOP,
        SET_MODE,
        ARM,
        RESTART,
        LEAVE_BOOT_LOOP,
        HOLD_SAFE,
        ENABLE_HK,
        DISABLE_HK,
        REPORT_HK,
        SET_HK_INTERVAL,
        ENABLE_EVENT,
        DISABLE_EVENT,
        SET_TIME,
        SLEW_TIME,
        REPORT_PARAMETER,
        SET_PARAMETER,
    ),
    events=(
        BOOT,
        MODE_CHANGED,
        MODE_REFUSED,
        ROW_FAILED,
        ROW_REBUILT,
        ROW_STRUCK_OUT,
        POWER_DROPPED,
        SLOTS_MISSED,
        BAD_PACKETS,
        TELEMETRY_DROPPED,
        ARMED,
        ARM_EXPIRED,
        STOPPED,
        TIME_CHANGED,
        PARAMETER_CHANGED,
        STATE_LOST,
        BOOT_LOOP,
        POWER_OFF,
        RESTARTING,
        SOC_LOW,
        STORAGE_FAILED,
    ),
    parameters=(
        DRIVE_SOC,
        DRIVE_END_SOC,
        SAFE_SOC,
        HIBERNATE_SOC,
        HIBERNATE_FLOOR_SOC,
        CHARGED_SOC,
        ARM_WINDOW_S,
        ROW_STRIKES,
        MOTION_IDLE_S,
        WAKE_ARRAY_W,
        WAKE_HOLD_S,
        WAKE_AFTER_H,
        WAKE_LIMIT_S,
    ),
)
