"""Three vertical faces of solar cells: power from the Sun's direction in the body frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from sim_hal.world.vehicle_file import ArraySection

NORMALS: Final = ((0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (-1.0, 0.0, 0.0))
"""Outward normals in the body frame, in the order of `hal.api.values.FACES`: left, right, rear."""
RATED_C: Final = 28.0
MONTH_S: Final = 30.0 * 86400.0


class SolarArray:
    """Available power by face, and voltage and current once the bus has taken its share."""

    __slots__ = ("_section", "available_w", "clean", "covered", "current_a", "face_w", "lost", "voltage_v", "worn")

    def __init__(self, section: ArraySection) -> None:
        self._section = section
        self.clean = 1.0
        """Light that passes the dust, 0..1."""
        self.covered = 0.0
        """Set by a fault: light that a cover of dust takes from all faces, 0..1."""
        self.worn = [0.0] * len(NORMALS)
        """Set by a fault: share of its power that a face has lost."""
        self.lost = [False] * len(NORMALS)
        """Set by a fault: this face delivers nothing."""
        self.face_w: tuple[float, ...] = (0.0,) * len(NORMALS)
        """What each face could deliver now."""
        self.available_w = 0.0
        self.voltage_v: tuple[float, ...] = (0.0,) * len(NORMALS)
        self.current_a: tuple[float, ...] = (0.0,) * len(NORMALS)

    def age(self, dt_s: float) -> None:
        """Let dust settle for `dt_s`."""
        self.clean *= math.exp(-self._section.dust_per_month * dt_s / MONTH_S)

    def light(self, sun_body: Sequence[float], irradiance_w_m2: float, shell_c: float) -> None:
        """Take the Sun: unit vector in the body frame, power per area that reaches the rover (0 in shadow)."""
        if irradiance_w_m2 <= 0.0:
            self.face_w = (0.0,) * len(NORMALS)
            self.available_w = 0.0
            return
        section = self._section
        full_w = (
            irradiance_w_m2 * section.face_m2 * section.packing * section.efficiency * self.clean * (1.0 - self.covered)
        )
        suns = irradiance_w_m2 / 1361.0
        powers = []
        for (x, y, z), lost, worn in zip(NORMALS, self.lost, self.worn, strict=True):
            incidence = x * sun_body[0] + y * sun_body[1] + z * sun_body[2]
            if incidence <= 0.0 or lost:
                powers.append(0.0)
                continue
            warmth_k = shell_c + section.cell_rise_k * incidence * suns - RATED_C
            powers.append(max(0.0, full_w * (1.0 - worn) * incidence * (1.0 + section.temperature_per_k * warmth_k)))
        self.face_w = tuple(powers)
        self.available_w = sum(powers)

    def draw(self, used_w: float) -> None:
        """Let the bus take `used_w` (0..available) from the faces, each in proportion to what it has."""
        share = used_w / self.available_w if self.available_w > 0.0 else 0.0
        full_v = self._section.voltage_v
        self.voltage_v = tuple(full_v if power > 0.0 else 0.0 for power in self.face_w)
        self.current_a = tuple(power * share / full_v for power in self.face_w)
