"""What mobility reports when it happens: its events and their fields."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.areas.mobility_reports import CornerChoice, MotionKind, SlipSource, StallCause, StopReason, Wheel
from telemetry_defs.definitions import Event, NoArguments, Severity
from telemetry_defs.wire import Wire


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """Which motion began."""

    kind: Annotated[MotionKind | None, Wire("u8", meaning="kind of motion")]


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """Which motion ended, why and where."""

    kind: Annotated[MotionKind | None, Wire("u8", meaning="kind of motion")]
    reason: Annotated[StopReason | None, Wire("u8", meaning="why it ended")]
    travelled_m: Annotated[float | None, Wire("f32", unit="m", meaning="wheel travel")]
    x_m: Annotated[float | None, Wire("f32", unit="m", meaning="believed position east")]
    y_m: Annotated[float | None, Wire("f32", unit="m", meaning="believed position north")]
    yaw_rad: Annotated[float | None, Wire("f32", unit="rad", meaning="believed heading")]


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a long drive."""

    step: Annotated[int | None, Wire("u8", meaning="steps driven so far")]
    remaining_m: Annotated[float | None, Wire("f32", unit="m", meaning="distance left to the waypoint")]


class Stall(msgspec.Struct, frozen=True, kw_only=True):
    """A wheel that does not turn as told."""

    wheel: Annotated[Wheel | None, Wire("u8", meaning="which wheel")]
    cause: Annotated[StallCause | None, Wire("u8", meaning="how it was seen")]
    current_a: Annotated[float | None, Wire("f32", unit="A", meaning="its motor current")]


class WheelCurrent(msgspec.Struct, frozen=True, kw_only=True):
    """Current of one wheel."""

    wheel: Annotated[Wheel | None, Wire("u8", meaning="which wheel")]
    current_a: Annotated[float | None, Wire("f32", unit="A", meaning="its motor current")]


class WheelOnly(msgspec.Struct, frozen=True, kw_only=True):
    """One wheel."""

    wheel: Annotated[Wheel | None, Wire("u8", meaning="which wheel")]


class WheelMasked(msgspec.Struct, frozen=True, kw_only=True):
    """Mask of one wheel."""

    wheel: Annotated[Wheel | None, Wire("u8", meaning="which wheel")]
    masked: Annotated[bool | None, Wire("bool", meaning="left out of driving")]


class WheelTested(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of a single-wheel test."""

    wheel: Annotated[Wheel | None, Wire("u8", meaning="which wheel")]
    turned_rad: Annotated[float | None, Wire("f32", unit="rad", meaning="encoder angle turned")]
    current_a: Annotated[float | None, Wire("f32", unit="A", meaning="highest motor current")]


class SteeringTested(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of a steering test."""

    corner: Annotated[CornerChoice | None, Wire("u8", meaning="which corner")]
    angle_rad: Annotated[float | None, Wire("f32", unit="rad", meaning="its angle, of all corners that of the first")]


class SlipLevel(msgspec.Struct, frozen=True, kw_only=True):
    """Slip and what it rests on."""

    slip: Annotated[float | None, Wire("f32", unit="1", meaning="1 - ground / wheel travel")]
    source: Annotated[SlipSource | None, Wire("u8", meaning="what it rests on")]


class TiltLevel(msgspec.Struct, frozen=True, kw_only=True):
    """Tilt."""

    tilt_rad: Annotated[float | None, Wire("f32", unit="rad", meaning="angle between body z and the vertical")]


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the running motion."""

    reason: Annotated[StopReason | None, Wire("u8", meaning="which limit")]
    elapsed_s: Annotated[float | None, Wire("f32", unit="s", meaning="time since the motion began")]
    travelled_m: Annotated[float | None, Wire("f32", unit="m", meaning="wheel travel since then")]


class Travel(msgspec.Struct, frozen=True, kw_only=True):
    """A distance."""

    travelled_m: Annotated[float | None, Wire("f32", unit="m", meaning="wheel travel")]


def _event(name: str, number: int, severity: Severity, cls: type[msgspec.Struct], meaning: str) -> Event:
    return Event(name=f"mobility.{name}", event_id=0x0400 | number, severity=severity, cls=cls, meaning=meaning)


_I, _L, _M, _H = Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH

MOTION_STARTED = _event("motion_started", 0x01, _I, Started, "a motion began")
MOTION_ENDED = _event("motion_ended", 0x02, _I, Ended, "a motion ended; the reason says how")
STEP_DONE = _event("step_done", 0x03, _I, StepDone, "a step of a long drive ended and its check passed")
STALL = _event(
    "stall",
    0x04,
    _M,
    Stall,
    "a driven wheel draws stall current, stands still or turns against its command: motion stops",
)
CURRENT_HIGH = _event("current_high", 0x05, _L, WheelCurrent, "a motor current passed its warning limit")
OBSTACLE = _event("obstacle", 0x06, _M, WheelCurrent, "a motor current rose as on an obstacle: motion stops")
SLIP_HIGH = _event("slip_high", 0x07, _L, SlipLevel, "slip passed its warning limit")
SLIP_STOP = _event("slip_stop", 0x08, _M, SlipLevel, "slip passed its stop limit: motion stops")
EMBEDDED = _event("embedded", 0x09, _H, SlipLevel, "slip passed the embedding limit: SAFE")
TILT_HIGH = _event("tilt_high", 0x0A, _L, TiltLevel, "tilt passed its warning limit")
TILT_STOP = _event("tilt_stop", 0x0B, _M, TiltLevel, "tilt passed its stop limit: motion stops")
TILT_SAFE = _event("tilt_safe", 0x0C, _H, TiltLevel, "tilt passed its safety limit: SAFE")
ENCODER_LOST = _event("encoder_lost", 0x0D, _M, WheelOnly, "a wheel gives no readings: motion stops")
WHEELS_LOST = _event("wheels_lost", 0x0E, _M, NoArguments, "the wheel drives do not answer: motion stops")
WHEELS_RECOVERED = _event("wheels_recovered", 0x0F, _I, NoArguments, "the wheel drives answer again")
IMU_LOST = _event("imu_lost", 0x10, _M, NoArguments, "the inertial unit gives no good readings")
IMU_RECOVERED = _event("imu_recovered", 0x11, _I, NoArguments, "the inertial unit answers again")
STEERING_LOST = _event(
    "steering_lost", 0x12, _M, NoArguments, "a corner does not reach or hold its angle: motion stops"
)
FIX_LOST = _event("fix_lost", 0x13, _L, Travel, "no ground motion fix: slip is only estimated")
FIX_RECOVERED = _event("fix_recovered", 0x14, _I, Travel, "ground motion fixes are back")
NO_FIX_LIMIT = _event("no_fix_limit", 0x15, _M, Travel, "driven as far as allowed without a fix: motion stops")
LINK_LOST = _event("link_lost", 0x16, _M, NoArguments, "no radio hears the ground: motion stops")
MOTION_LIMIT = _event("motion_limit", 0x17, _M, Limit, "a limit of the motion was reached: motion stops")
MOTORS_COLD = _event("motors_cold", 0x18, _M, NoArguments, "motors are not known to be warm: motion stops")
MOTORS_HOT = _event("motors_hot", 0x19, _M, WheelOnly, "a motor is too hot: motion stops")
POWER_LOST = _event("power_lost", 0x1A, _M, NoArguments, "the motors are without power: motion stops")
OUTPUT_FAILED = _event("output_failed", 0x1B, _M, NoArguments, "a command did not reach the wheels: their hold ends it")
GATE_CLOSED = _event("gate_closed", 0x1C, _M, NoArguments, "wheel speeds were asked for in a mode that forbids them")
RUNAWAY = _event(
    "runaway", 0x1D, _H, WheelOnly, "a wheel turns unasked, faster than it is told, or against it: motor power is cut"
)
WHEEL_TESTED = _event("wheel_tested", 0x1E, _I, WheelTested, "outcome of a single-wheel test")
WHEEL_MASKED = _event("wheel_masked", 0x1F, _I, WheelMasked, "a wheel was masked or unmasked")
RELEASED = _event("released", 0x20, _I, NoArguments, "the hold-down on the lander has opened")
STEERING_TESTED = _event("steering_tested", 0x21, _I, SteeringTested, "outcome of a steering test")

EVENTS = (
    MOTION_STARTED,
    MOTION_ENDED,
    STEP_DONE,
    STALL,
    CURRENT_HIGH,
    OBSTACLE,
    SLIP_HIGH,
    SLIP_STOP,
    EMBEDDED,
    TILT_HIGH,
    TILT_STOP,
    TILT_SAFE,
    ENCODER_LOST,
    WHEELS_LOST,
    WHEELS_RECOVERED,
    IMU_LOST,
    IMU_RECOVERED,
    STEERING_LOST,
    FIX_LOST,
    FIX_RECOVERED,
    NO_FIX_LIMIT,
    LINK_LOST,
    MOTION_LIMIT,
    MOTORS_COLD,
    MOTORS_HOT,
    POWER_LOST,
    OUTPUT_FAILED,
    GATE_CLOSED,
    RUNAWAY,
    WHEEL_TESTED,
    WHEEL_MASKED,
    RELEASED,
    STEERING_TESTED,
)
