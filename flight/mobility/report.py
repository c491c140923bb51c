"""Mobility's housekeeping, built when it is asked for."""

from __future__ import annotations

from flight.loads import LoadRequests
from flight.mobility.checks import MotionChecks
from flight.mobility.parts import Parts
from flight.mobility.runner import MotionRunner
from flight.mobility.service_tests import ServiceTests
from hal.api.devices import SunSensor
from hal.api.errors import DeviceError
from telemetry_defs.areas.mobility_reports import MobilityHk, MotionState

NOTHING_6 = (None,) * 6
NOTHING_4 = (None,) * 4
ROLLING = frozenset({MotionState.MOVING, MotionState.STOPPING})
"""States in which wheels turn under the rover: in all others there is no slip to tell of."""


def report(
    parts: Parts,
    runner: MotionRunner,
    test: ServiceTests,
    checks: MotionChecks,
    sun_sensor: SunSensor | None,
    loads: LoadRequests,
) -> MobilityHk:
    """Everything as it is now; None where it is not known."""
    pose, inertial, attitude = parts.pose, parts.inertial, parts.inertial.attitude
    progress, ground, odometry = parts.progress, parts.ground, parts.odometry
    powered = loads.is_on("motors")
    readings = odometry.readings if powered else None
    sun_azimuth, sun_elevation = _sun(sun_sensor)
    guide = runner.guide
    return MobilityHk(
        kind=test.kind if test.active else runner.kind,
        state=test.state if test.active else runner.state,
        stop_reason=runner.reason,
        x_m=pose.x_m,
        y_m=pose.y_m,
        yaw_rad=pose.yaw_rad,
        pitch_rad=attitude.pitch_rad if inertial.ok else None,
        roll_rad=attitude.roll_rad if inertial.ok else None,
        tilt_rad=attitude.tilt_rad if inertial.ok else None,
        speed_m_s=progress.speed_m_s,
        yaw_rate_rad_s=progress.yaw_rate_rad_s,
        slip=ground.slip if runner.state in ROLLING else None,
        slip_source=ground.source,
        wheel_speed_rad_s=readings.speed_rad_s if readings else NOTHING_6,
        wheel_current_a=readings.current_a if readings else NOTHING_6,
        steering_rad=(odometry.corners_rad if powered else None) or NOTHING_4,
        travelled_m=progress.travelled_m,
        remaining_m=guide.remaining_m(progress) if guide is not None else None,
        odometer_m=pose.odometer_m,
        no_fix_m=ground.no_fix_m,
        fixes=ground.fixes,
        gyro_bias_rad_s=inertial.bias.rad_s[2],
        masked_wheels=sum(1 << wheel for wheel, masked in enumerate(parts.gate.masked) if masked),
        embedded=checks.embedded,
        imu_ok=inertial.ok,
        wheels_ok=not odometry.lost if powered else None,
        sun_azimuth_rad=sun_azimuth,
        sun_elevation_rad=sun_elevation,
    )


def _sun(sensor: SunSensor | None) -> tuple[float | None, float | None]:
    """Sun direction in the body frame, by which ground can check the heading."""
    if sensor is None:
        return None, None
    try:
        reading = sensor.read()
    except DeviceError:
        return None, None
    return reading.azimuth_rad, reading.elevation_rad
