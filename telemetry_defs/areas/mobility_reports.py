"""What mobility reports at intervals: its codes and its housekeeping."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import Housekeeping
from telemetry_defs.wire import Wire


class Wheel(IntEnum):
    """Six wheels, numbered as every six-fold field is ordered."""

    FRONT_LEFT = 0
    FRONT_RIGHT = 1
    MIDDLE_LEFT = 2
    MIDDLE_RIGHT = 3
    REAR_LEFT = 4
    REAR_RIGHT = 5


class CornerChoice(IntEnum):
    """One corner, numbered as every four-fold field is ordered, or all of them."""

    FRONT_LEFT = 0
    FRONT_RIGHT = 1
    REAR_LEFT = 2
    REAR_RIGHT = 3
    ALL = 4


class MotionKind(IntEnum):
    """What was asked for."""

    NONE = 0
    ARC = 1
    TURN = 2
    DRIVE_TO = 3
    DRIVE = 4
    EGRESS = 5
    WHEEL_TEST = 6
    STEERING_TEST = 7


class MotionState(IntEnum):
    """Where the motion is."""

    STANDING = 0
    POWERING = 1
    STEERING = 2
    MOVING = 3
    STOPPING = 4
    CHECKING = 5
    TESTING = 6


class StopReason(IntEnum):
    """Why a motion ended; also the detail of its failure report."""

    NONE = 0
    REACHED = 1
    COMMANDED = 2
    MODE = 3
    TIME_LIMIT = 4
    DISTANCE_LIMIT = 5
    DEAD_MAN = 6
    LINK = 7
    IMU = 8
    TILT = 9
    STALL = 10
    SLIP = 11
    EMBEDDED = 12
    ENCODER = 13
    STEERING = 14
    POWER = 15
    COLD = 16
    HOT = 17
    OBSTACLE = 18
    NO_FIX = 19
    OUTPUT = 20
    NOT_CONVERGING = 21
    RUNAWAY = 22


class SlipSource(IntEnum):
    """What the slip value rests on."""

    NONE = 0
    GROUND_MOTION = 1
    ESTIMATE = 2
    GYRO = 3
    """In a turn on the spot: the body's turn against that of the wheels."""


class StallCause(IntEnum):
    """How a stall was seen."""

    CURRENT = 1
    STILL = 2


class MobilityHk(msgspec.Struct, frozen=True, kw_only=True):
    """Pose, attitude, motion and wheels."""

    kind: Annotated[MotionKind | None, Wire("u8", meaning="motion running, or the last one")]
    state: Annotated[MotionState | None, Wire("u8", meaning="state of the motion")]
    stop_reason: Annotated[StopReason | None, Wire("u8", meaning="why the last motion ended")]
    x_m: Annotated[float | None, Wire("i32", scale=0.001, unit="m", meaning="believed position east of the lander")]
    y_m: Annotated[float | None, Wire("i32", scale=0.001, unit="m", meaning="believed position north of the lander")]
    yaw_rad: Annotated[float | None, Wire("i16", scale=1e-4, unit="rad", meaning="heading, counter-clockwise of east")]
    pitch_rad: Annotated[
        float | None,
        Wire("i16", scale=1e-4, unit="rad", low=-0.3491, high=0.3491, meaning="pitch, nose up positive"),
    ]
    roll_rad: Annotated[
        float | None,
        Wire("i16", scale=1e-4, unit="rad", low=-0.3491, high=0.3491, meaning="roll, left side up positive"),
    ]
    tilt_rad: Annotated[
        float | None, Wire("u16", scale=1e-4, unit="rad", high=0.3491, meaning="angle between body z and the vertical")
    ]
    speed_m_s: Annotated[float | None, Wire("i16", scale=1e-4, unit="m/s", meaning="commanded speed now")]
    yaw_rate_rad_s: Annotated[float | None, Wire("i16", scale=1e-4, unit="rad/s", meaning="commanded yaw rate now")]
    slip: Annotated[float | None, Wire("i16", scale=0.001, unit="1", high=0.5, meaning="1 - ground / wheel travel")]
    slip_source: Annotated[SlipSource | None, Wire("u8", meaning="what the slip value rests on")]
    wheel_speed_rad_s: Annotated[
        tuple[float | None, ...], Wire("i16", scale=0.001, unit="rad/s", count=6, meaning="measured wheel speeds")
    ]
    wheel_current_a: Annotated[
        tuple[float | None, ...],
        Wire("i16", scale=0.001, unit="A", high=0.25, count=6, meaning="measured motor currents"),
    ]
    steering_rad: Annotated[
        tuple[float | None, ...],
        Wire("i16", scale=1e-4, unit="rad", count=4, meaning="measured corner angles: front l, r, rear l, r"),
    ]
    travelled_m: Annotated[float | None, Wire("u32", scale=0.001, unit="m", meaning="wheel travel of this motion")]
    remaining_m: Annotated[float | None, Wire("u32", scale=0.001, unit="m", meaning="distance left of this motion")]
    odometer_m: Annotated[float | None, Wire("u32", scale=0.01, unit="m", meaning="wheel travel since first use")]
    no_fix_m: Annotated[float | None, Wire("u16", scale=0.01, unit="m", meaning="wheel travel since a valid fix")]
    fixes: Annotated[int | None, Wire("u32", meaning="valid ground motion fixes since boot")]
    gyro_bias_rad_s: Annotated[float | None, Wire("f32", unit="rad/s", meaning="yaw gyro bias learned at rest")]
    masked_wheels: Annotated[int | None, Wire("u8", meaning="bit n set: wheel n is masked")]
    embedded: Annotated[bool | None, Wire("bool", meaning="slip passed the embedding limit; cleared by ground")]
    imu_ok: Annotated[bool | None, Wire("bool", meaning="inertial unit answers")]
    wheels_ok: Annotated[bool | None, Wire("bool", meaning="wheel drives answer; no value while they are off")]
    sun_azimuth_rad: Annotated[
        float | None, Wire("i16", scale=1e-4, unit="rad", meaning="Sun, counter-clockwise of body x")
    ]
    sun_elevation_rad: Annotated[
        float | None, Wire("i16", scale=1e-4, unit="rad", meaning="Sun above the body xy plane")
    ]


MOBILITY_HK = Housekeeping(
    name="mobility.hk", structure_id=40, cls=MobilityHk, period_s=5.0, meaning="pose, attitude, motion and wheels"
)
