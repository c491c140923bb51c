"""A little truth for chips that no world moves: a level place, steady values with the noise of the real chips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.values import Vector
from sim_hal.devices.imu import ACCEL_SPAN, GYRO_SPAN
from sim_hal.noise import Noise

GRAVITY_M_S2: Final = 9.80665
"""Standard gravity (CGPM 1901)."""


class LevelImu:
    """Implements `sim_hal.emulators.bno055_registers.ImuTruth`: it lies still and level, z up."""

    def __init__(self, seed: int) -> None:
        self._uniform = Noise(seed, "imu").uniform

    def gyro_rad_s(self) -> Vector:
        return (self._around(0.0, GYRO_SPAN), self._around(0.0, GYRO_SPAN), self._around(0.0, GYRO_SPAN))

    def accel_m_s2(self) -> Vector:
        return (
            self._around(0.0, ACCEL_SPAN), self._around(0.0, ACCEL_SPAN), self._around(GRAVITY_M_S2, ACCEL_SPAN)
        )  # fmt: skip

    def quaternion(self) -> tuple[float, float, float, float]:
        return (1.0, 0.0, 0.0, 0.0)

    def _around(self, value: float, span: float) -> float:
        return value + (self._uniform() - 0.5) * span


def steady(value: float, sigma: float, seed: int, name: str) -> Callable[[], float]:
    """A reading that scatters around `value`."""
    bell = Noise(seed, name).bell
    return lambda: value + bell(sigma)
