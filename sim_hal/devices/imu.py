"""Inertial unit of the BNO055 class: white noise, a bias that differs at every power-up of the run and wanders."""

from __future__ import annotations

from hal.api.errors import NotReady
from hal.api.values import ImuReading
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.world.world import World

# BNO055 data sheet: 0.014 deg/s/sqrt(Hz) and 150 ug/sqrt(Hz), here in a band of 5 Hz.
_GYRO_NOISE_RAD_S = 5.5e-4
_ACCEL_NOISE_M_S2 = 3.3e-3
_SPAN = 12.0**0.5
"""Width of a flat distribution over its standard deviation; flat is as white as a bell, and cheaper at 10 Hz."""
GYRO_SPAN = _GYRO_NOISE_RAD_S * _SPAN
ACCEL_SPAN = _ACCEL_NOISE_M_S2 * _SPAN
_GYRO_BIAS_RAD_S = 5e-3
_ACCEL_BIAS_M_S2 = 0.015
GYRO_WANDER_RAD_S = 7e-7  # at most half of it at each reading


class ImuBias:
    """What outlives a reset: the unit's own errors."""

    __slots__ = ("accel", "gyro")

    def __init__(self, noise: Noise) -> None:
        self.gyro = [(noise.uniform() - 0.5) * 2.0 * _GYRO_BIAS_RAD_S for _ in range(3)]
        self.accel = [(noise.uniform() - 0.5) * 2.0 * _ACCEL_BIAS_M_S2 for _ in range(3)]


class ImuFrontEnd:
    """Implements `hal.api.devices.Imu`."""

    def __init__(self, plug: Plug, world: World, noise: Noise, bias: ImuBias) -> None:
        self._plug = plug
        self._world = world
        self._uniform = noise.uniform
        self._bias = bias

    def read(self) -> ImuReading:
        now_ns = self._plug.now_ns()
        if not self._world.load_on("imu", now_ns):
            raise NotReady("imu", "unpowered")
        uniform, bias = self._uniform, self._bias
        drift = bias.gyro
        drift[2] += (uniform() - 0.5) * GYRO_WANDER_RAD_S
        x, y, z = self._world.motion.gyro_rad_s
        a, b, c = self._world.motion.specific_force_m_s2
        i, j, k = bias.accel
        return ImuReading(
            time_ns=now_ns,
            gyro_rad_s=(
                x + drift[0] + (uniform() - 0.5) * GYRO_SPAN,
                y + drift[1] + (uniform() - 0.5) * GYRO_SPAN,
                z + drift[2] + (uniform() - 0.5) * GYRO_SPAN,
            ),
            accel_m_s2=(
                a + i + (uniform() - 0.5) * ACCEL_SPAN,
                b + j + (uniform() - 0.5) * ACCEL_SPAN,
                c + k + (uniform() - 0.5) * ACCEL_SPAN,
            ),
        )
