"""Temperature of lunar ground from the Sun's elevation: the one-dimensional model of Hayne et al. 2017.

Used to check the sink temperatures that the worlds declare, and for plots; not part of a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from sim_hal.world.thermal import STEFAN_BOLTZMANN

SOLAR_W_M2: Final = 1361.0
ALBEDO: Final = 0.12
EMISSIVITY: Final = 0.95
SCALE_HEIGHT_M: Final = 0.07
DENSITY: Final = (1100.0, 1800.0)
"""kg/m3 at the surface and deep down."""
CONDUCTIVITY: Final = (7.4e-4, 3.4e-3)
"""W/m/K at the surface and deep down."""
RADIATIVE: Final = 2.7
"""Conductivity grows by 1 + this x (T / 350 K)^3."""
INNER_HEAT_W_M2: Final = 0.018
LAYERS: Final = 18
FIRST_LAYER_M: Final = 0.006
GROWTH: Final = 1.2


def heat_capacity_j_kg_k(kelvin: float) -> float:
    """Specific heat of regolith (Hayne et al. 2017, appendix A; below 20 K held)."""
    t = max(kelvin, 20.0)
    return -3.6125 + t * (2.7431 + t * (2.3616e-3 + t * (-1.2340e-5 + t * 8.9093e-9)))


def absorbed_w_m2(elevation_rad: float) -> float:
    """Sunlight that level ground absorbs; its albedo rises towards grazing light (Keihm 1984)."""
    if elevation_rad <= 0.0:
        return 0.0
    zenith = 0.5 * math.pi - elevation_rad
    albedo = ALBEDO + 0.06 * (zenith / (math.pi / 4.0)) ** 3 + 0.25 * (zenith / (math.pi / 2.0)) ** 8
    return (1.0 - albedo) * SOLAR_W_M2 * math.sin(elevation_rad)


class Column:
    """A column of ground, its layers growing downwards; temperatures at the layers' middles, K."""

    def __init__(self, start_k: float) -> None:
        self.surface_k = start_k
        self.layer_k = [start_k] * LAYERS
        self._thick = [FIRST_LAYER_M * GROWTH**layer for layer in range(LAYERS)]
        depths, top = [], 0.0
        for thick in self._thick:
            depths.append(top + 0.5 * thick)
            top += thick
        self.depth_m = tuple(depths)
        fade = [math.exp(-depth / SCALE_HEIGHT_M) for depth in depths]
        self._density = [DENSITY[1] - (DENSITY[1] - DENSITY[0]) * f for f in fade]
        self._conductivity = [CONDUCTIVITY[1] - (CONDUCTIVITY[1] - CONDUCTIVITY[0]) * f for f in fade]

    def step(self, dt_s: float, sunlight_w_m2: float) -> float:
        """Advance by `dt_s` (at most an hour, for stability); returns the surface temperature, K."""
        warm = self.layer_k
        conductivity = [k * (1.0 + RADIATIVE * (t / 350.0) ** 3) for k, t in zip(self._conductivity, warm, strict=True)]
        self.surface_k = self._balance(sunlight_w_m2, conductivity[0])
        flow = conductivity[0] * (self.surface_k - warm[0]) / (0.5 * self._thick[0])
        flows = [flow]
        for layer in range(LAYERS - 1):
            apart = 0.5 * (self._thick[layer] / conductivity[layer] + self._thick[layer + 1] / conductivity[layer + 1])
            flows.append((warm[layer] - warm[layer + 1]) / apart)
        flows.append(-INNER_HEAT_W_M2)
        for layer in range(LAYERS):
            store = self._density[layer] * self._thick[layer] * heat_capacity_j_kg_k(warm[layer])
            warm[layer] += dt_s * (flows[layer] - flows[layer + 1]) / store
        return self.surface_k

    def _balance(self, sunlight_w_m2: float, conductivity: float) -> float:
        """Surface temperature at which sunlight, emission and the flow from below cancel, by Newton's method."""
        joint = conductivity / (0.5 * self._thick[0])
        kelvin = max(self.surface_k, 20.0)
        for _ in range(20):
            emitted = EMISSIVITY * STEFAN_BOLTZMANN * kelvin**4
            error = sunlight_w_m2 - emitted - joint * (kelvin - self.layer_k[0])
            change = error / (4.0 * emitted / kelvin + joint)
            kelvin += change
            if abs(change) < 1e-3:
                break
        return kelvin


def surface_temperature_k(
    sun_elevation_rad: Sequence[float], interval_s: float = 3600.0, spin_up: int = 4, start_k: float = 110.0
) -> list[float]:
    """Surface temperature of level ground for a history of Sun elevations, `interval_s` (at most an hour) apart.

    The history is run `spin_up` times first, so that the deeper layers forget `start_k`.
    """
    column = Column(start_k)
    sunlight = [absorbed_w_m2(elevation) for elevation in sun_elevation_rad]
    for _ in range(spin_up):
        for power in sunlight:
            column.step(interval_s, power)
    return [column.step(interval_s, power) for power in sunlight]
