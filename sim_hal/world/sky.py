"""Where Sun and Earth stand over the site.

Positions come from astronomy-engine (VSOP87 and the Improved Lunar Ephemeris), the Moon's axis from the IAU 2015
report.  One position costs 200 us, so they are tabulated every 600 s and the unit vectors interpolated: the Sun moves
by 0.09 degree between two entries, and a chord that short is off by 2e-5 degree.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

import astronomy
import msgspec

from sim_hal.world.epoch import NS, utc_days_since_j2000
from sim_hal.world.world_file import SiteSection, SkySection

Vector = tuple[float, float, float]

AU_KM: Final = 149_597_870.7
LIGHT_KM_S: Final = 299_792.458
MOON_RADIUS_KM: Final = 1737.4
SUN_RADIUS_KM: Final = 695_700.0
EARTH_RADIUS_KM: Final = 6_460.0
"""With the atmosphere that darkens an eclipse (Danjon's enlargement, 1/85 + air)."""
SLOT_NS: Final = 600 * NS
_MAX_SLOTS: Final = 64
_NEAR_ECLIPSE: Final = math.cos(math.radians(1.5))
_NOON_KM: Final = 384_400.0


class Direction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A direction in the sky: azimuth clockwise from north, elevation above the level, the same as a unit vector."""

    azimuth_rad: float
    elevation_rad: float
    enu: Vector
    """East, north, up."""


class SkyModel(Protocol):
    """What the world asks of a sky; all times are ns since the GPS epoch."""

    def sun(self, gps_ns: int) -> Direction:
        """Centre of the Sun."""
        ...

    def earth(self, gps_ns: int) -> Direction:
        """Centre of the Earth."""
        ...

    def sun_distance_factor(self, gps_ns: int) -> float:
        """Sunlight over that at 1 AU, (1 AU / r)^2."""
        ...

    def sun_radius_rad(self, gps_ns: int) -> float:
        """Apparent radius of the Sun."""
        ...

    def uneclipsed_fraction(self, gps_ns: int) -> float:
        """Share of the Sun's disc that the Earth leaves free, 0..1."""
        ...

    def earth_light_time_s(self, gps_ns: int) -> float:
        """One way, site to the Earth's centre."""
        ...


def direction_of(east: float, north: float, up: float) -> Direction:
    """The direction of a vector of any length but zero."""
    length = math.sqrt(east * east + north * north + up * up)
    east, north, up = east / length, north / length, up / length
    azimuth = math.atan2(east, north)
    if azimuth < 0.0:
        azimuth += math.tau
    return Direction(azimuth_rad=azimuth, elevation_rad=math.asin(max(-1.0, min(1.0, up))), enu=(east, north, up))


def direction_at(azimuth_rad: float, elevation_rad: float) -> Direction:
    """The direction with these angles."""
    level = math.cos(elevation_rad)
    return direction_of(level * math.sin(azimuth_rad), level * math.cos(azimuth_rad), math.sin(elevation_rad))


def make_sky(site: SiteSection, sky: SkySection) -> SkyModel:
    """The sky that a world file asks for."""
    return Sky(site) if sky.mode == "ephemeris" else FixedSky(sky)


class FixedSky:
    """Sun and Earth that never move, at 1 AU and at the Moon's mean distance; for unit tests and test yards."""

    def __init__(self, section: SkySection) -> None:
        radians = math.radians
        self._sun = direction_at(radians(section.sun_azimuth_deg), radians(section.sun_elevation_deg))
        self._earth = direction_at(radians(section.earth_azimuth_deg), radians(section.earth_elevation_deg))

    def sun(self, gps_ns: int) -> Direction:
        return self._sun

    def earth(self, gps_ns: int) -> Direction:
        return self._earth

    def sun_distance_factor(self, gps_ns: int) -> float:
        return 1.0

    def sun_radius_rad(self, gps_ns: int) -> float:
        return SUN_RADIUS_KM / AU_KM

    def uneclipsed_fraction(self, gps_ns: int) -> float:
        return 1.0

    def earth_light_time_s(self, gps_ns: int) -> float:
        return _NOON_KM / LIGHT_KM_S


class Sky:
    """The real sky of a place on the Moon."""

    def __init__(self, site: SiteSection) -> None:
        self._lat_rad = math.radians(site.lat_deg)
        self._lon_rad = math.radians(site.lon_deg)
        self._radius_au = (MOON_RADIUS_KM + site.height_m / 1000.0) / AU_KM
        self._slots: dict[int, tuple[float, ...]] = {}
        self._at_ns = -1
        self._row: tuple[float, ...] = ()

    def sun(self, gps_ns: int) -> Direction:
        east, north, up = self._at(gps_ns)[0:3]
        return direction_of(east, north, up)

    def earth(self, gps_ns: int) -> Direction:
        east, north, up = self._at(gps_ns)[3:6]
        return direction_of(east, north, up)

    def sun_distance_factor(self, gps_ns: int) -> float:
        distance_au = self._at(gps_ns)[6]
        return 1.0 / (distance_au * distance_au)

    def sun_radius_rad(self, gps_ns: int) -> float:
        return SUN_RADIUS_KM / (self._at(gps_ns)[6] * AU_KM)

    def earth_light_time_s(self, gps_ns: int) -> float:
        return self._at(gps_ns)[7] * AU_KM / LIGHT_KM_S

    def uneclipsed_fraction(self, gps_ns: int) -> float:
        row = self._at(gps_ns)
        cosine = row[0] * row[3] + row[1] * row[4] + row[2] * row[5]
        if cosine < _NEAR_ECLIPSE:
            return 1.0
        sun, earth = self.sun_radius_rad(gps_ns), math.asin(EARTH_RADIUS_KM / (row[7] * AU_KM))
        return 1.0 - covered_fraction(sun, earth, math.acos(min(1.0, cosine)))

    def _at(self, gps_ns: int) -> tuple[float, ...]:
        """Sun and Earth as nearly unit vectors, Sun and Earth distance in AU, between two slots of the table."""
        if gps_ns == self._at_ns:
            return self._row
        slot = gps_ns // SLOT_NS
        part = (gps_ns - slot * SLOT_NS) / SLOT_NS
        before, after = self._slot(slot), self._slot(slot + 1)
        self._row = tuple([a + part * (b - a) for a, b in zip(before, after, strict=True)])
        self._at_ns = gps_ns
        return self._row

    def _slot(self, slot: int) -> tuple[float, ...]:
        """One row of the table, computed when first asked for; the oldest rows are forgotten."""
        row = self._slots.get(slot)
        if row is None:
            if len(self._slots) >= _MAX_SLOTS:
                del self._slots[next(iter(self._slots))]
            row = self._slots[slot] = self._compute(slot * SLOT_NS)
        return row

    def _compute(self, gps_ns: int) -> tuple[float, ...]:
        """The row at a time, from the ephemeris: 200 us."""
        time = astronomy.Time(utc_days_since_j2000(gps_ns))
        east, north, up = self._level_frame(time)
        moon = astronomy.GeoMoon(time)
        sun = astronomy.GeoVector(astronomy.Body.Sun, time, False)
        radius = self._radius_au
        site = (moon.x + radius * up[0], moon.y + radius * up[1], moon.z + radius * up[2])
        to_sun = (sun.x - site[0], sun.y - site[1], sun.z - site[2])
        to_earth = (-site[0], -site[1], -site[2])
        sun_au, earth_au = math.sqrt(_dot(to_sun, to_sun)), math.sqrt(_dot(to_earth, to_earth))
        axes = (east, north, up)
        return (
            *(_dot(to_sun, axis) / sun_au for axis in axes),
            *(_dot(to_earth, axis) / earth_au for axis in axes),
            sun_au,
            earth_au,
        )

    def _level_frame(self, time: astronomy.Time) -> tuple[Vector, Vector, Vector]:
        """East, north and up at the site in the equatorial frame of J2000."""
        axis = astronomy.RotationAxis(astronomy.Body.Moon, time)
        pole: Vector = (axis.north.x, axis.north.y, axis.north.z)
        # The meridian is counted from where the Moon's equator rises through the Earth's.
        flat = math.hypot(pole[0], pole[1])
        node: Vector = (-pole[1] / flat, pole[0] / flat, 0.0)
        aside = _cross(pole, node)
        angle = math.radians(axis.spin % 360.0) + self._lon_rad
        cosine, sine = math.cos(angle), math.sin(angle)
        outward = _mix(cosine, node, sine, aside)
        cosine, sine = math.cos(self._lat_rad), math.sin(self._lat_rad)
        up = _mix(cosine, outward, sine, pole)
        north = _mix(-sine, outward, cosine, pole)
        return _cross(north, up), north, up


def covered_fraction(disc_rad: float, cover_rad: float, separation_rad: float) -> float:
    """Share of a disc of radius `disc_rad` behind another of `cover_rad`, centres `separation_rad` apart; flat sky."""
    if separation_rad >= disc_rad + cover_rad:
        return 0.0
    if separation_rad <= abs(disc_rad - cover_rad):
        return 1.0 if cover_rad >= disc_rad else (cover_rad / disc_rad) ** 2
    d, r, c = separation_rad, disc_rad, cover_rad
    near = (d * d + r * r - c * c) / (2.0 * d * r)
    far = (d * d + c * c - r * r) / (2.0 * d * c)
    kite = (-d + r + c) * (d + r - c) * (d - r + c) * (d + r + c)
    lens = r * r * _arc(near) + c * c * _arc(far) - 0.5 * math.sqrt(max(0.0, kite))
    return max(0.0, min(1.0, lens / (math.pi * r * r)))


def _arc(cosine: float) -> float:
    return math.acos(max(-1.0, min(1.0, cosine)))


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _mix(p: float, a: Vector, q: float, b: Vector) -> Vector:
    return (p * a[0] + q * b[0], p * a[1] + q * b[1], p * a[2] + q * b[2])
