"""A level, bright, quiet place whose every property a test may set."""

from __future__ import annotations

import math

from sim_hal.world.site import View
from sim_hal.world.soil import SOILS, Soil


class LevelGround:
    """Flat and at height zero."""

    def height(self, x_m: float, y_m: float) -> float:
        return 0.0


class LevelSite:
    """Implements `sim_hal.world.site.Site`; the Sun stands east (azimuth 90 degrees) at 30 degrees unless set."""

    def __init__(self, soil: str = "none") -> None:
        self.gravity_m_s2 = 1.62
        self.ground = LevelGround()
        self.texture = 1.0
        self.soil = SOILS[soil]
        self.lit = 1.0
        self.sun_elevation_rad = math.radians(30.0)
        self.sink_k = 200.0
        self.relay_visible = True
        self.local_visible = True
        self.light_ns = 1_300_000_000

    def rock_height(self, x_m: float, y_m: float) -> float:
        return 0.0

    def soil_at(self, x_m: float, y_m: float) -> Soil:
        return self.soil

    def look(self, gps_ns: int, x_m: float, y_m: float, view: View) -> None:
        elevation = self.sun_elevation_rad
        view.sun_enu = (math.cos(elevation), 0.0, math.sin(elevation))
        view.sun_elevation_rad = elevation
        view.lit_fraction = self.lit
        view.irradiance_w_m2 = 1361.0 * self.lit
        view.sink_k = self.sink_k

    def look_links(self, gps_ns: int, x_m: float, y_m: float, view: View) -> None:
        view.relay_visible = self.relay_visible
        view.relay_light_ns = self.light_ns
        view.local_visible = self.local_visible

    def picture(self, gps_ns: int, x_m: float, y_m: float, yaw_rad: float, pitch_rad: float) -> tuple[int, int, bytes]:
        return 320, 240, bytes(320 * 240)
