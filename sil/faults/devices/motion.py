"""Faults of what tells the rover how it moves and where up and the Sun are."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from hal.api.config import Section
from hal.api.values import GroundMotionFix, ImuReading, SunReading, Vector
from sil.faults.devices.common import FAILING, Faults, altered, device_fault, dice, failures, lies
from sil.faults.kinds import Bench
from sim_hal.faults.answers import Change

IMU_LOST: Final = (FAILING, "mobility.imu_lost")
AXES: Final = ("x", "y", "z")


class GyroBias(Section, frozen=True, kw_only=True):
    """A constant false turn."""

    rate_rad_s: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.02
    axis: Literal["x", "y", "z"] = "z"


class ImuNoise(Section, frozen=True, kw_only=True):
    """More noise than the data sheet has."""

    gyro_rad_s: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.05
    """Standard deviation."""
    accel_m_s2: Annotated[float, Meta(ge=0.0, le=5.0)] = 0.3


class TiltOffset(Section, frozen=True, kw_only=True):
    """The unit has turned on its mount."""

    tilt_rad: Annotated[float, Meta(ge=-0.8, le=0.8)] = 0.2
    """About the body's y axis."""


def _gyro_bias(_: Bench, params: GyroBias) -> Change:
    index = AXES.index(params.axis)

    def change(value: ImuReading, level: float) -> ImuReading:
        rates = list(value.gyro_rad_s)
        rates[index] += params.rate_rad_s * level
        return msgspec.structs.replace(value, gyro_rad_s=tuple(rates))

    return change


def _imu_noise(bench: Bench, params: ImuNoise) -> Change:
    bell = dice(bench, "imu/noise").bell

    def shaken(vector: Vector, sigma: float) -> Vector:
        x, y, z = vector
        return x + bell(sigma), y + bell(sigma), z + bell(sigma)

    def change(value: ImuReading, level: float) -> ImuReading:
        return msgspec.structs.replace(
            value,
            gyro_rad_s=shaken(value.gyro_rad_s, params.gyro_rad_s * level),
            accel_m_s2=shaken(value.accel_m_s2, params.accel_m_s2 * level),
        )

    return change


def _tilt(_: Bench, params: TiltOffset) -> Change:
    def change(value: ImuReading, level: float) -> ImuReading:
        c, s = math.cos(params.tilt_rad * level), math.sin(params.tilt_rad * level)

        def turned(vector: Vector) -> Vector:
            x, y, z = vector
            return c * x + s * z, y, c * z - s * x

        return msgspec.structs.replace(value, gyro_rad_s=turned(value.gyro_rad_s), accel_m_s2=turned(value.accel_m_s2))

    return change


class FalseFix(Section, frozen=True, kw_only=True):
    """Visual odometry follows the wrong stones."""

    forward_m: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.05
    """Added to each displacement."""
    left_m: Annotated[float, Meta(ge=-10.0, le=10.0)] = 0.0


class FixScale(Section, frozen=True, kw_only=True):
    """Displacements come out too long or too short."""

    factor: Annotated[float, Meta(ge=-2.0, le=5.0)] = 0.3


def _lost_fix(value: GroundMotionFix, _: float) -> GroundMotionFix:
    return msgspec.structs.replace(value, valid=False, forward_m=0.0, left_m=0.0)


def _false_fix(_: Bench, params: FalseFix) -> Change:
    def change(value: GroundMotionFix, level: float) -> GroundMotionFix:
        forward_m, left_m = value.forward_m + params.forward_m * level, value.left_m + params.left_m * level
        return msgspec.structs.replace(value, forward_m=forward_m, left_m=left_m)

    return change


def _scaled_fix(_: Bench, params: FixScale) -> Change:
    def change(value: GroundMotionFix, level: float) -> GroundMotionFix:
        factor = 1.0 + (params.factor - 1.0) * level
        return msgspec.structs.replace(value, forward_m=value.forward_m * factor, left_m=value.left_m * factor)

    return change


class SunTurn(Section, frozen=True, kw_only=True):
    """The sensor has turned on its mount, or sees a glint."""

    azimuth_rad: Annotated[float, Meta(ge=-math.pi, le=math.pi)] = 0.5


def _turned_sun(_: Bench, params: SunTurn) -> Change:
    def change(value: SunReading, level: float) -> SunReading:
        if value.azimuth_rad is None:
            return value
        azimuth = math.remainder(value.azimuth_rad + params.azimuth_rad * level, math.tau)
        return msgspec.structs.replace(value, azimuth_rad=azimuth)

    return change


def _no_sun(value: SunReading, _: float) -> Any:
    return msgspec.structs.replace(value, azimuth_rad=None, elevation_rad=None)


_IMU: Final[Faults] = {
    **failures(
        "imu", "stops a motion and starts none", {"silent": IMU_LOST, "bad": IMU_LOST, "reset": ("mobility.imu_lost",)}
    ),
    **lies(
        "imu",
        "cannot see it where attitude and turn do not change",
        {"nan": IMU_LOST[1:], "stale": IMU_LOST},
    ),
    ("imu", "bias"): device_fault(
        "the gyro turns by itself",
        "takes it out while the rover stands; heading drifts until then",
        altered("imu", _gyro_bias),
        GyroBias,
        ramps=True,
    ),
    ("imu", "noise"): device_fault(
        "rates and accelerations are noisy",
        "filters them",
        altered("imu", _imu_noise),
        ImuNoise,
        ramps=True,
    ),
    ("imu", "tilt_offset"): device_fault(
        "the unit has turned on its mount",
        "stops early, or late, on slopes: it cannot be seen from within",
        altered("imu", _tilt),
        TiltOffset,
        ramps=True,
    ),
}

_GROUND: Final[Faults] = {
    **failures(
        "ground_motion",
        "drives on by wheels and inertial unit for at most 10 m",
        {"silent": (FAILING, "mobility.fix_lost"), "bad": (FAILING, "mobility.fix_lost")},
    ),
    **lies(
        "ground_motion",
        "waits for a new fix: without one it drives at most 10 m",
        dict.fromkeys(("stuck", "nan", "stale"), ("mobility.fix_lost",)),
    ),
    ("ground_motion", "lost"): device_fault(
        "no fix is valid, as in the dark",
        "drives on by wheels and inertial unit for at most 10 m",
        altered("ground_motion", lambda *_: _lost_fix),
        events=("mobility.fix_lost",),
    ),
    ("ground_motion", "false_fix"): device_fault(
        "something is added to each displacement",
        "refuses what is beyond belief; else position and slip go wrong",
        altered("ground_motion", _false_fix),
        FalseFix,
        ramps=True,
    ),
    ("ground_motion", "scale"): device_fault(
        "displacements come out too short or too long",
        "stops for slip that is not there, or misses slip that is",
        altered("ground_motion", _scaled_fix),
        FixScale,
        ramps=True,
        events=("mobility.slip_high", "mobility.slip_stop", "mobility.embedded"),
    ),
}

_SUN: Final[Faults] = {
    **failures("sun_sensor", "does without heading by the Sun", {"silent": (FAILING,), "bad": (FAILING,)}),
    **lies("sun_sensor", "nothing: no motion depends on it", {}),
    ("sun_sensor", "turned"): device_fault(
        "the Sun is seen in a wrong direction",
        "nothing: no motion depends on it",
        altered("sun_sensor", _turned_sun),
        SunTurn,
        ramps=True,
    ),
    ("sun_sensor", "blind"): device_fault(
        "no Sun is seen",
        "does without heading by the Sun",
        altered("sun_sensor", lambda *_: _no_sun),
    ),
}

FAULTS: Final[Faults] = {**_IMU, **_GROUND, **_SUN}
