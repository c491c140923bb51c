"""Neutron spectrometer: fewer epithermal neutrons where there is hydrogen in the ground.

Record, big-endian: magic `RNS1`, duration (u32, ms), thermal, epithermal and fast counts (u32 each), then 32 energy
channels (u16, logarithmic from 0.1 eV up to 10 MeV, two each decade and a quarter).
"""

from __future__ import annotations

import math
from struct import Struct

from sim_hal.devices.payload import Payload
from sim_hal.world.world import World

RECORD = Struct(">4sIIII32H")
_THERMAL_S, _EPITHERMAL_S, _FAST_S = 12.0, 9.0, 4.0
"""Counts a second over dry ground (order of the LEND and VIPER NSS detectors)."""
_CELL_M = 8.0
_CHANNELS = 32


def hydrogen(x_m: float, y_m: float) -> float:
    """Water-equivalent hydrogen of the ground, 0 to 0.02 by weight, patchy on an 8 m scale (invented)."""
    cell_x, cell_y = math.floor(x_m / _CELL_M), math.floor(y_m / _CELL_M)
    mixed = (cell_x * 0x9E3779B1 ^ cell_y * 0x85EBCA77) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return 0.02 * ((mixed >> 8) & 0xFFFF) / 0xFFFF


class Spectrometer(Payload):
    """Counts neutrons below the rover."""

    def record(self, duration_s: float, world: World) -> bytes:
        wet = hydrogen(world.motion.x_m, world.motion.y_m)
        poisson = self.noise.poisson
        thermal = poisson(_THERMAL_S * duration_s * (1.0 + 8.0 * wet))
        epithermal = poisson(_EPITHERMAL_S * duration_s / (1.0 + 25.0 * wet))
        fast = poisson(_FAST_S * duration_s / (1.0 + 10.0 * wet))
        channels = []
        for channel in range(_CHANNELS):
            band = thermal if channel < 8 else epithermal if channel < 22 else fast
            share = 8.0 if channel < 8 else 14.0 if channel < 22 else 10.0
            channels.append(min(0xFFFF, poisson(band / share)))
        return RECORD.pack(b"RNS1", min(round(duration_s * 1000), 0xFFFFFFFF), thermal, epithermal, fast, *channels)
