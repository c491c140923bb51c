"""Which way is up: pitch, roll and tilt from the low-passed accelerometer.

The rover is so slow that its own accelerations (0.05 m/s2 in a ramp) hardly disturb gravity (1.62 m/s2).
Pitch is positive nose up, roll positive left side up.
"""

from __future__ import annotations

import math

from hal.api.values import Vector

MIN_FORCE_M_S2 = 0.3
"""Less specific force than this is no gravity of any body we drive on: the sensor is broken or falling."""
MAX_FORCE_M_S2 = 40.0


class Attitude:
    """Filtered direction of the vertical in the body frame."""

    __slots__ = ("_force", "_time_s", "known", "pitch_rad", "roll_rad", "tilt_rad", "up")

    def __init__(self, time_constant_s: float) -> None:
        self._time_s = time_constant_s
        self._force: Vector = (0.0, 0.0, 0.0)
        self.known = False
        self.up: Vector = (0.0, 0.0, 1.0)
        """Unit vector; meaningful while `known`."""
        self.pitch_rad = 0.0
        self.roll_rad = 0.0
        self.tilt_rad = 0.0

    def forget(self) -> None:
        """The sensor is lost; the next reading starts afresh."""
        self.known = False

    def update(self, accel_m_s2: Vector, dt_s: float) -> None:
        """Take one reading that is `dt_s` newer than the last."""
        ax, ay, az = accel_m_s2
        if self.known:
            gain = dt_s / (self._time_s + dt_s)
            fx, fy, fz = self._force
            ax, ay, az = fx + gain * (ax - fx), fy + gain * (ay - fy), fz + gain * (az - fz)
        self._force = (ax, ay, az)
        norm = math.sqrt(ax * ax + ay * ay + az * az)
        if norm < MIN_FORCE_M_S2:  # two good readings can only cancel if the rover has rolled over between them
            self.known = False
            return
        ux, uy, uz = ax / norm, ay / norm, az / norm
        self.up = (ux, uy, uz)
        self.known = True
        self.pitch_rad = math.asin(ux)
        self.roll_rad = math.atan2(uy, uz)
        self.tilt_rad = math.acos(uz)


def plausible(accel_m_s2: Vector, gyro_rad_s: Vector) -> bool:
    """True if a reading can be real: finite, some gravity, and no faster turn than 5 rad/s."""
    ax, ay, az = accel_m_s2
    gx, gy, gz = gyro_rad_s
    force = ax * ax + ay * ay + az * az
    # A NaN fails both comparisons.
    return (
        MIN_FORCE_M_S2 * MIN_FORCE_M_S2 < force < MAX_FORCE_M_S2 * MAX_FORCE_M_S2 and gx * gx + gy * gy + gz * gz < 25.0
    )
