"""Radiation dosimeter: 13.2 microgray an hour in silicon on the quiet surface (Zhang et al. 2020, Chang'e-4 LND).

Record, big-endian: magic `RDS1`, duration (u32, ms), dose (u32, nanogray), particles (u32), then 16 channels of linear
energy transfer (u16 counts, logarithmic from 0.2 to 200 keV/um).
"""

from __future__ import annotations

from struct import Struct

from sim_hal.devices.payload import Payload
from sim_hal.world.world import World

RECORD = Struct(">4sIII16H")
_DOSE_NGY_S = 13_200.0 / 3600.0
_PARTICLES_S = 3.0
_CHANNELS = 16


class Dosimeter(Payload):
    """Integrates dose."""

    def record(self, duration_s: float, world: World) -> bytes:
        particles = self.noise.poisson(_PARTICLES_S * duration_s)
        scatter = 1.0 + self.noise.bell(0.03)
        dose_ngy = max(0, round(_DOSE_NGY_S * duration_s * scatter))
        channels = []
        left = float(particles)
        for _ in range(_CHANNELS):  # the spectrum falls by two fifths a channel
            channels.append(min(0xFFFF, self.noise.poisson(0.4 * left)))
            left *= 0.6
        return RECORD.pack(b"RDS1", min(round(duration_s * 1000), 0xFFFFFFFF), dose_ngy, particles, *channels)
