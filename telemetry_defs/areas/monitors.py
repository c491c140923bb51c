"""Dictionary area of monitors and actions: PUS services 12 and 19."""

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
from telemetry_defs.monitor_reports import MonitorReport
from telemetry_defs.wire import Wire

PROTECTION_ARM_CODE = 0x0700
"""Arms what silences a protection; no function has this id."""


class MonitorId(msgspec.Struct, frozen=True, kw_only=True):
    """One monitor."""

    monitor: Annotated[int, Wire("u8", low=1, high=191, meaning="id of the monitor")]


class ActionId(msgspec.Struct, frozen=True, kw_only=True):
    """One action."""

    action: Annotated[int, Wire("u8", low=1, high=191, meaning="id of the action")]


class MonitorsHk(msgspec.Struct, frozen=True, kw_only=True):
    """Monitors and actions in numbers."""

    monitors: Annotated[int | None, Wire("u8", meaning="monitors defined")]
    passive: Annotated[int | None, Wire("u8", meaning="of them passive")]
    disabled: Annotated[int | None, Wire("u8", meaning="of them disabled")]
    violated: Annotated[int | None, Wire("u8", meaning="of them in violation now")]
    fired: Annotated[int | None, Wire("u32", meaning="violations since boot")]
    actions_disabled: Annotated[int | None, Wire("u8", meaning="actions that are disabled")]
    actions_run: Annotated[int | None, Wire("u32", meaning="starts of actions since boot")]
    actions_failed: Annotated[int | None, Wire("u32", meaning="actions that failed since boot, at start or later")]


class ActionStarted(msgspec.Struct, frozen=True, kw_only=True):
    """Which action."""

    action: Annotated[int | None, Wire("u8", meaning="id of the action")]


class ActionFailed(msgspec.Struct, frozen=True, kw_only=True):
    """Which action, and why."""

    action: Annotated[int | None, Wire("u8", meaning="id of the action")]
    code: Annotated[FailureCode | None, Wire("u16", meaning="why")]


HK = Housekeeping(
    name="monitors.hk", structure_id=80, cls=MonitorsHk, period_s=60.0, meaning="monitors and actions in numbers"
)

ENABLE = Command(name="monitors.enable", cls=MonitorId, service=12, subtype=1, meaning="check, report and act")
DISABLE = Command(
    name="monitors.disable",
    cls=MonitorId,
    service=12,
    subtype=2,
    arm_as=PROTECTION_ARM_CODE,
    meaning="do not check; armed with code 0x0700 if the monitor protects",
)
PASSIVE = Command(
    name="monitors.passive",
    cls=MonitorId,
    service=12,
    subtype=128,
    arm_as=PROTECTION_ARM_CODE,
    meaning="check and report, do not act; armed with code 0x0700 if the monitor protects",
)
REPORT = Command(
    name="monitors.report", cls=NoArguments, service=12, subtype=8, meaning="one TM[12,9] for each monitor"
)
STATUS = Command(
    name="monitors.status", cls=NoArguments, service=12, subtype=13, meaning="one TM[12,14] for each monitor"
)
ENABLE_ACTION = Command(
    name="monitors.enable_action", cls=ActionId, service=19, subtype=4, meaning="start it when it is due"
)
DISABLE_ACTION = Command(
    name="monitors.disable_action",
    cls=ActionId,
    service=19,
    subtype=5,
    arm_as=PROTECTION_ARM_CODE,
    meaning="do not start it; armed with code 0x0700 if its monitor protects",
)
REPORT_ACTIONS = Command(
    name="monitors.report_actions", cls=NoArguments, service=19, subtype=6, meaning="one TM[19,7] for each action"
)

VIOLATED = Event(
    name="monitors.violated", event_id=0x0701, severity=Severity.MEDIUM, cls=MonitorReport, meaning="a monitor fired"
)
CLEARED = Event(
    name="monitors.cleared",
    event_id=0x0702,
    severity=Severity.INFO,
    cls=MonitorReport,
    meaning="a violation is over: a check was good again",
)
ACTION_STARTED = Event(
    name="monitors.action_started",
    event_id=0x0703,
    severity=Severity.INFO,
    cls=ActionStarted,
    meaning="an action was started",
)
ACTION_FAILED = Event(
    name="monitors.action_failed",
    event_id=0x0704,
    severity=Severity.MEDIUM,
    cls=ActionFailed,
    meaning="an action could not be started, or what it started failed",
)

AREA = Area(
    name="monitors",
    apid=APID_SYSTEM,
    number=7,
    housekeeping=(HK,),
    commands=(ENABLE, DISABLE, PASSIVE, REPORT, STATUS, ENABLE_ACTION, DISABLE_ACTION, REPORT_ACTIONS),
    events=(VIOLATED, CLEARED, ACTION_STARTED, ACTION_FAILED),
)
