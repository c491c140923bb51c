"""Plasma probe: a swept Langmuir probe in the thin photoelectron sheath over the sunlit surface.

Record, big-endian: magic `RPP1`, duration (u32, ms), electron density (f32, 1/cm3), electron temperature (f32, eV),
then 64 probe currents (i16, 10 pA) at -32 to +31 V.
"""

from __future__ import annotations

import math
from struct import Struct

from sim_hal.devices.payload import Payload
from sim_hal.world.world import World

RECORD = Struct(">4sIff64h")
_SUNLIT_CM3, _DARK_CM3 = 80.0, 1.0
_TEMPERATURE_EV = 2.2


class PlasmaProbe(Payload):
    """Sweeps a probe's voltage and fits density and temperature."""

    def record(self, duration_s: float, world: World) -> bytes:
        lit = world.lit_fraction
        density = (_DARK_CM3 + (_SUNLIT_CM3 - _DARK_CM3) * lit) * (1.0 + self.noise.bell(0.05))
        temperature = _TEMPERATURE_EV * (1.0 + self.noise.bell(0.05))
        currents = []
        for volts in range(-32, 32):
            electrons = density * (math.exp(volts / temperature) if volts < 0 else 1.0 + 0.1 * volts)
            ions = -0.02 * density
            currents.append(max(-32768, min(32767, round(10.0 * (electrons + ions) + self.noise.bell(3.0)))))
        return RECORD.pack(b"RPP1", min(round(duration_s * 1000), 0xFFFFFFFF), density, temperature, *currents)
