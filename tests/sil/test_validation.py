"""The limits within which docs/validation.md holds: the world against published and separately computed numbers."""

import math
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sil.validation import ground, heat, page, power, relay, soil
from sil.validation.chapter import Chapter, Row
from sil.validation.sky import apart_deg, errors_deg, leibnitz_sky
from sil.validation.sky_kernels import HEIGHT_M, LAT_DEG, LON_DEG
from sil.validation.sky_reference import REFERENCE
from sim_hal.world.epoch import gps_ns
from sim_hal.world.soil import SOILS

LIMIT_DEG = 0.02


@pytest.mark.parametrize("body", ["sun", "earth"])
def test_sky_agrees_with_de421_and_its_lunar_orientation(body: str) -> None:
    """Within 0.02 degree on the sky at 20 instants over two years."""
    errors = errors_deg()[body]
    assert len(errors) == len(REFERENCE) == 20
    assert max(errors) < LIMIT_DEG


def iau_axes(days: float) -> tuple[tuple[float, ...], ...]:
    """The Moon's x, y and z axes in the ICRF by the IAU 2015 report (Archinal et al. 2018), main terms."""
    t = days / 36525.0
    e1, e2, e3, e4, e6 = (
        math.radians(start + rate * days)
        for start, rate in (
            (125.045, -0.0529921), (250.089, -0.1059842), (260.008, 13.0120009), (176.625, 13.3407154),
            (311.589, 26.4057084),
        )
    )  # fmt: skip
    e5, e10, e13 = (
        math.radians(start + rate * days)
        for start, rate in ((357.529, 0.9856003), (15.134, -0.1589763), (25.053, 12.9590088))
    )
    sin, cos = math.sin, math.cos
    ra = 269.9949 + 0.0031 * t - 3.8787 * sin(e1) - 0.1204 * sin(e2) + 0.0700 * sin(e3) - 0.0172 * sin(e4)
    ra += 0.0072 * sin(e6) - 0.0052 * sin(e10) + 0.0043 * sin(e13)
    dec = 66.5392 + 0.0130 * t + 1.5419 * cos(e1) + 0.0239 * cos(e2) - 0.0278 * cos(e3) + 0.0068 * cos(e4)
    dec += -0.0029 * cos(e6) + 0.0008 * cos(e10) - 0.0009 * cos(e13)
    spin = 38.3213 + 13.17635815 * days - 1.4e-12 * days * days + 3.5610 * sin(e1) + 0.1208 * sin(e2)
    spin += -0.0642 * sin(e3) + 0.0158 * sin(e4) + 0.0252 * sin(e5) - 0.0066 * sin(e6) + 0.0052 * sin(e10)
    spin -= 0.0044 * sin(e13)
    a, d, w = (math.radians(angle) for angle in (ra, dec, spin))
    node, aside = (-sin(a), cos(a), 0.0), (-cos(a) * sin(d), -sin(a) * sin(d), cos(d))
    x = tuple(cos(w) * n + sin(w) * m for n, m in zip(node, aside, strict=True))
    y = tuple(cos(w) * m - sin(w) * n for n, m in zip(node, aside, strict=True))
    return x, y, (cos(a) * cos(d), sin(a) * cos(d), sin(d))


def dot(a: Any, b: Any) -> float:
    return float(sum(p * q for p, q in zip(a, b, strict=True)))


@pytest.fixture(scope="module")
def skyfield_bodies() -> Any:
    """DE421 as skyfield reads it; the file comes with a package, nothing is fetched."""
    loader = pytest.importorskip("skyfield.api").Loader
    data = pytest.importorskip("skyfield_data")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old table of the Earth's rotation, which the Moon does not use
        load = loader(data.get_skyfield_data_path())
    bodies = load("de421.bsp")
    yield load.timescale(builtin=True), bodies
    bodies.close()


@pytest.mark.parametrize("step", range(20))
def test_sky_agrees_with_skyfield_now(skyfield_bodies: Any, step: int) -> None:
    """Positions from DE421, read by skyfield here and now, turned by the IAU axis: within 0.02 degree."""
    scale, bodies = skyfield_bodies
    at = datetime(2028, 1, 9, tzinfo=UTC) + timedelta(hours=1313 * step)
    time = scale.from_datetime(at)
    axes = iau_axes(time.tdb - 2451545.0)
    lat, lon = math.radians(LAT_DEG), math.radians(LON_DEG)
    up = _mix((math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)), axes)
    north = _mix((-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)), axes)
    east = _mix((-math.sin(lon), math.cos(lon), 0.0), axes)
    sky, radius_km = leibnitz_sky(), 1737.4 + HEIGHT_M / 1000.0
    for name, ours in (("sun", sky.sun(gps_ns(at))), ("earth", sky.earth(gps_ns(at)))):
        to = bodies["moon"].at(time).observe(bodies[name]).xyz.km - [radius_km * part for part in up]
        elevation = math.atan2(dot(to, up), math.hypot(dot(to, east), dot(to, north)))
        azimuth = math.atan2(dot(to, east), dot(to, north))
        assert apart_deg(ours, math.degrees(azimuth), math.degrees(elevation)) < LIMIT_DEG


def _mix(shares: tuple[float, float, float], axes: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    return tuple(dot(shares, column) for column in zip(*axes, strict=True))


@pytest.mark.parametrize(("points", "name", "limit"), [(soil.DING, "loose", 0.01), (soil.HURRELL, "dense", 0.03)])
def test_pull_follows_the_measured_wheels(points: soil.Points, name: str, limit: float) -> None:
    """Root mean square of drawbar pull over load, over the published points."""
    assert soil.rms(soil.pull_errors(SOILS[name], points)) < limit


@pytest.mark.parametrize(("slope", "slip"), [(0.0, 0.02), (5.0, 0.05), (10.0, 0.09), (15.0, 0.15), (20.0, 0.29)])
def test_the_whole_rover_slips_as_its_soil_says(slope: float, slip: float) -> None:
    """Driven up a plane by the motion model, in nominal soil."""
    assert soil.driven_slip(SOILS["nominal"], slope) == pytest.approx(slip, abs=0.006)


def test_the_equator_is_as_warm_as_diviner_measured() -> None:
    """Maximum, minimum and mean within 3 % of Williams et al. 2017."""
    ours = heat.summary(heat.equator_k())
    for what, measured in heat.DIVINER.items():
        assert ours[what] == pytest.approx(measured, rel=0.03), what


def test_the_cell_is_that_of_chen_2020() -> None:
    """Our table against the published electrode functions: 15 mV from 20 % up; they meet 2.5 and 4.2 V themselves."""
    assert power.chen_ocv_v(0.0) == pytest.approx(2.5, abs=0.005)
    assert power.chen_ocv_v(1.0) == pytest.approx(4.2, abs=0.005)
    for step in range(20, 101):
        assert power.our_ocv_v(step / 100) == pytest.approx(power.chen_ocv_v(step / 100), abs=0.015)


@pytest.mark.parametrize(("slope", "watts"), power.SIZING_W)
def test_drive_power_is_that_of_the_sizing(slope: float, watts: float) -> None:
    """Within 3 %."""
    assert power.drive_power_w(slope) == pytest.approx(watts, rel=0.03)


def test_relay_windows_are_as_long_as_computed() -> None:
    """Period within 1 minute of the published one; passes, gaps and share within 0.1 h and 0.1 % of the computed."""
    link = relay.relay()
    passes, gaps, seen = relay.windows_h(link)
    assert link.period_s / 3600.0 == pytest.approx(26.18, abs=0.017)
    assert 22.5 < min(passes) <= max(passes) < 23.5
    assert 2.7 < min(gaps) <= max(gaps) < 3.7
    assert 0.879 < seen < 0.891


def test_craters_and_rocks_follow_their_laws() -> None:
    """Counts within 4 sigma, depth ratio within 1 %, coverage within 20 %: large rocks are few."""
    crater_section, craters, rock_section, rocks = ground.drawn(300.0)
    area = 300.0**2
    for size in ground.CRATER_SIZES_M:
        expected = ground.crater_law(crater_section, size) * area
        assert abs(sum(2.0 * crater[2] >= size for crater in craters) - expected) < 4.0 * math.sqrt(expected)
    ratio = sum(crater[3] / 0.8 / (2.0 * crater[2]) for crater in craters) / len(craters)
    assert ratio == pytest.approx(0.061, rel=0.01)
    for size in ground.ROCK_SIZES_M:
        covered = sum(math.pi * rock[2] ** 2 for rock in rocks if 2.0 * rock[2] >= size) / area
        assert covered == pytest.approx(ground.rock_law(rock_section, size), rel=0.2)


def test_a_chapter_becomes_a_section_with_table_picture_and_doubts() -> None:
    """Every row, the picture's path and what is not shown are on the page."""
    row = Row(what="slope", published="1", source="somebody", ours="2", error="+1")
    chapter = Chapter(name="x", title="X", says="Says.", rows=(row,), honest="Nothing.", draw=lambda figure: None)
    text = page.markdown(chapter)

    assert "## X" in text
    assert "| slope | 1 | somebody | 2 | +1 |" in text
    assert "validation/x.png" in text
    assert "Not shown: Nothing." in text
