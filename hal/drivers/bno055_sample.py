"""What 32 bytes of a BNO055 mean and whether they can be true: the serial protocol has no checksum.

Three things stand in for one: the quaternion in the same answer must be of unit length, values must lie within the
chip's ranges, and a value far from the one before must be confirmed by a second reading.  What is left is an error of
less than that distance, or the same bits wrong twice in a row.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final, NamedTuple

from hal.api.clock import NS_PER_MS
from hal.api.errors import BadReading
from hal.api.values import Vector
from hal.drivers.bno055_link import DEVICE

SIZE: Final = 32
ACCEL_LSB: Final = 100.0
"""1 m/s2."""
GYRO_LSB: Final = 900.0
"""1 rad/s."""
QUATERNION_LSB: Final = 16384.0
"""1."""
NORM_TOLERANCE: Final = 0.01
MAX_ACCEL_M_S2: Final = 41.0
"""Fusion sets the accelerometer to 4 g; with 5 per cent for its scale."""
MAX_GYRO_RAD_S: Final = 36.0
"""Fusion sets the gyro to 2000 degrees/s; with 3 per cent for its scale."""
NEAR_ACCEL_M_S2: Final = 3.0
NEAR_GYRO_RAD_S: Final = 0.5
"""Two readings of a slow rover differ by less, axis by axis; what one flipped bit can do unseen is less too."""
STUCK_READS: Final = 20
OUTPUT_NS: Final = 10 * NS_PER_MS
"""A new sample every 10 ms; asked sooner the chip rightly repeats itself."""
_LAYOUT: Final = struct.Struct("<16h")


class Sample(NamedTuple):
    """Chip axes."""

    accel_m_s2: Vector
    gyro_rad_s: Vector

    def near(self, other: Sample) -> bool:
        """Whether both can be readings of the same motion."""
        accel = _farthest(self.accel_m_s2, other.accel_m_s2)
        return accel < NEAR_ACCEL_M_S2 and _farthest(self.gyro_rad_s, other.gyro_rad_s) < NEAR_GYRO_RAD_S


def _farthest(left: Vector, right: Vector) -> float:
    return max(abs(left[0] - right[0]), abs(left[1] - right[1]), abs(left[2] - right[2]))


def decode(raw: bytes, where: str) -> Sample:
    """Take the answer apart; `where` names the chip in messages.

    Raises:
        BadReading: this cannot be a measurement.
    """
    ax, ay, az, _, _, _, gx, gy, gz, _, _, _, w, x, y, z = _LAYOUT.unpack(raw)
    if not (ax or ay or az):
        raise BadReading(DEVICE, f"{where}: acceleration is all zero")
    norm = (w * w + x * x + y * y + z * z) ** 0.5 / QUATERNION_LSB
    if not abs(norm - 1.0) <= NORM_TOLERANCE:
        raise BadReading(DEVICE, f"{where}: quaternion of length {norm:.3f}, expected 1 within {NORM_TOLERANCE:.0%}")
    accel_m_s2 = (ax / ACCEL_LSB, ay / ACCEL_LSB, az / ACCEL_LSB)
    gyro_rad_s = (gx / GYRO_LSB, gy / GYRO_LSB, gz / GYRO_LSB)
    if max(map(abs, accel_m_s2)) > MAX_ACCEL_M_S2:
        raise BadReading(DEVICE, f"{where}: acceleration {accel_m_s2} m/s2 is beyond the range of {MAX_ACCEL_M_S2}")
    if max(map(abs, gyro_rad_s)) > MAX_GYRO_RAD_S:
        raise BadReading(DEVICE, f"{where}: rate {gyro_rad_s} rad/s is beyond the range of {MAX_GYRO_RAD_S}")
    return Sample(accel_m_s2, gyro_rad_s)


class Repeats:
    """Counts answers that are the same to the last bit; a sensor that lives has noise."""

    __slots__ = ("_counted_ns", "_raw", "count")

    def __init__(self) -> None:
        self._raw = b""
        self._counted_ns = 0
        self.count = 0
        """How many answers in a row were the same, at most one for each output period."""

    def see(self, raw: bytes, now_ns: int) -> bool:
        """Whether the sensor is stuck."""
        if raw != self._raw:
            self._raw, self._counted_ns, self.count = raw, now_ns, 1
        elif now_ns - self._counted_ns >= OUTPUT_NS:
            self._counted_ns = now_ns
            self.count += 1
        return self.count >= STUCK_READS


def turned(axis: str) -> Callable[[Vector], float]:
    """What takes the component along `axis` ("+x" to "-z") out of a vector in chip axes."""
    index = "xyz".index(axis[1])
    if axis[0] == "-":
        return lambda vector: -vector[index]
    return lambda vector: vector[index]
