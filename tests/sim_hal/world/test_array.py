"""Solar faces: power by direction, temperature, dust and damage."""

import math

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.array import SolarArray
from sim_hal.world.vehicle_file import load_vehicle

SECTION = load_vehicle("south_pole").array
COOL_C = 28.0 - SECTION.cell_rise_k
"""Shell temperature at which cells square to the Sun are at their rated 28 C."""


def lit(azimuth_deg: float, shell_c: float = COOL_C, elevation_deg: float = 0.0) -> SolarArray:
    """The array with the Sun at an azimuth counter-clockwise from body x."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    array = SolarArray(SECTION)
    level = math.cos(elevation)
    array.light((level * math.cos(azimuth), level * math.sin(azimuth), math.sin(elevation)), 1361.0, shell_c)
    return array


def test_a_face_square_to_the_sun_gives_80_w() -> None:
    """Left, right and rear alike, each alone."""
    for azimuth, face in ((90.0, 0), (-90.0, 1), (180.0, 2)):
        array = lit(azimuth)
        assert array.face_w[face] == pytest.approx(80.5, rel=0.01)
        assert array.available_w == pytest.approx(array.face_w[face], rel=1e-6)


def test_a_corner_to_the_sun_gives_most_and_the_front_nothing() -> None:
    """113 W on a 45 degree corner; there is no face in front."""
    assert lit(135.0).available_w == pytest.approx(113.0, rel=0.04)
    assert lit(0.0).available_w == 0.0


def test_warm_cells_give_less() -> None:
    """A quarter of a percent for each kelvin."""
    assert lit(90.0, COOL_C + 40.0).available_w == pytest.approx(0.9 * lit(90.0).available_w, rel=1e-6)


def test_dust_takes_half_a_percent_a_month() -> None:
    """And goes on doing so."""
    array = SolarArray(SECTION)
    for _ in range(300):
        array.age(86400.0)
    assert array.clean == pytest.approx(math.exp(-0.05))


def test_a_lost_face_gives_nothing_and_shadow_too() -> None:
    """The others are not touched."""
    array = SolarArray(SECTION)
    array.lost[0] = True
    array.light((-math.sqrt(0.5), math.sqrt(0.5), 0.0), 1361.0, 0.0)
    assert array.face_w[0] == 0.0
    assert array.face_w[2] > 50.0
    array.light((-1.0, 0.0, 0.0), 0.0, 0.0)
    assert array.available_w == 0.0


@given(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0), st.floats(-150.0, 120.0), st.floats(0.0, 1.0))
def test_what_is_drawn_is_what_monitors_see(azimuth: float, elevation: float, shell_c: float, share: float) -> None:
    """Voltage times current over the faces is the power taken, never more than sunlight on three faces allows."""
    array = lit(azimuth, shell_c, elevation)
    used_w = share * array.available_w
    array.draw(used_w)
    assert sum(v * i for v, i in zip(array.voltage_v, array.current_a, strict=True)) == pytest.approx(used_w)
    assert 0.0 <= array.available_w <= 1361.0 * 0.24 * 0.88 * 0.28 * math.sqrt(2.0) * 1.5
