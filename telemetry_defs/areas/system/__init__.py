"""Dictionary area of the core: executive, modes, commanding, time, parameters, event and housekeeping control."""

from __future__ import annotations

from telemetry_defs.areas.system.area import AREA as AREA
from telemetry_defs.areas.system.commands import (
    ARM as ARM,
)
from telemetry_defs.areas.system.commands import (
    DISABLE_EVENT as DISABLE_EVENT,
)
from telemetry_defs.areas.system.commands import (
    DISABLE_HK as DISABLE_HK,
)
from telemetry_defs.areas.system.commands import (
    ENABLE_EVENT as ENABLE_EVENT,
)
from telemetry_defs.areas.system.commands import (
    ENABLE_HK as ENABLE_HK,
)
from telemetry_defs.areas.system.commands import (
    HOLD_SAFE as HOLD_SAFE,
)
from telemetry_defs.areas.system.commands import (
    LEAVE_BOOT_LOOP as LEAVE_BOOT_LOOP,
)
from telemetry_defs.areas.system.commands import (
    PING as PING,
)
from telemetry_defs.areas.system.commands import (
    REPORT_HK as REPORT_HK,
)
from telemetry_defs.areas.system.commands import (
    REPORT_PARAMETER as REPORT_PARAMETER,
)
from telemetry_defs.areas.system.commands import (
    RESTART as RESTART,
)
from telemetry_defs.areas.system.commands import (
    SET_HK_INTERVAL as SET_HK_INTERVAL,
)
from telemetry_defs.areas.system.commands import (
    SET_MODE as SET_MODE,
)
from telemetry_defs.areas.system.commands import (
    SET_PARAMETER as SET_PARAMETER,
)
from telemetry_defs.areas.system.commands import (
    SET_TIME as SET_TIME,
)
from telemetry_defs.areas.system.commands import (
    SLEW_TIME as SLEW_TIME,
)
from telemetry_defs.areas.system.commands import (
    STOP as STOP,
)
from telemetry_defs.areas.system.commands import (
    Arm as Arm,
)
from telemetry_defs.areas.system.commands import (
    EventId as EventId,
)
from telemetry_defs.areas.system.commands import (
    HkInterval as HkInterval,
)
from telemetry_defs.areas.system.commands import (
    HoldSafe as HoldSafe,
)
from telemetry_defs.areas.system.commands import (
    ParameterId as ParameterId,
)
from telemetry_defs.areas.system.commands import (
    SetMode as SetMode,
)
from telemetry_defs.areas.system.commands import (
    SetParameter as SetParameter,
)
from telemetry_defs.areas.system.commands import (
    SetTime as SetTime,
)
from telemetry_defs.areas.system.commands import (
    SlewTime as SlewTime,
)
from telemetry_defs.areas.system.commands import (
    StructureId as StructureId,
)
from telemetry_defs.areas.system.events import (
    ARM_EXPIRED as ARM_EXPIRED,
)
from telemetry_defs.areas.system.events import (
    ARMED as ARMED,
)
from telemetry_defs.areas.system.events import (
    BAD_PACKETS as BAD_PACKETS,
)
from telemetry_defs.areas.system.events import (
    BOOT as BOOT,
)
from telemetry_defs.areas.system.events import (
    BOOT_LOOP as BOOT_LOOP,
)
from telemetry_defs.areas.system.events import (
    MODE_CHANGED as MODE_CHANGED,
)
from telemetry_defs.areas.system.events import (
    MODE_REFUSED as MODE_REFUSED,
)
from telemetry_defs.areas.system.events import (
    PARAMETER_CHANGED as PARAMETER_CHANGED,
)
from telemetry_defs.areas.system.events import (
    POWER_DROPPED as POWER_DROPPED,
)
from telemetry_defs.areas.system.events import (
    POWER_OFF as POWER_OFF,
)
from telemetry_defs.areas.system.events import (
    QUEUE_FULL as QUEUE_FULL,
)
from telemetry_defs.areas.system.events import (
    RESTARTING as RESTARTING,
)
from telemetry_defs.areas.system.events import (
    ROW_FAILED as ROW_FAILED,
)
from telemetry_defs.areas.system.events import (
    ROW_REBUILT as ROW_REBUILT,
)
from telemetry_defs.areas.system.events import (
    ROW_STRUCK_OUT as ROW_STRUCK_OUT,
)
from telemetry_defs.areas.system.events import (
    SLOTS_MISSED as SLOTS_MISSED,
)
from telemetry_defs.areas.system.events import (
    SOC_LOW as SOC_LOW,
)
from telemetry_defs.areas.system.events import (
    STATE_LOST as STATE_LOST,
)
from telemetry_defs.areas.system.events import (
    STOPPED as STOPPED,
)
from telemetry_defs.areas.system.events import (
    STORAGE_FAILED as STORAGE_FAILED,
)
from telemetry_defs.areas.system.events import (
    TELEMETRY_DROPPED as TELEMETRY_DROPPED,
)
from telemetry_defs.areas.system.events import (
    TIME_CHANGED as TIME_CHANGED,
)
from telemetry_defs.areas.system.events import (
    WATCHDOG_FAILED as WATCHDOG_FAILED,
)
from telemetry_defs.areas.system.events import (
    ArmCode as ArmCode,
)
from telemetry_defs.areas.system.events import (
    Boot as Boot,
)
from telemetry_defs.areas.system.events import (
    Count as Count,
)
from telemetry_defs.areas.system.events import (
    ModeChanged as ModeChanged,
)
from telemetry_defs.areas.system.events import (
    ModeRefused as ModeRefused,
)
from telemetry_defs.areas.system.events import (
    ParameterChanged as ParameterChanged,
)
from telemetry_defs.areas.system.events import (
    RowFailed as RowFailed,
)
from telemetry_defs.areas.system.events import (
    RowNumber as RowNumber,
)
from telemetry_defs.areas.system.events import (
    StateLost as StateLost,
)
from telemetry_defs.areas.system.events import (
    TimeStep as TimeStep,
)
from telemetry_defs.areas.system.housekeeping import (
    ROWS as ROWS,
)
from telemetry_defs.areas.system.housekeeping import (
    SCHEDULE_HK as SCHEDULE_HK,
)
from telemetry_defs.areas.system.housekeeping import (
    SYSTEM_HK as SYSTEM_HK,
)
from telemetry_defs.areas.system.housekeeping import (
    ResetCause as ResetCause,
)
from telemetry_defs.areas.system.housekeeping import (
    ScheduleHk as ScheduleHk,
)
from telemetry_defs.areas.system.housekeeping import (
    SystemHk as SystemHk,
)
from telemetry_defs.areas.system.parameter_table import (
    ACTIVATE_PARAMETERS as ACTIVATE_PARAMETERS,
)
from telemetry_defs.areas.system.parameter_table import (
    DUMP_PARAMETERS as DUMP_PARAMETERS,
)
from telemetry_defs.areas.system.parameter_table import (
    PARAMETER_SET_ARM_CODE as PARAMETER_SET_ARM_CODE,
)
from telemetry_defs.areas.system.parameter_table import (
    PARAMETERS_ACTIVATED as PARAMETERS_ACTIVATED,
)
from telemetry_defs.areas.system.parameter_table import (
    ROLL_BACK_PARAMETERS as ROLL_BACK_PARAMETERS,
)
from telemetry_defs.areas.system.parameter_table import (
    STAGE_PARAMETER as STAGE_PARAMETER,
)
from telemetry_defs.areas.system.parameter_table import (
    VALIDATE_PARAMETERS as VALIDATE_PARAMETERS,
)
from telemetry_defs.areas.system.parameter_table import (
    ParametersActivated as ParametersActivated,
)
from telemetry_defs.areas.system.parameter_table import (
    RollBack as RollBack,
)
from telemetry_defs.areas.system.parameter_table import (
    RollBackTo as RollBackTo,
)
from telemetry_defs.areas.system.parameters import (
    ARM_WINDOW_S as ARM_WINDOW_S,
)
from telemetry_defs.areas.system.parameters import (
    CHARGED_SOC as CHARGED_SOC,
)
from telemetry_defs.areas.system.parameters import (
    DRIVE_END_SOC as DRIVE_END_SOC,
)
from telemetry_defs.areas.system.parameters import (
    DRIVE_SOC as DRIVE_SOC,
)
from telemetry_defs.areas.system.parameters import (
    HIBERNATE_FLOOR_SOC as HIBERNATE_FLOOR_SOC,
)
from telemetry_defs.areas.system.parameters import (
    HIBERNATE_SOC as HIBERNATE_SOC,
)
from telemetry_defs.areas.system.parameters import (
    MOTION_IDLE_S as MOTION_IDLE_S,
)
from telemetry_defs.areas.system.parameters import (
    ROW_STRIKES as ROW_STRIKES,
)
from telemetry_defs.areas.system.parameters import (
    SAFE_SOC as SAFE_SOC,
)
from telemetry_defs.areas.system.parameters import (
    WAKE_AFTER_H as WAKE_AFTER_H,
)
from telemetry_defs.areas.system.parameters import (
    WAKE_ARRAY_W as WAKE_ARRAY_W,
)
from telemetry_defs.areas.system.parameters import (
    WAKE_HOLD_S as WAKE_HOLD_S,
)
from telemetry_defs.areas.system.parameters import (
    WAKE_LIMIT_S as WAKE_LIMIT_S,
)
