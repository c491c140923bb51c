"""The sky against independent numbers: DE421 with the lunar orientation kernel, and a truncated lunar theory."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.epoch import NS, gps_ns, utc_days_since_j2000
from sim_hal.world.sky import SLOT_NS, Direction, FixedSky, Sky, covered_fraction, direction_at, make_sky
from sim_hal.world.world_file import SiteSection, SkySection

SITE = SiteSection(lat_deg=-85.3, lon_deg=31.0)
HOUR_NS = 3600 * NS
MISSION = st.integers(gps_ns(datetime(2028, 1, 1, tzinfo=UTC)), gps_ns(datetime(2031, 1, 1, tzinfo=UTC)))


def at(text: str) -> int:
    return gps_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


def degrees(direction: Direction) -> tuple[float, float]:
    return math.degrees(direction.azimuth_rad), math.degrees(direction.elevation_rad)


def test_gps_time_runs_18_s_ahead_of_utc() -> None:
    """The GPS epoch itself, and J2000 in days of UTC."""
    assert gps_ns(datetime(1980, 1, 6, tzinfo=UTC)) == 18 * NS
    assert utc_days_since_j2000(at("2000-01-01T12:00:00")) == 0.0
    assert utc_days_since_j2000(at("2029-09-24T00:00:00")) == 10858.5


def test_a_time_without_zone_is_refused() -> None:
    """A naive time would silently be read as something else."""
    with pytest.raises(ValueError, match="no time zone"):
        gps_ns(datetime(2029, 1, 1))  # noqa: DTZ001 - that is the point


def test_sun_and_earth_stay_within_the_ranges_of_de421() -> None:
    """Sun -4.98..+5.96 degrees from 2028-11-01 to 2029-02-01; light time to Earth 1.213..1.349 s."""
    sky = Sky(SITE)
    start = at("2028-11-01T00:00:00")
    times = [start + hour * HOUR_NS for hour in range(0, 92 * 24, 3)]
    elevations = [degrees(sky.sun(time))[1] for time in times]
    light = [sky.earth_light_time_s(time) for time in times]

    assert min(elevations) == pytest.approx(-4.98, abs=0.01)
    assert max(elevations) == pytest.approx(5.96, abs=0.01)
    assert 1.205 < min(light) < max(light) < 1.36


@pytest.mark.parametrize(
    ("text", "rising"),
    [("2028-11-20T15:00", True), ("2028-12-07T09:00", False), ("2028-12-21T00:00", True), ("2029-01-05T06:00", False)],
)
def test_sun_rises_and_sets_in_the_published_hours(text: str, rising: bool) -> None:
    """Sun-up spans over a flat horizon, read to the 3-hour grid they were computed on."""
    sky = Sky(SITE)
    before, after = sky.sun(at(text) - 3 * HOUR_NS), sky.sun(at(text) + 3 * HOUR_NS)

    assert (before.elevation_rad < 0.0 < after.elevation_rad) is rising
    assert (before.elevation_rad > 0.0 > after.elevation_rad) is not rising


def series(days: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Sub-Earth and sub-solar point (longitude, latitude) in degrees, by a truncated lunar theory after Meeus."""

    def sin(x: float) -> float:
        return math.sin(math.radians(x))

    def cos(x: float) -> float:
        return math.cos(math.radians(x))

    t = days / 36525
    sun_anomaly = 357.529 + 0.98560028 * days
    sun = 280.459 + 0.98564736 * days + 1.915 * sin(sun_anomaly) + 0.020 * sin(2 * sun_anomaly)
    m, d = 134.96340 + 477198.86751 * t, 297.85019 + 445267.11140 * t
    f, node = 93.27210 + 483202.01752 * t, 125.04455 - 1934.13629 * t
    moon = 218.31645 + 481267.88123 * t + 6.289 * sin(m) + 1.274 * sin(2 * d - m) + 0.658 * sin(2 * d)
    moon += 0.214 * sin(2 * m) - 0.186 * sin(sun_anomaly) - 0.114 * sin(2 * f)
    lat = 5.128 * sin(f) + 0.281 * sin(m + f) + 0.278 * sin(m - f) + 0.173 * sin(2 * d - f)
    ratio = (385000.56 - 20905.4 * cos(m) - 3699.1 * cos(2 * d - m) - 2956.0 * cos(2 * d)) / 149_597_870.7

    def below(lon: float, b: float) -> tuple[float, float]:
        w, tilt = lon - node, 1.54242
        a = math.degrees(math.atan2(sin(w) * cos(b) * cos(tilt) - sin(b) * sin(tilt), cos(w) * cos(b)))
        return a - f, math.degrees(math.asin(-sin(w) * cos(b) * sin(tilt) - sin(b) * cos(tilt)))

    helio = sun + 180 + 57.296 * ratio * cos(lat) * sin(sun - moon)
    return below(moon, lat), below(helio, lat * ratio)


def elevation_over(point: tuple[float, float], distance_radii: float) -> float:
    """Elevation at the site of a body over a point of the Moon."""
    lon, lat = (math.radians(angle) for angle in point)
    site_lat, site_lon = math.radians(SITE.lat_deg), math.radians(SITE.lon_deg)
    cosine = math.sin(lat) * math.sin(site_lat) + math.cos(lat) * math.cos(site_lat) * math.cos(lon - site_lon)
    angle = math.acos(cosine)
    return math.degrees(math.atan2(distance_radii * cosine - 1.0, distance_radii * math.sin(angle)))


@pytest.mark.parametrize("step", range(20))
def test_sun_and_earth_agree_with_an_independent_series(step: int) -> None:
    """Within the series' own error: 0.05 degree for the Sun, 0.25 for the Earth, at 20 instants over two years."""
    time = at("2028-07-01T00:00:00") + round(step * 36.53 * 86_400) * NS
    sky = Sky(SITE)
    earth, sun = series(utc_days_since_j2000(time) + 69.2 / 86_400)

    assert degrees(sky.sun(time))[1] == pytest.approx(elevation_over(sun, 86_000.0), abs=0.05)
    distance = sky.earth_light_time_s(time) * 299_792.458 / 1737.4
    assert degrees(sky.earth(time))[1] == pytest.approx(elevation_over(earth, distance), abs=0.25)


def test_sun_moves_westward_half_a_degree_an_hour() -> None:
    """Seen from the south the Sun goes from east through north to west: azimuth falls by 0.508 degree an hour."""
    sky = Sky(SITE)
    start = at("2029-09-24T00:00:00")
    turned = degrees(sky.sun(start))[0] - degrees(sky.sun(start + 10 * HOUR_NS))[0]

    assert turned == pytest.approx(5.08, abs=0.1)


@given(MISSION)
def test_interpolation_is_far_finer_than_the_disc(time: int) -> None:
    """Between table entries the Sun is within 1e-6 rad of the ephemeris, and directions are unit vectors."""
    sky = Sky(SITE)
    sun = sky.sun(time)
    exact = sky._compute(time)

    assert math.dist(sun.enu, exact[:3]) < 1e-6
    assert math.dist(sky.earth(time).enu, exact[3:6]) < 1e-5
    assert math.hypot(*sun.enu) == pytest.approx(1.0, abs=1e-12)
    again = direction_at(sun.azimuth_rad, sun.elevation_rad)
    assert math.dist(again.enu, sun.enu) < 1e-9
    assert 0.0 <= sun.azimuth_rad < math.tau
    assert 0.96 < sky.sun_distance_factor(time) < 1.04  # Earth's orbit, and the Moon's round the Earth


def test_the_order_of_questions_changes_nothing() -> None:
    """A sky asked forwards and one asked backwards say the same, bit for bit, and neither grows without bound."""
    times = [at("2029-09-24T00:00:00") + step * SLOT_NS // 3 for step in range(400)]
    forward, backward = Sky(SITE), Sky(SITE)
    there = [forward.sun(time) for time in times]
    back = [backward.sun(time) for time in reversed(times)]

    assert there == back[::-1]
    assert len(forward._slots) <= 64


def test_the_earth_covers_the_sun_in_the_eclipse_of_june_2029() -> None:
    """Total lunar eclipse of 2029-06-26, greatest at 03:22 UTC, totality 102 minutes: dark then, free a day later."""
    sky = Sky(SITE)
    greatest = at("2029-06-26T03:22:00")
    course = [sky.uneclipsed_fraction(greatest + minutes * 60 * NS) for minutes in range(-240, 241, 5)]

    assert course[48] == 0.0
    assert 18 <= course.count(0.0) <= 40
    assert course[0] == course[-1] == 1.0
    assert sky.uneclipsed_fraction(greatest + 24 * HOUR_NS) == 1.0
    falling = course[: course.index(0.0)]
    assert falling == sorted(falling, reverse=True)
    assert any(0.0 < share < 1.0 for share in falling)


@given(st.floats(0.001, 1.0), st.floats(0.001, 1.0), st.floats(0.0, 3.0))
def test_covered_fraction_is_a_share_and_falls_with_distance(disc: float, cover: float, apart: float) -> None:
    """In 0..1, less when farther apart, and the lens is the same seen from either disc."""
    share = covered_fraction(disc, cover, apart)
    other = covered_fraction(cover, disc, apart)

    assert 0.0 <= share <= 1.0
    assert covered_fraction(disc, cover, apart + 0.01) <= share + 1e-9
    assert share * disc * disc == pytest.approx(other * cover * cover, abs=1e-7)


def test_a_fixed_sky_never_moves() -> None:
    """The flat world's Sun is where its file says, at any time."""
    section = SkySection(mode="fixed", sun_azimuth_deg=90.0, sun_elevation_deg=30.0)
    sky = make_sky(SITE, section)
    assert isinstance(sky, FixedSky)
    east, north, up = sky.sun(0).enu

    assert (east, north, up) == pytest.approx((math.cos(math.radians(30)), 0.0, 0.5), abs=1e-12)
    assert sky.sun(0) == sky.sun(10**18)
    assert sky.uneclipsed_fraction(5) == sky.sun_distance_factor(5) == 1.0
    assert 1.2 < sky.earth_light_time_s(0) < 1.35


@given(st.integers(0, 10**9))
def test_epoch_is_exact(microseconds: int) -> None:
    """Times go to nanoseconds without passing through floats."""
    start = datetime(2029, 9, 24, tzinfo=UTC)
    later = start + timedelta(microseconds=microseconds)
    assert gps_ns(later) - gps_ns(start) == microseconds * 1000
