"""Twelve temperature sensors of the TMP117 class (0.0078 degrees a bit), each with its own small offset."""

from __future__ import annotations

from hal.api.values import TEMPERATURES, TemperatureReadings
from sim_hal.noise import Noise, quantised
from sim_hal.plug import Plug
from sim_hal.world.world import World

_STEP_C = 2.0**-7
NOISE_C = 0.01
_OFFSET_C = 0.1


class SensorOffsets:
    """What outlives a reset: each sensor's own error."""

    __slots__ = ("offset_c",)

    def __init__(self, noise: Noise) -> None:
        self.offset_c = tuple((noise.uniform() - 0.5) * 2.0 * _OFFSET_C for _ in TEMPERATURES)


class TemperatureFrontEnd:
    """Implements `hal.api.devices.TemperatureSensors`."""

    def __init__(self, plug: Plug, world: World, noise: Noise, offsets: SensorOffsets) -> None:
        self._plug = plug
        self._world = world
        self._bell = noise.bell
        self._offset_c = offsets.offset_c

    def read(self) -> TemperatureReadings:
        now_ns = self._plug.now_ns()
        bell = self._bell
        return TemperatureReadings(
            time_ns=now_ns,
            temperature_c=tuple(
                [
                    quantised(true_c + offset + bell(NOISE_C), _STEP_C)
                    for true_c, offset in zip(self._world.temperatures_c(), self._offset_c, strict=True)
                ]
            ),
        )
