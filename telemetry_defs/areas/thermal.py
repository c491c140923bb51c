"""Dictionary area of the thermal subsystem: temperatures, heaters, thermostats."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.areas.heaters import TEST_HEATER, Heater
from telemetry_defs.definitions import (
    APID_THERMAL,
    Area,
    Command,
    Event,
    Housekeeping,
    NoArguments,
    Parameter,
    Severity,
)
from telemetry_defs.monitor_reports import MonitorReport
from telemetry_defs.wire import Wire


class Sensor(IntEnum):
    """Temperature sensors in the order in which their readings travel; bit n of a sensor mask has code n."""

    WEB = 0
    BATTERY_A = 1
    BATTERY_B = 2
    SHELL = 3
    RADIATOR = 4
    INSTRUMENTS = 5
    MOTOR_FRONT_LEFT = 6
    MOTOR_FRONT_RIGHT = 7
    MOTOR_MIDDLE_LEFT = 8
    MOTOR_MIDDLE_RIGHT = 9
    MOTOR_REAR_LEFT = 10
    MOTOR_REAR_RIGHT = 11


class ThermalTarget(IntEnum):
    """What a mode asks of the thermal subsystem."""

    KEEP = 0x05
    """Battery kept alive, and ready to charge whenever the array delivers; motors only on request."""
    CHARGE_READY = 0x06
    """Battery kept warm enough to charge."""
    DRIVE_READY = 0x09
    """As KEEP, with the motors warm."""
    WAKE_UP = 0x0A
    """As CHARGE_READY, with the motors warmed while the array has power to spare."""


class BatteryControl(IntEnum):
    """What the battery heater is steered by."""

    SENSORS = 0x03
    """The battery's own sensors."""
    WEB = 0x05
    """Both are lost: duty cycle while the electronics web beside the battery is cold."""
    BLIND = 0x06
    """Those and the web are lost: duty cycle always."""
    SURVIVAL = 0x09
    """The electronics web is near its survival limit: the battery heater warms it too."""


class ThermalHk(msgspec.Struct, frozen=True, kw_only=True):
    """Temperatures and heaters."""

    temperatures_c: Annotated[
        tuple[float | None, ...],
        Wire("i16", scale=0.01, unit="degC", count=12, meaning="in the order of the sensors, see the enum"),
    ]
    battery_c: Annotated[
        float | None, Wire("i16", scale=0.01, unit="degC", low=-20.0, high=45.0, meaning="colder battery sensor")
    ]
    target: Annotated[ThermalTarget | None, Wire("u8", meaning="what the mode asks")]
    battery_control: Annotated[BatteryControl | None, Wire("u8", meaning="what the battery heater is steered by")]
    battery_heater_on_c: Annotated[
        float | None, Wire("i16", scale=0.01, unit="degC", meaning="battery heater goes on below")
    ]
    heaters_on: Annotated[int | None, Wire("u8", meaning="mask of the heaters commanded on")]
    heaters_failed: Annotated[int | None, Wire("u8", high=0.0, meaning="mask of the heaters judged without effect")]
    heaters_stuck: Annotated[int | None, Wire("u8", high=0.0, meaning="mask of the heaters judged stuck on")]
    sensors_lost: Annotated[
        int | None, Wire("u16", high=0.0, meaning="mask of the sensors without a believable reading")
    ]
    sensors_masked: Annotated[int | None, Wire("u16", meaning="mask of the sensors that ground told flight to ignore")]
    heater_w: Annotated[float | None, Wire("u16", scale=0.01, unit="W", meaning="heater power commanded now")]
    heater_budget_w: Annotated[float | None, Wire("u16", scale=0.01, unit="W", meaning="heater power allowed now")]
    heater_energy_wh: Annotated[float | None, Wire("f32", unit="Wh", meaning="heater energy commanded since boot")]
    motors_warm: Annotated[bool | None, Wire("bool", meaning="every motor is fit to turn")]
    too_hot: Annotated[bool | None, Wire("bool", high=0.0, meaning="electronics above their working range")]
    too_cold: Annotated[bool | None, Wire("bool", high=0.0, meaning="electronics below their working range")]
    device_errors: Annotated[int | None, Wire("u16", meaning="failed accesses to sensors and heaters since boot")]
    battery_warmest_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="warmer battery sensor")]


class WarmMotors(msgspec.Struct, frozen=True, kw_only=True):
    """Warm the motors ahead of a drive."""

    hold_s: Annotated[
        float,
        Wire("u32", scale=1.0, unit="s", low=0.0, high=86400.0, meaning="keep them warm so long from now; 0 ends it"),
    ]


class MaskSensor(msgspec.Struct, frozen=True, kw_only=True):
    """Ignore a sensor, or trust it again."""

    sensor: Annotated[Sensor, Wire("u8", meaning="which sensor")]
    masked: Annotated[bool, Wire("bool", meaning="ignore it")]


class HeaterReport(msgspec.Struct, frozen=True, kw_only=True):
    """One heater."""

    heater: Annotated[Heater | None, Wire("u8", meaning="which heater")]
    temperature_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="temperature it heats")]
    heat_w: Annotated[float | None, Wire("i16", scale=0.001, unit="W", meaning="heat seen in the heat balance")]


class SensorReport(msgspec.Struct, frozen=True, kw_only=True):
    """One sensor."""

    sensor: Annotated[Sensor | None, Wire("u8", meaning="which sensor")]
    last_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="last reading believed")]


class TemperatureReport(msgspec.Struct, frozen=True, kw_only=True):
    """One temperature."""

    temperature_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="temperature")]


class DisagreeReport(msgspec.Struct, frozen=True, kw_only=True):
    """The two battery sensors."""

    battery_a_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="sensor a")]
    battery_b_c: Annotated[float | None, Wire("i16", scale=0.01, unit="degC", meaning="sensor b")]


THERMAL_HK = Housekeeping("thermal.hk", 30, ThermalHk, 20.0, "temperatures, heaters and judgements on them")

WARM_MOTORS = Command(
    "thermal.warm_motors",
    WarmMotors,
    function_id=0x0301,
    progress=True,
    meaning="warm the motors and keep them warm; ends when they are warm, progress every 10 K of the coldest",
)
MASK_SENSOR = Command(
    "thermal.mask_sensor",
    MaskSensor,
    function_id=0x0302,
    hazardous=True,
    meaning="ignore a broken sensor: web falls back on instruments, a motor on the coldest of the others",
)
CLEAR_FAULTS = Command(
    "thermal.clear_faults", NoArguments, function_id=0x0303, meaning="forget judgements on heaters and judge anew"
)

HEATER_NO_EFFECT = Event(
    "thermal.heater_no_effect", 0x0301, Severity.MEDIUM, HeaterReport, "heater on yet no rise: off, tried again later"
)
HEATER_STUCK_ON = Event("thermal.heater_stuck_on", 0x0302, Severity.HIGH, HeaterReport, "heater off yet it heats")
HEATER_BACK = Event("thermal.heater_back", 0x0303, Severity.INFO, HeaterReport, "a heater judged bad behaves again")
HEATERS_LOST = Event("thermal.heaters_lost", 0x0304, Severity.HIGH, meaning="the heater switches do not answer")
HEATERS_BACK = Event("thermal.heaters_back", 0x0305, Severity.INFO, meaning="the heater switches answer again")
SWITCH_STUCK = Event("thermal.switch_stuck", 0x0306, Severity.MEDIUM, HeaterReport, "a heater switch does not obey")
SENSOR_LOST = Event("thermal.sensor_lost", 0x0307, Severity.MEDIUM, SensorReport, "a sensor gives no reading")
SENSOR_BACK = Event("thermal.sensor_back", 0x0308, Severity.INFO, SensorReport, "a lost sensor reads again")
SENSOR_IMPLAUSIBLE = Event(
    "thermal.sensor_implausible", 0x0309, Severity.LOW, SensorReport, "a sensor jumped or left its range: not believed"
)
SENSORS_DISAGREE = Event(
    "thermal.sensors_disagree", 0x030A, Severity.MEDIUM, DisagreeReport, "battery sensors differ: the worse one counts"
)
SENSORS_AGREE = Event("thermal.sensors_agree", 0x030B, Severity.INFO, DisagreeReport, "battery sensors agree again")
TOO_HOT = Event("thermal.too_hot", 0x030C, Severity.HIGH, TemperatureReport, "electronics above their working range")
TOO_COLD = Event("thermal.too_cold", 0x030D, Severity.HIGH, TemperatureReport, "electronics below their working range")
IN_RANGE = Event("thermal.in_range", 0x030E, Severity.INFO, TemperatureReport, "electronics in range again")
BATTERY_HOT = Event("thermal.battery_hot", 0x030F, Severity.HIGH, MonitorReport, "battery too hot")
BATTERY_COLD = Event("thermal.battery_cold", 0x0310, Severity.HIGH, MonitorReport, "battery near freezing")
BATTERY_BLIND = Event(
    "thermal.battery_blind", 0x0311, Severity.HIGH, meaning="both battery sensors lost: heated by duty cycle"
)
MOTORS_WARM = Event("thermal.motors_warm", 0x0312, Severity.INFO, TemperatureReport, "motors are warm enough to turn")
MOTORS_COLD = Event("thermal.motors_cold", 0x0313, Severity.INFO, TemperatureReport, "motors are not fit to turn")
MOTOR_HOT = Event("thermal.motor_hot", 0x0314, Severity.MEDIUM, SensorReport, "a motor above its working range")
WARMUP_SLOW = Event("thermal.warmup_slow", 0x0315, Severity.MEDIUM, TemperatureReport, "motor warm-up takes too long")

KEEP_ON_C = Parameter("thermal.keep_on_c", 0x0301, -5.0, -25.0, 10.0, "degC", "battery heater on below", hazardous=True)
KEEP_OFF_C = Parameter(
    "thermal.keep_off_c", 0x0302, 0.0, -20.0, 20.0, "degC", "battery heater off above", hazardous=True
)
CHARGE_ON_C = Parameter(
    "thermal.charge_on_c", 0x0303, 2.0, -5.0, 20.0, "degC", "battery heater on below, for charging", hazardous=True
)
CHARGE_OFF_C = Parameter(
    "thermal.charge_off_c", 0x0304, 5.0, -2.0, 25.0, "degC", "battery heater off above, for charging", hazardous=True
)
MOTOR_WARM_C = Parameter(
    "thermal.motor_warm_c", 0x0305, -50.0, -54.0, 20.0, "degC", "no wheel turns with a motor colder", hazardous=True
)
MOTOR_HOT_C = Parameter(
    "thermal.motor_hot_c", 0x0306, 85.0, 50.0, 100.0, "degC", "no wheel turns with a motor hotter", hazardous=True
)
HOT_C = Parameter("thermal.hot_c", 0x0307, 50.0, 30.0, 65.0, "degC", "web too hot above", hazardous=True)
COLD_C = Parameter("thermal.cold_c", 0x0308, -20.0, -35.0, 0.0, "degC", "web too cold below", hazardous=True)
SURVIVAL_C = Parameter(
    "thermal.survival_c", 0x0309, -30.0, -38.0, -15.0, "degC", "battery heater warms the web below", hazardous=True
)
HEATER_BUDGET_W = Parameter("thermal.heater_budget_w", 0x030A, 24.0, 0.0, 40.0, "W", "heater power allowed")
HEATER_BUDGET_LOW_W = Parameter(
    "thermal.heater_budget_low_w", 0x030B, 12.0, 0.0, 40.0, "W", "heater power allowed on a low battery without Sun"
)
ARRAY_DELIVERS_W = Parameter(
    "thermal.array_delivers_w", 0x030C, 5.0, 1.0, 100.0, "W", "array counts as delivering from"
)
DISAGREE_K = Parameter("thermal.disagree_k", 0x030D, 5.0, 1.0, 30.0, "K", "battery sensors disagree above")
JUDGE_AFTER_S = Parameter(
    "thermal.judge_after_s", 0x030E, 900.0, 120.0, 7200.0, "s", "heat balance over so long judges a heater"
)
RETRY_AFTER_S = Parameter(
    "thermal.retry_after_s", 0x030F, 1800.0, 60.0, 86400.0, "s", "a heater judged without effect is tried again after"
)
WARMUP_LIMIT_S = Parameter(
    "thermal.warmup_limit_s", 0x0310, 36000.0, 600.0, 172800.0, "s", "motor warm-up counts as slow after"
)
BLIND_DUTY = Parameter(
    "thermal.blind_duty", 0x0311, 0.25, 0.0, 1.0, "1", "battery heater duty without its sensors", hazardous=True
)

AREA = Area(
    name="thermal",
    apid=APID_THERMAL,
    number=3,
    housekeeping=(THERMAL_HK,),
    commands=(WARM_MOTORS, MASK_SENSOR, CLEAR_FAULTS, TEST_HEATER),
    events=(
        HEATER_NO_EFFECT,
        HEATER_STUCK_ON,
        HEATER_BACK,
        HEATERS_LOST,
        HEATERS_BACK,
        SWITCH_STUCK,
        SENSOR_LOST,
        SENSOR_BACK,
        SENSOR_IMPLAUSIBLE,
        SENSORS_DISAGREE,
        SENSORS_AGREE,
        TOO_HOT,
        TOO_COLD,
        IN_RANGE,
        BATTERY_HOT,
        BATTERY_COLD,
        BATTERY_BLIND,
        MOTORS_WARM,
        MOTORS_COLD,
        MOTOR_HOT,
        WARMUP_SLOW,
    ),
    parameters=(
        KEEP_ON_C,
        KEEP_OFF_C,
        CHARGE_ON_C,
        CHARGE_OFF_C,
        MOTOR_WARM_C,
        MOTOR_HOT_C,
        HOT_C,
        COLD_C,
        SURVIVAL_C,
        HEATER_BUDGET_W,
        HEATER_BUDGET_LOW_W,
        ARRAY_DELIVERS_W,
        DISAGREE_K,
        JUDGE_AFTER_S,
        RETRY_AFTER_S,
        WARMUP_LIMIT_S,
        BLIND_DUTY,
    ),
)
