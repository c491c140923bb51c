"""Telecommands of the core: ping, STOP, modes, arming, housekeeping and event control, time, parameters."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.definitions import Command, Mode, NoArguments
from telemetry_defs.wire import Wire


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


PING = Command(
    name="system.ping", cls=NoArguments, service=17, subtype=1, meaning="are you alive: answered by TM[17,2]"
)


STOP = Command(
    name="system.stop", cls=NoArguments, function_id=0x0101, meaning="wheels to zero in this cycle, ahead of the queue"
)


SET_MODE = Command(name="system.set_mode", cls=SetMode, function_id=0x0102, meaning="request a mode")


ARM = Command(name="system.arm", cls=Arm, function_id=0x0103, meaning="arm one hazardous command for a short time")


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
    name="system.hold_safe",
    cls=HoldSafe,
    function_id=0x0106,
    kept=True,
    meaning="keep SAFE instead of HIBERNATE, down to the floor",
)


ENABLE_HK = Command(
    name="system.enable_hk", cls=StructureId, service=3, subtype=5, meaning="start periodic housekeeping"
)


DISABLE_HK = Command(
    name="system.disable_hk", cls=StructureId, service=3, subtype=6, meaning="stop periodic housekeeping"
)


REPORT_HK = Command(
    name="system.report_hk", cls=StructureId, service=3, subtype=27, meaning="one housekeeping report now"
)


SET_HK_INTERVAL = Command(
    name="system.set_hk_interval", cls=HkInterval, service=3, subtype=31, meaning="change a collection interval"
)


ENABLE_EVENT = Command(name="system.enable_event", cls=EventId, service=5, subtype=5, meaning="report this event again")


DISABLE_EVENT = Command(
    name="system.disable_event", cls=EventId, service=5, subtype=6, meaning="stop reporting an event"
)


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
    kept=True,
    meaning="set one parameter; a protection limit must be armed by its own code first",
)
