"""Dictionary area of the devices and their recovery: which of them answer, which are given up, who decided it."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import APID_SYSTEM, Area, Command, Event, Housekeeping, Severity
from telemetry_defs.wire import Wire

DEFECT_BYTES = 100
"""Of what a driver raised, so much is told."""


class DeviceId(IntEnum):
    """Every device a rover may carry; the name in lower case is that of the board.

    Any two codes differ in two bits: one flipped bit never means another device.
    """

    WHEELS = 0x03
    STEERING = 0x05
    IMU = 0x06
    GROUND_MOTION = 0x09
    SUN_SENSOR = 0x0A
    POWER_MONITOR = 0x0C
    ARRAY = 0x0F
    TEMPERATURES = 0x11
    HEATERS = 0x12
    LOADS = 0x14
    RADIO_RELAY = 0x17
    RADIO_LOCAL = 0x18
    STORAGE = 0x1B
    WATCHDOG = 0x1D
    EGRESS = 0x1E
    POWER_CONTROLLER = 0x21
    RTC = 0x22
    CAMERA = 0x24
    SPECTROMETER = 0x27
    DOSIMETER = 0x28
    PLASMA = 0x2B


DEVICES = tuple(DeviceId)
"""The order of the devices in `health.hk`."""


class DeviceState(IntEnum):
    """What is known of a device; any two codes differ in two bits."""

    GOOD = 0x03
    """It has not failed when it was used last."""
    FAILING = 0x05
    """Several errors in a row, and no good answer since."""
    CYCLING = 0x06
    """Its power is being switched off and on again."""
    DEAD = 0x09
    """Given up: it is left alone, but for a probe now and then."""
    ABSENT = 0x0A
    """This rover does not carry it."""


class DeviceFault(IntEnum):
    """The kind of an error; any two codes differ in two bits."""

    TIMEOUT = 0x03
    BAD_READING = 0x05
    NOT_READY = 0x06
    DEFECT = 0x09
    """Its driver raised what no driver may raise."""


class ProbeAnswer(IntEnum):
    """What a device answered when it was asked; any two codes differ in two bits."""

    GOOD = 0x03
    TIMEOUT = 0x05
    BAD_READING = 0x06
    NOT_READY = 0x09
    """No power, still starting, or nothing to tell."""
    ABSENT = 0x0A
    """This rover does not carry it."""
    DEFECT = 0x0C
    """Its driver raised what no driver may raise."""


class HealthHk(msgspec.Struct, frozen=True, kw_only=True):
    """All devices, in the order of `DEVICES`."""

    state: Annotated[tuple[DeviceState | None, ...], Wire("u8", count=len(DEVICES), meaning="what is known of each")]
    errors: Annotated[tuple[int | None, ...], Wire("u16", count=len(DEVICES), meaning="errors since boot or reset")]
    power_cycles: Annotated[
        tuple[int | None, ...], Wire("u8", count=len(DEVICES), meaning="power cycles used of the day's budget")
    ]


class HealthProbe(msgspec.Struct, frozen=True, kw_only=True):
    """The newest round of questions, in the order of `DEVICES`."""

    rounds: Annotated[int | None, Wire("u16", meaning="rounds ended since boot")]
    answer: Annotated[tuple[ProbeAnswer | None, ...], Wire("u8", count=len(DEVICES), meaning="what each answered")]


class WhichDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device."""

    device: Annotated[DeviceId, Wire("u8", meaning="which device")]


class DeviceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to which device."""

    device: Annotated[DeviceId | None, Wire("u8", meaning="which device")]


class DeviceTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """A device and its newest error."""

    device: Annotated[DeviceId | None, Wire("u8", meaning="which device")]
    fault: Annotated[DeviceFault | None, Wire("u8", meaning="kind of its newest error")]
    errors: Annotated[int | None, Wire("u16", meaning="its errors since boot or reset")]


class DriverDefect(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake in a driver's code."""

    device: Annotated[DeviceId | None, Wire("u8", meaning="whose driver")]
    error: Annotated[bytes, Wire("bytes", max_bytes=DEFECT_BYTES, meaning="what it raised: type, place, text, ASCII")]


class Cycled(msgspec.Struct, frozen=True, kw_only=True):
    """A power cycle."""

    device: Annotated[DeviceId | None, Wire("u8", meaning="for which device")]
    used: Annotated[int | None, Wire("u8", meaning="power cycles used of the day's budget")]


HK = Housekeeping(name="health.hk", structure_id=110, cls=HealthHk, period_s=30.0, meaning="health of every device")
PROBE_HK = Housekeeping(
    name="health.probe",
    structure_id=111,
    cls=HealthProbe,
    period_s=0.0,
    meaning="what every device answered to health.probe_devices; sent when asked for",
)

REVIVE = Command(
    name="health.revive",
    cls=WhichDevice,
    function_id=0x0B01,
    kept=True,
    meaning="use a dead device again, with a fresh budget",
)
DECLARE_DEAD = Command(
    name="health.declare_dead",
    cls=WhichDevice,
    function_id=0x0B02,
    kept=True,
    meaning="give a device up; refused for one that the rover cannot live without",
)
POWER_CYCLE = Command(
    name="health.power_cycle",
    cls=WhichDevice,
    function_id=0x0B03,
    meaning="switch a device's power line off and on; complete when it is on again; does not use up the budget",
)
RESET_COUNTS = Command(
    name="health.reset_counts",
    function_id=0x0B04,
    kept=True,
    meaning="all error counts and used power cycles to zero",
)
PROBE_DEVICES = Command(
    name="health.probe_devices",
    function_id=0x0B05,
    meaning="ask every device once and note its answer in health.probe; changes nothing",
)

DEVICE_FAILING = Event(
    name="health.device_failing",
    event_id=0x0B01,
    severity=Severity.LOW,
    cls=DeviceTrouble,
    meaning="a device made several errors in a row",
)
DEVICE_RECOVERED = Event(
    name="health.device_recovered",
    event_id=0x0B02,
    severity=Severity.INFO,
    cls=DeviceEvent,
    meaning="a failing device answers again",
)
POWER_CYCLED = Event(
    name="health.power_cycled",
    event_id=0x0B03,
    severity=Severity.MEDIUM,
    cls=Cycled,
    meaning="the power line of a device is switched off for a moment",
)
DEVICE_DEAD = Event(
    name="health.device_dead",
    event_id=0x0B04,
    severity=Severity.HIGH,
    cls=DeviceTrouble,
    meaning="a device was given up",
)
DEVICE_REVIVED = Event(
    name="health.device_revived",
    event_id=0x0B05,
    severity=Severity.MEDIUM,
    cls=DeviceEvent,
    meaning="a dead device is used again",
)
DRIVER_DEFECT = Event(
    name="health.driver_defect",
    event_id=0x0B06,
    severity=Severity.MEDIUM,
    cls=DriverDefect,
    meaning="a driver raised what no driver may raise; its device counts as failing",
)

AREA = Area(
    name="health",
    apid=APID_SYSTEM,
    number=11,
    housekeeping=(HK, PROBE_HK),
    commands=(REVIVE, DECLARE_DEAD, POWER_CYCLE, RESET_COUNTS, PROBE_DEVICES),
    events=(DEVICE_FAILING, DEVICE_RECOVERED, POWER_CYCLED, DEVICE_DEAD, DEVICE_REVIVED, DRIVER_DEFECT),
)
