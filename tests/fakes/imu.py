"""A fake inertial unit on lunar gravity: attitude and yaw rate are what a test sets."""

from __future__ import annotations

import math

from hal.api.clock import Clock
from hal.api.errors import DeviceError
from hal.api.values import ImuReading

GRAVITY_M_S2 = 1.62


class FakeImu:
    """Perfect, save for gyro biases about z and x; pitch nose up, roll left side up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.pitch_rad = 0.0
        self.roll_rad = 0.0
        self.yaw_rate_rad_s = 0.0
        self.bias_rad_s = 0.0
        self.roll_bias_rad_s = 0.0
        self.error: DeviceError | None = None
        self.accel_m_s2: tuple[float, float, float] | None = None
        self.reads = 0

    def read(self) -> ImuReading:
        self.reads += 1
        if self.error is not None:
            raise self.error
        up = (
            math.sin(self.pitch_rad),
            math.cos(self.pitch_rad) * math.sin(self.roll_rad),
            math.cos(self.pitch_rad) * math.cos(self.roll_rad),
        )
        force = (up[0] * GRAVITY_M_S2, up[1] * GRAVITY_M_S2, up[2] * GRAVITY_M_S2)
        rate = self.yaw_rate_rad_s
        return ImuReading(
            time_ns=self._clock.now_ns(),
            gyro_rad_s=(rate * up[0] + self.roll_bias_rad_s, rate * up[1], rate * up[2] + self.bias_rad_s),
            accel_m_s2=force if self.accel_m_s2 is None else self.accel_m_s2,
        )
