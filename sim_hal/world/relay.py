"""The relay's path over the site: Queqiao-2's published ellipse as a two-body orbit.

Radii 1992 and 18 679 km (they give the published period of 26.2 h; as altitudes they would not), inclination 119.2
degrees, apolune over the south.  Orientation and phase are the world file's assumption.
"""

from __future__ import annotations

import math
from typing import Final

from sim_hal.world.epoch import NS, gps_ns
from sim_hal.world.sky import LIGHT_KM_S, MOON_RADIUS_KM
from sim_hal.world.world_file import RelaySection, SiteSection

MOON_GM_KM3_S2: Final = 4902.800
"""Moon's gravitational parameter (GRAIL)."""
MOON_SPIN_RAD_S: Final = math.radians(13.17635815) / 86_400.0
"""Sidereal rotation (IAU 2015)."""
_SCAN_NS: Final = 600 * NS
"""Windows shorter than this may be missed; the orbit's shortest gap is ten times as long."""
_FIXED_RANGE_KM: Final = 15_000.0

Window = tuple[int, int]


class Relay:
    """Elevation and range of the relay from the site."""

    __slots__ = (
        "_along",
        "_aside",
        "_axis_km",
        "_eccentricity",
        "_flatter",
        "_level",
        "_mask_rad",
        "_mean_motion_rad_s",
        "_orbiting",
        "_perilune_ns",
        "_site_km",
    )

    def __init__(self, site: SiteSection, section: RelaySection) -> None:
        self._orbiting = section.mode == "orbit"
        self._mask_rad = math.radians(section.mask_deg)
        self._perilune_ns = gps_ns(section.perilune_utc) if section.perilune_utc is not None else 0
        near, far = section.perilune_radius_km, section.apolune_radius_km
        self._axis_km = 0.5 * (near + far)
        self._eccentricity = (far - near) / (far + near)
        self._flatter = self._axis_km * math.sqrt(1.0 - self._eccentricity**2)
        self._mean_motion_rad_s = math.sqrt(MOON_GM_KM3_S2 / self._axis_km**3)
        self._along, self._aside = _plane(section)
        lat, lon = math.radians(site.lat_deg), math.radians(site.lon_deg)
        self._level = (math.cos(lat), math.sin(lat), lon)
        self._site_km = MOON_RADIUS_KM + site.height_m / 1000.0

    @property
    def period_s(self) -> float:
        """One turn."""
        return math.tau / self._mean_motion_rad_s

    def elevation_and_range(self, at_gps_ns: int) -> tuple[float, float]:
        """Elevation in rad and range in km, from the site."""
        if not self._orbiting:
            return 0.5 * math.pi, _FIXED_RANGE_KM
        since_s = (at_gps_ns - self._perilune_ns) / NS
        x, y = self._in_plane(since_s)
        a, b = self._along, self._aside
        # The site turns under the orbit, which keeps its place among the stars.
        level, high, lon = self._level
        turned = lon + MOON_SPIN_RAD_S * since_s
        up = (level * math.cos(turned), level * math.sin(turned), high)
        site = self._site_km
        dx = a[0] * x + b[0] * y - site * up[0]
        dy = a[1] * x + b[1] * y - site * up[1]
        dz = a[2] * x + b[2] * y - site * up[2]
        distance = math.sqrt(dx * dx + dy * dy + dz * dz)
        return math.asin((dx * up[0] + dy * up[1] + dz * up[2]) / distance), distance

    def visible(self, at_gps_ns: int) -> bool:
        """Whether the relay stands above its mask."""
        return self.elevation_and_range(at_gps_ns)[0] > self._mask_rad

    def light_time_s(self, at_gps_ns: int) -> float:
        """One way between site and relay."""
        return self.elevation_and_range(at_gps_ns)[1] / LIGHT_KM_S

    def windows(self, start_ns: int, stop_ns: int) -> list[Window]:
        """Rise and set times between two times, to the second; one under way is cut at the border."""
        edges: list[int] = []
        at_ns, was = start_ns, self.visible(start_ns)
        if was:
            edges.append(start_ns)
        while at_ns < stop_ns:
            next_ns = min(at_ns + _SCAN_NS, stop_ns)
            seen = self.visible(next_ns)
            if seen is not was:
                edges.append(self._edge(at_ns, next_ns, seen))
            at_ns, was = next_ns, seen
        if was:
            edges.append(stop_ns)
        return list(zip(edges[::2], edges[1::2], strict=True))

    def _edge(self, before_ns: int, after_ns: int, seen_after: bool) -> int:
        """The first moment, to the second, at which it is as it is afterwards."""
        while after_ns - before_ns > NS:
            middle_ns = (before_ns + after_ns) // 2
            if self.visible(middle_ns) is seen_after:
                after_ns = middle_ns
            else:
                before_ns = middle_ns
        return after_ns

    def _in_plane(self, since_s: float) -> tuple[float, float]:
        """Position in the orbit's plane, km: x to perilune.  Kepler's equation by Newton steps."""
        e = self._eccentricity
        mean = math.remainder(self._mean_motion_rad_s * since_s, math.tau)
        turn = mean + math.copysign(0.85 * e, mean)  # Danby's start, which converges for every eccentricity
        for _ in range(12):
            step = (turn - e * math.sin(turn) - mean) / (1.0 - e * math.cos(turn))
            turn -= step
            if abs(step) < 1e-11:
                break
        return self._axis_km * (math.cos(turn) - e), self._flatter * math.sin(turn)


def _plane(section: RelaySection) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Unit vectors to perilune and a quarter turn on, in the frame fixed to the Moon at the time of perilune."""
    node, tilt = math.radians(section.node_lon_deg), math.radians(section.inclination_deg)
    turn = math.radians(section.perilune_argument_deg)
    cn, sn, ct, st = math.cos(node), math.sin(node), math.cos(tilt), math.sin(tilt)

    def at(angle: float) -> tuple[float, float, float]:
        c, s = math.cos(angle), math.sin(angle)
        return cn * c - sn * s * ct, sn * c + cn * s * ct, s * st

    return at(turn), at(turn + 0.5 * math.pi)
