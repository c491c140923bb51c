"""One place, put together from a world file: ground, sky, heat and radio paths, as `sim_hal.world.site` asks for."""

from __future__ import annotations

import math
from typing import Final

from sim_hal.world.camera_view import HEIGHT, WIDTH, draw
from sim_hal.world.drive import ZERO_C_IN_K
from sim_hal.world.epoch import NS
from sim_hal.world.horizon import Horizon
from sim_hal.world.local_link import LocalLink
from sim_hal.world.relay import Relay
from sim_hal.world.sight import skyline_rad
from sim_hal.world.site import View
from sim_hal.world.sky import make_sky
from sim_hal.world.soil import SOILS, Soil
from sim_hal.world.terrain import Terrain
from sim_hal.world.world_file import WorldFile

ARRAY_HEIGHT_M: Final = 0.45
"""Middle of the faces above the ground; its view of the Sun stands for all of them."""
CAMERA_HEIGHT_M: Final = 0.8
_MOVED_M: Final = 0.1
_TURNED_RAD: Final = 0.004
"""The near skyline is looked at again when rover or Sun (27 minutes) have moved this much."""
_GRAZING_RAD: Final = math.radians(1.0)
"""With a lower Sun only the far skyline counts: it lies below the level, so the site is a rise that the ground within
reach, which goes on for ever as it is round the lander, does not show."""


class Place:
    """A `Site` made from a world file; remembers the near skyline while nothing moves."""

    def __init__(self, world: WorldFile) -> None:
        self.world = world
        self.gravity_m_s2 = world.gravity_m_s2
        self.terrain = self.ground = Terrain(world.terrain)
        self.texture = world.terrain.texture
        self.sky = make_sky(world.site, world.sky)
        self.horizon = Horizon(world.horizon)
        self.relay = Relay(world.site, world.relay)
        self.local_link = LocalLink(self.terrain, world.local_link)
        air_c = world.environment.air_c
        self._air_k = None if air_c is None else air_c + ZERO_C_IN_K
        self._near = (math.inf, math.inf, math.inf, 0.0)

    def rock_height(self, x_m: float, y_m: float) -> float:
        """Height of a rock at a point, m."""
        return self.terrain.rock_height(x_m, y_m)

    def soil_at(self, x_m: float, y_m: float) -> Soil:
        """Soil at a point."""
        return SOILS[self.terrain.soil_name(x_m, y_m)]

    def look(self, gps_ns: int, x_m: float, y_m: float, view: View) -> None:
        """Write sky and heat at a time and place into `view`."""
        sky, environment = self.sky, self.world.environment
        sun = sky.sun(gps_ns)
        radius = sky.sun_radius_rad(gps_ns)
        above = self.horizon.sun_fraction(sun, radius)
        free = sky.uneclipsed_fraction(gps_ns) * (1.0 - view.veil) if above else 0.0
        lit = 0.0
        if above:
            near = self._near_skyline(x_m, y_m, sun.azimuth_rad) if sun.elevation_rad > _GRAZING_RAD else -math.pi
            lit = free * self.horizon.sun_fraction(sun, radius, near)
        view.sun_enu, view.sun_elevation_rad = sun.enu, sun.elevation_rad
        view.lit_fraction = lit
        view.irradiance_w_m2 = lit * self.world.sky.solar_constant_w_m2 * sky.sun_distance_factor(gps_ns)
        # The ground all round is warm while the Sun is over the far skyline, whatever shadow the rover stands in.
        view.sink_k = environment.dark_sink_k + above * free * (environment.sunlit_sink_k - environment.dark_sink_k)
        view.air_k = self._air_k
        earth = sky.earth(gps_ns)
        view.earth_elevation_rad = earth.elevation_rad
        view.earth_visible = self.horizon.visible(earth)

    def look_links(self, gps_ns: int, x_m: float, y_m: float, view: View) -> None:
        """Write what the radios see into `view`."""
        light_s = self.relay.light_time_s(gps_ns) + self.sky.earth_light_time_s(gps_ns)
        view.relay_visible = self.relay.visible(gps_ns)
        view.relay_light_ns = round(light_s * NS)
        view.local_visible = self.local_link.visible(x_m, y_m)

    def picture(self, gps_ns: int, x_m: float, y_m: float, yaw_rad: float, pitch_rad: float) -> tuple[int, int, bytes]:
        """Width, height and 8-bit grey pixels of what the camera sees."""
        view = View()
        self.look(gps_ns, x_m, y_m, view)
        above = self.horizon.sun_fraction(self.sky.sun(gps_ns), self.sky.sun_radius_rad(gps_ns))
        eye_m = self.terrain.height(x_m, y_m) + CAMERA_HEIGHT_M
        pixels = draw(self.terrain, (x_m, y_m, eye_m), yaw_rad, pitch_rad, view.sun_enu, above)
        return WIDTH, HEIGHT, pixels

    def _near_skyline(self, x_m: float, y_m: float, sun_azimuth_rad: float) -> float:
        """Elevation of what stands close by toward the Sun."""
        last_x, last_y, last_azimuth, skyline = self._near
        stood = abs(x_m - last_x) < _MOVED_M and abs(y_m - last_y) < _MOVED_M
        if stood and abs(sun_azimuth_rad - last_azimuth) < _TURNED_RAD:
            return skyline
        z_m = self.terrain.height(x_m, y_m) + ARRAY_HEIGHT_M
        skyline = skyline_rad(self.terrain, x_m, y_m, z_m, sun_azimuth_rad)
        self._near = (x_m, y_m, sun_azimuth_rad, skyline)
        return skyline
