"""What emulated sensors feel of the world: its truth with the errors that the same chips have at device depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hal.api.values import FACES, TEMPERATURES, Vector
from hal.api.wiring import ImuWiring
from sim_hal.devices.imu import ACCEL_SPAN, GYRO_SPAN, GYRO_WANDER_RAD_S, ImuBias
from sim_hal.devices.power import NOISE_A, NOISE_V, OFFSET_A
from sim_hal.devices.temperatures import NOISE_C, SensorOffsets
from sim_hal.noise import Noise
from sim_hal.world.world import World

Reading = Callable[[], float]


class FeltMotion:
    """Implements `sim_hal.emulators.bno055_registers.ImuTruth`: rates and forces in the axes of a mounted chip."""

    def __init__(self, world: World, noise: Noise, wiring: ImuWiring) -> None:
        self._world = world
        self._uniform = noise.uniform
        self._bias = ImuBias(noise)
        self._axes = tuple(
            ("xyz".index(axis[1]), 1.0 if axis[0] == "+" else -1.0) for axis in (wiring.forward, wiring.left, wiring.up)
        )

    def gyro_rad_s(self) -> Vector:
        drift = self._bias.gyro
        drift[2] += (self._uniform() - 0.5) * GYRO_WANDER_RAD_S
        return self._felt(self._world.motion.gyro_rad_s, drift, GYRO_SPAN)

    def accel_m_s2(self) -> Vector:
        return self._felt(self._world.motion.specific_force_m_s2, self._bias.accel, ACCEL_SPAN)

    def quaternion(self) -> tuple[float, float, float, float]:
        """Of the body: nobody asks a chip for its own attitude."""
        return self._world.motion.quaternion_wxyz

    def _felt(self, true: Sequence[float], bias: Sequence[float], span: float) -> Vector:
        felt = [0.0, 0.0, 0.0]
        for value, error, (axis, sign) in zip(true, bias, self._axes, strict=True):
            felt[axis] = sign * (value + error + (self._uniform() - 0.5) * span)
        return (felt[0], felt[1], felt[2])


def battery(world: World, noise: Noise, sign: float) -> tuple[Reading, Reading]:
    """Volts and amperes of the battery monitor; `sign` -1 where it sits the other way round."""
    bell = noise.bell
    return (
        lambda: world.bus_voltage_v + bell(NOISE_V),
        lambda: sign * (world.battery_current_a + OFFSET_A + bell(NOISE_A)),
    )


def face(world: World, noise: Noise, name: str, sign: float) -> tuple[Reading, Reading]:
    """Volts and amperes of one array face."""
    bell, number = noise.bell, FACES.index(name)
    array = world.energy.array
    return (
        lambda: max(0.0, array.voltage_v[number] + bell(NOISE_V)),
        lambda: sign * max(0.0, array.current_a[number] + bell(NOISE_A)),
    )


def temperature(world: World, noise: Noise, offsets: SensorOffsets, name: str) -> Reading:
    """Degrees Celsius where one sensor sits."""
    bell, number = noise.bell, TEMPERATURES.index(name)
    return lambda: world.temperatures_c()[number] + offsets.offset_c[number] + bell(NOISE_C)
