"""Dictionary area of the power subsystem: battery, array, switched loads, charging."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import APID_POWER, Area, Command, Event, Housekeeping, Parameter, Severity
from telemetry_defs.wire import Wire


class LoadName(IntEnum):
    """Switched loads; bit n of a load mask is the load with code n."""

    NAV = 0
    MOTORS = 1
    IMU = 2
    CAMERA = 3
    SPECTROMETER = 4
    DOSIMETER = 5
    PLASMA = 6
    RADIO_RELAY = 7
    RADIO_LOCAL = 8
    CHARGE = 9


class ArrayFace(IntEnum):
    """Array faces in the order in which their readings travel."""

    LEFT = 0
    RIGHT = 1
    REAR = 2


class PowerTarget(IntEnum):
    """What a mode asks of the power subsystem."""

    ESSENTIAL = 0x03
    """Receivers, inertial unit and charging only; every sheddable load is off."""
    FULL = 0x05
    """Any load may be on, as far as the battery allows."""


class ChargeState(IntEnum):
    """Whether charging is allowed and, if not, the first reason that forbids it."""

    ALLOWED = 0x03
    COLD = 0x05
    HOT = 0x06
    NO_TEMPERATURE = 0x09
    OVERVOLTAGE = 0x0A
    OVERCURRENT = 0x0C


class PowerHk(msgspec.Struct, frozen=True, kw_only=True):
    """Battery, array and loads."""

    soc: Annotated[float | None, Wire("u16", scale=1e-4, unit="1", low=0.2, meaning="state of charge")]
    soc_by_voltage: Annotated[
        float | None, Wire("u16", scale=1e-4, unit="1", meaning="state of charge by voltage alone, at low current")
    ]
    bus_voltage_v: Annotated[
        float | None, Wire("u16", scale=1e-3, unit="V", low=23.0, high=29.5, meaning="voltage at the battery")
    ]
    battery_current_a: Annotated[
        float | None,
        Wire("i16", scale=1e-3, unit="A", low=-8.0, high=6.0, meaning="current, charging positive"),
    ]
    battery_c: Annotated[
        float | None,
        Wire("i16", scale=0.01, unit="degC", low=-20.0, high=45.0, meaning="temperature used here"),
    ]
    array_w: Annotated[float | None, Wire("u16", scale=0.01, unit="W", meaning="sum of the faces that answer")]
    faces_w: Annotated[
        tuple[float | None, ...], Wire("u16", scale=0.01, unit="W", count=3, meaning="left, right, rear face")
    ]
    charged_ah: Annotated[float | None, Wire("f32", unit="Ah", meaning="charge counted into the battery since boot")]
    discharged_ah: Annotated[float | None, Wire("f32", unit="Ah", meaning="charge counted out of it since boot")]
    target: Annotated[PowerTarget | None, Wire("u8", meaning="what the mode asks")]
    shed_level: Annotated[int | None, Wire("u8", high=0.0, meaning="0: nothing shed, 4: all that can be")]
    loads_wanted: Annotated[int | None, Wire("u16", meaning="mask of the loads asked for")]
    loads_on: Annotated[int | None, Wire("u16", meaning="mask of the loads read back as on")]
    loads_forbidden: Annotated[int | None, Wire("u16", meaning="mask of the loads that ground keeps off")]
    loads_stuck: Annotated[int | None, Wire("u16", high=0.0, meaning="mask of the switches that do not obey")]
    charge: Annotated[ChargeState | None, Wire("u8", meaning="charging allowed, or why not")]
    faces_lost: Annotated[int | None, Wire("u8", high=0.0, meaning="mask of the array faces judged lost")]
    device_errors: Annotated[int | None, Wire("u16", meaning="failed accesses to monitors and switches since boot")]


class SetLoad(msgspec.Struct, frozen=True, kw_only=True):
    """Ground's word on one load."""

    load: Annotated[LoadName, Wire("u8", meaning="which load")]
    on: Annotated[bool, Wire("bool", meaning="on: ask for it; off: keep it off until told otherwise")]


class AutoLoad(msgspec.Struct, frozen=True, kw_only=True):
    """Take back ground's word."""

    load: Annotated[LoadName, Wire("u8", meaning="which load")]


class SetSoc(msgspec.Struct, frozen=True, kw_only=True):
    """A state of charge that ground knows better."""

    soc: Annotated[float, Wire("u16", scale=1e-4, unit="1", low=0.0, high=1.0, meaning="state of charge")]


class Shed(msgspec.Struct, frozen=True, kw_only=True):
    """A step of load shedding."""

    level: Annotated[int | None, Wire("u8", meaning="new shed level")]
    soc: Annotated[float | None, Wire("u16", scale=1e-4, unit="1", meaning="state of charge")]
    bus_voltage_v: Annotated[float | None, Wire("u16", scale=1e-3, unit="V", meaning="bus voltage")]


class BatteryReport(msgspec.Struct, frozen=True, kw_only=True):
    """Battery readings at the time of the event."""

    bus_voltage_v: Annotated[float | None, Wire("u16", scale=1e-3, unit="V", meaning="bus voltage")]
    battery_current_a: Annotated[float | None, Wire("i16", scale=1e-3, unit="A", meaning="battery current")]


class SocReport(msgspec.Struct, frozen=True, kw_only=True):
    """Two opinions about the state of charge."""

    counted: Annotated[float | None, Wire("u16", scale=1e-4, unit="1", meaning="by counted charge")]
    by_voltage: Annotated[float | None, Wire("u16", scale=1e-4, unit="1", meaning="by voltage")]


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """One load."""

    load: Annotated[LoadName | None, Wire("u8", meaning="which load")]
    commanded_on: Annotated[bool | None, Wire("bool", meaning="what it was told")]


class FaceReport(msgspec.Struct, frozen=True, kw_only=True):
    """One array face."""

    face: Annotated[ArrayFace | None, Wire("u8", meaning="which face")]
    before_w: Annotated[float | None, Wire("u16", scale=0.01, unit="W", meaning="its power before")]
    now_w: Annotated[float | None, Wire("u16", scale=0.01, unit="W", meaning="its power now")]


class ChargeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Charging forbidden or allowed."""

    state: Annotated[ChargeState | None, Wire("u8", meaning="allowed, or why not")]
    battery_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="battery temperature")]


POWER_HK = Housekeeping("power.hk", 20, PowerHk, 10.0, "battery, array, loads and charging")

SET_LOAD = Command(
    "power.set_load",
    SetLoad,
    function_id=0x0201,
    progress=True,
    meaning="ask for a load or keep it off; ends when the switch reads back; refused for protected loads",
)
AUTO_LOAD = Command("power.auto_load", AutoLoad, function_id=0x0202, meaning="leave a load to its subsystem again")
SET_SOC = Command("power.set_soc", SetSoc, function_id=0x0203, kept=True, meaning="calibrate the state of charge")
CLEAR_FAULTS = Command(
    "power.clear_faults", function_id=0x0204, meaning="forget lost faces and stuck switches and judge them anew"
)

SHED = Event("power.shed", 0x0201, Severity.MEDIUM, Shed, "one more class of loads was shed")
RESTORED = Event("power.restored", 0x0202, Severity.INFO, Shed, "one class of loads may be on again")
UNDERVOLTAGE = Event("power.undervoltage", 0x0203, Severity.HIGH, BatteryReport, "bus voltage is low: all is shed")
UNDERVOLTAGE_OVER = Event("power.undervoltage_over", 0x0204, Severity.INFO, BatteryReport, "bus voltage is back")
OVERVOLTAGE = Event("power.overvoltage", 0x0205, Severity.HIGH, BatteryReport, "bus voltage is high: charging stopped")
OVERVOLTAGE_OVER = Event("power.overvoltage_over", 0x0206, Severity.INFO, BatteryReport, "bus voltage is back")
CHARGE_OVERCURRENT = Event(
    "power.charge_overcurrent", 0x0207, Severity.MEDIUM, BatteryReport, "charging current above its limit: stopped"
)
DISCHARGE_OVERCURRENT = Event(
    "power.discharge_overcurrent", 0x0208, Severity.HIGH, BatteryReport, "battery drained too hard: all is shed"
)
BATTERY_HOT = Event("power.battery_hot", 0x0209, Severity.HIGH, ChargeReport, "battery above its charging range")
CHARGE_INHIBITED = Event("power.charge_inhibited", 0x020A, Severity.LOW, ChargeReport, "charging is forbidden")
CHARGE_ALLOWED = Event("power.charge_allowed", 0x020B, Severity.INFO, ChargeReport, "charging is allowed again")
MONITOR_LOST = Event("power.monitor_lost", 0x020C, Severity.HIGH, meaning="battery monitor gives no believable reading")
MONITOR_BACK = Event("power.monitor_back", 0x020D, Severity.INFO, meaning="battery monitor is believed again")
IMPLAUSIBLE_CURRENT = Event(
    "power.implausible_current",
    0x020E,
    Severity.MEDIUM,
    BatteryReport,
    "voltage or current cannot be: beyond the battery's range, or charged by more than the array gives",
)
ARRAY_MONITOR_LOST = Event("power.array_monitor_lost", 0x020F, Severity.MEDIUM, meaning="array monitor does not answer")
ARRAY_MONITOR_BACK = Event("power.array_monitor_back", 0x0210, Severity.INFO, meaning="array monitor answers again")
FACE_LOST = Event("power.face_lost", 0x0211, Severity.MEDIUM, FaceReport, "an array face stopped delivering at once")
FACE_BACK = Event("power.face_back", 0x0212, Severity.INFO, FaceReport, "a lost array face delivers again")
SWITCH_STUCK = Event("power.switch_stuck", 0x0213, Severity.MEDIUM, LoadReport, "a load switch does not obey")
SWITCH_FREE = Event("power.switch_free", 0x0214, Severity.INFO, LoadReport, "a load switch obeys again")
SWITCHES_LOST = Event("power.switches_lost", 0x0215, Severity.HIGH, meaning="the load switches do not answer")
SWITCHES_BACK = Event("power.switches_back", 0x0216, Severity.INFO, meaning="the load switches answer again")
SOC_DISAGREES = Event(
    "power.soc_disagrees", 0x0217, Severity.MEDIUM, SocReport, "counted charge and voltage disagree: voltage wins"
)

SHED_1 = Parameter("power.shed_1", 0x0201, 0.45, 0.0, 1.0, "1", "plasma probe, dosimeter off below", hazardous=True)
SHED_2 = Parameter("power.shed_2", 0x0202, 0.40, 0.0, 1.0, "1", "spectrometer, camera off below", hazardous=True)
SHED_3 = Parameter("power.shed_3", 0x0203, 0.35, 0.0, 1.0, "1", "navigation off below", hazardous=True)
SHED_4 = Parameter("power.shed_4", 0x0204, 0.32, 0.0, 1.0, "1", "motors off below, once still", hazardous=True)
SHED_HYSTERESIS = Parameter("power.shed_hysteresis", 0x0205, 0.05, 0.01, 0.5, "1", "gain that undoes a shed step")
UNDERVOLTAGE_V = Parameter(
    "power.undervoltage_v", 0x0206, 22.8, 6.0, 25.0, "V", "all sheddable loads off below", hazardous=True
)
OVERVOLTAGE_V = Parameter("power.overvoltage_v", 0x0207, 29.7, 28.0, 31.0, "V", "charging off above", hazardous=True)
CHARGE_MIN_C = Parameter("power.charge_min_c", 0x0208, 0.0, -10.0, 10.0, "degC", "no charging below", hazardous=True)
CHARGE_MAX_C = Parameter("power.charge_max_c", 0x0209, 45.0, 30.0, 60.0, "degC", "no charging above", hazardous=True)
CHARGE_LIMIT_A = Parameter(
    "power.charge_limit_a", 0x020A, 6.3, 0.5, 10.0, "A", "charging stops above (0.3 C)", hazardous=True
)
DISCHARGE_LIMIT_A = Parameter(
    "power.discharge_limit_a", 0x020B, 8.0, 1.0, 20.0, "A", "all sheddable loads off above", hazardous=True
)
CHARGE_BLIND = Parameter(
    "power.charge_blind",
    0x020C,
    0.0,
    0.0,
    1.0,
    "1",
    "1: charge even without a battery temperature (ground knows it to be warm)",
    hazardous=True,
    integer=True,
)

AREA = Area(
    name="power",
    apid=APID_POWER,
    number=2,
    housekeeping=(POWER_HK,),
    commands=(SET_LOAD, AUTO_LOAD, SET_SOC, CLEAR_FAULTS),
    events=(
        SHED,
        RESTORED,
        UNDERVOLTAGE,
        UNDERVOLTAGE_OVER,
        OVERVOLTAGE,
        OVERVOLTAGE_OVER,
        CHARGE_OVERCURRENT,
        DISCHARGE_OVERCURRENT,
        BATTERY_HOT,
        CHARGE_INHIBITED,
        CHARGE_ALLOWED,
        MONITOR_LOST,
        MONITOR_BACK,
        IMPLAUSIBLE_CURRENT,
        ARRAY_MONITOR_LOST,
        ARRAY_MONITOR_BACK,
        FACE_LOST,
        FACE_BACK,
        SWITCH_STUCK,
        SWITCH_FREE,
        SWITCHES_LOST,
        SWITCHES_BACK,
        SOC_DISAGREES,
    ),
    parameters=(
        SHED_1,
        SHED_2,
        SHED_3,
        SHED_4,
        SHED_HYSTERESIS,
        UNDERVOLTAGE_V,
        OVERVOLTAGE_V,
        CHARGE_MIN_C,
        CHARGE_MAX_C,
        CHARGE_LIMIT_A,
        DISCHARGE_LIMIT_A,
        CHARGE_BLIND,
    ),
)
