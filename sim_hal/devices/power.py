"""Power monitors of the INA260 class: bus and battery, and one for each array face."""

from __future__ import annotations

from hal.api.values import ArrayReading, FaceReading, PowerReading
from sim_hal.noise import Noise, quantised
from sim_hal.plug import Plug
from sim_hal.world.world import World

_STEP_V = 1.25e-3  # INA260: one bit
_STEP_A = 1.25e-3
NOISE_V = 2e-3
NOISE_A = 2e-3
OFFSET_A = 3e-3  # typical, constant for one chip


class PowerMonitorFrontEnd:
    """Implements `hal.api.devices.PowerMonitor`."""

    def __init__(self, plug: Plug, world: World, noise: Noise) -> None:
        self._plug = plug
        self._world = world
        self._noise = noise

    def read(self) -> PowerReading:
        now_ns = self._plug.now_ns()
        world, bell = self._world, self._noise.bell
        return PowerReading(
            time_ns=now_ns,
            bus_voltage_v=quantised(world.bus_voltage_v + bell(NOISE_V), _STEP_V),
            battery_current_a=quantised(world.battery_current_a + OFFSET_A + bell(NOISE_A), _STEP_A),
        )


class ArrayMonitorFrontEnd:
    """Implements `hal.api.devices.ArrayMonitor`."""

    def __init__(self, plug: Plug, world: World, noise: Noise) -> None:
        self._plug = plug
        self._world = world
        self._noise = noise

    def read(self) -> ArrayReading:
        now_ns = self._plug.now_ns()
        return ArrayReading(
            time_ns=now_ns,
            faces=tuple([self._face(volts, amps) for volts, amps in self._world.array_faces()]),
        )

    def _face(self, volts: float, amps: float) -> FaceReading:
        bell = self._noise.bell
        return FaceReading(
            voltage_v=max(0.0, quantised(volts + bell(NOISE_V), _STEP_V)),
            current_a=max(0.0, quantised(amps + bell(NOISE_A), _STEP_A)),
        )
