"""What the core reports of itself regularly: health and the time used by each row."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import Housekeeping, Mode
from telemetry_defs.packets import TimeQuality
from telemetry_defs.wire import Wire

ROWS = (
    "memory",
    "receive",
    "commands",
    "power",
    "thermal",
    "comms",
    "mobility",
    "instruments",
    "health",
    "monitors",
    "sequences",
    "timeline",
    "modes",
    "telemetry",
    "transmit",
    "store",
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
    parameter_crc: Annotated[int | None, Wire("u32", meaning="CRC-32 over all active parameters, as in their dump")]
    parameters_staged: Annotated[int | None, Wire("u8", meaning="parameters staged and not yet active")]
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
    idle_s: Annotated[
        tuple[float | None, ...],
        Wire("u16", scale=0.1, unit="s", count=len(ROWS), meaning="time since the row last ran well"),
    ]


class HostHk(msgspec.Struct, frozen=True, kw_only=True):
    """State of the flight computer itself."""

    cpu_temperature_c: Annotated[
        float | None, Wire("i16", scale=0.01, unit="degC", high=80.0, meaning="temperature of the processor")
    ]
    throttle_flags: Annotated[
        int | None,
        Wire(
            "u32",
            meaning="bits 0-3 now, 16-19 since power-on: under-voltage, frequency capped, throttled, temperature limit",
        ),
    ]
    under_voltage: Annotated[bool | None, Wire("bool", meaning="supply below 4.63 V now")]
    throttled: Annotated[bool | None, Wire("bool", meaning="slowed now, for heat or a weak supply")]
    disk_free_mb: Annotated[float | None, Wire("f32", unit="MB", meaning="room left where storage lies")]
    age_s: Annotated[float | None, Wire("u16", scale=0.1, unit="s", meaning="age of these values")]


SYSTEM_HK = Housekeeping(
    name="system.hk", structure_id=1, cls=SystemHk, period_s=10.0, meaning="health of the flight software"
)


SCHEDULE_HK = Housekeeping(
    name="system.schedule", structure_id=2, cls=ScheduleHk, period_s=60.0, meaning="time used by each row"
)


HOST_HK = Housekeeping(
    name="system.host",
    structure_id=3,
    cls=HostHk,
    period_s=10.0,
    meaning="state of the flight computer, where there is one to ask",
)
