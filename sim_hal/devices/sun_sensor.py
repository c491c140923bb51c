"""Coarse Sun sensor: photodiodes round the body, good to about two degrees, unpowered."""

from __future__ import annotations

import math

from hal.api.values import SunReading
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.world.world import World

_NOISE_RAD = math.radians(2.0)
_MIN_LIT = 0.05  # less of the Sun's disc than this over the horizon, and the diodes see glare only


class SunSensorFrontEnd:
    """Implements `hal.api.devices.SunSensor`."""

    def __init__(self, plug: Plug, world: World, noise: Noise) -> None:
        self._plug = plug
        self._world = world
        self._noise = noise

    def read(self) -> SunReading:
        now_ns = self._plug.now_ns()
        world = self._world
        if world.lit_fraction < _MIN_LIT:
            return SunReading(time_ns=now_ns, azimuth_rad=None, elevation_rad=None)
        ahead, left, up = world.sun_in_body()
        azimuth = math.atan2(left, ahead) + self._noise.bell(_NOISE_RAD)
        elevation = math.asin(max(-1.0, min(1.0, up))) + self._noise.bell(_NOISE_RAD)
        return SunReading(
            time_ns=now_ns,
            azimuth_rad=math.remainder(azimuth, math.tau),
            elevation_rad=max(-math.pi / 2, min(math.pi / 2, elevation)),
        )
