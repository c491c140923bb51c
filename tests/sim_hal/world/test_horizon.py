"""The skyline table, the Sun's disc over it, and the light that the shipped site has on the scenarios' dates."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.epoch import NS, gps_ns
from sim_hal.world.horizon import Horizon, disc_above
from sim_hal.world.place import Place
from sim_hal.world.site import View
from sim_hal.world.sky import direction_at
from sim_hal.world.world_file import HorizonPoint, HorizonSection, load_world

RADIUS = math.radians(0.266)


def horizon(*points: tuple[float, float]) -> Horizon:
    mask = tuple(HorizonPoint(azimuth_deg=azimuth, elevation_deg=elevation) for azimuth, elevation in points)
    return Horizon(HorizonSection(invented=True, mask=mask))


def test_skyline_is_straight_between_points_and_closed_through_north() -> None:
    """Halfway between two points lies their mean; north is between the last and the first."""
    line = horizon((10.0, 2.0), (100.0, -4.0), (350.0, 4.0))

    for azimuth, expected in ((10, 2.0), (55, -1.0), (100, -4.0), (225, 0.0), (350, 4.0), (0, 3.0), (360, 3.0)):
        assert math.degrees(line.elevation_rad(math.radians(azimuth))) == pytest.approx(expected, abs=1e-6)


@given(st.floats(-20.0, 20.0))
def test_skyline_is_continuous_and_periodic(azimuth: float) -> None:
    """No step anywhere, and a full turn changes nothing."""
    line = horizon((10.0, 2.0), (100.0, -4.0), (350.0, 4.0))
    here = line.elevation_rad(azimuth)

    assert abs(line.elevation_rad(azimuth + 1e-6) - here) < 1e-5
    assert line.elevation_rad(azimuth + math.tau) == pytest.approx(here, abs=1e-9)


def test_one_point_is_a_level_skyline() -> None:
    """A mask of a single point holds all round."""
    line = horizon((0.0, -2.0))
    assert math.degrees(line.elevation_rad(3.0)) == pytest.approx(-2.0)
    assert line.visible(direction_at(3.0, math.radians(-1.9)))
    assert not line.visible(direction_at(3.0, math.radians(-2.1)))


@given(st.floats(-2.0, 2.0), st.floats(0.0, 1.0))
def test_disc_share_rises_from_0_to_1_and_is_symmetric(offset: float, more: float) -> None:
    """What is above the edge at one height is below it at the mirrored one."""
    share = disc_above(offset)

    assert 0.0 <= share <= 1.0
    assert share + disc_above(-offset) == pytest.approx(1.0)
    assert disc_above(offset + more) >= share - 1e-12


def test_a_near_skyline_hides_the_sun_above_the_far_one() -> None:
    """The higher of the two counts."""
    line, sun = horizon((0.0, -2.0)), direction_at(1.0, math.radians(3.0))

    assert line.sun_fraction(sun, RADIUS) == 1.0
    assert line.sun_fraction(sun, RADIUS, math.radians(3.0)) == pytest.approx(0.5)
    assert line.sun_fraction(sun, RADIUS, math.radians(4.0)) == 0.0


def light(place: Place, time: int) -> float:
    view = View()
    place.look(time, 5.0, 0.0, view)
    return view.lit_fraction


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2029-09-24T00:00", 1.0, 1.0),  # first_drive starts in full light
        ("2029-09-24T01:00", 1.0, 1.0),
        ("2029-10-01T06:00", 0.9, 1.0),  # lunar_day starts in the evening
        ("2029-10-02T00:00", 0.0, 0.0),  # low_battery is dark
        ("2029-10-05T12:00", 0.0, 0.0),
        ("2029-10-08T11:00", 0.0, 0.02),
        ("2029-10-08T18:00", 0.2, 0.6),  # the array wakes the rover about now
        ("2029-10-09T12:00", 1.0, 1.0),  # cold_morning starts in full light
    ],
)
def test_light_on_the_scenarios_dates(text: str, low: float, high: float) -> None:
    """The invented skyline gives the days and nights that the scenarios rest on."""
    place = Place(load_world("leibnitz_beta"))
    assert low <= light(place, gps_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))) <= high


def test_the_night_of_october_2029_lasts_about_166_h() -> None:
    """Between the quarter discs of evening and morning."""
    place = Place(load_world("leibnitz_beta"))
    start = gps_ns(datetime(2029, 10, 1, tzinfo=UTC))
    half_hours = [light(place, start + step * 1800 * NS) < 0.25 for step in range(24 * 2 * 9)]

    assert 160.0 <= half_hours.count(True) / 2 <= 172.0
