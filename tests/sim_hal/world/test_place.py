"""What the world sees of a place as the rover moves through it."""

import math
from datetime import UTC, datetime

import pytest

from sim_hal.world.epoch import NS, gps_ns
from sim_hal.world.place import Place
from sim_hal.world.site import View
from sim_hal.world.world_file import load_world

START = gps_ns(datetime(2029, 9, 24, 0, 5, tzinfo=UTC))


def seen(place: Place, x: float, y: float = 0.0, time: int = START) -> View:
    view = View()
    place.look(time, x, y, view)
    return view


def test_the_boulders_shadow_lies_where_its_file_says() -> None:
    """Light, shadow from about 11 to 17 m, light again; power goes with it, the ground's heat does not."""
    place = Place(load_world("big_boulder"))
    views = {x / 2: seen(place, x / 2) for x in range(6, 50)}
    dark = [x for x, view in views.items() if view.lit_fraction < 0.5]

    assert min(dark) == pytest.approx(11.5, abs=1.0)
    assert max(dark) == pytest.approx(17.0, abs=1.0)
    assert len(dark) == (max(dark) - min(dark)) * 2 + 1
    assert views[14.0].irradiance_w_m2 == 0.0
    assert views[14.0].sink_k == views[4.0].sink_k
    assert views[4.0].irradiance_w_m2 == pytest.approx(1361.0, rel=0.04)


def test_what_is_remembered_changes_nothing() -> None:
    """Coming to a point step by step or at once gives nearly the same light, and standing still exactly the same."""
    place = Place(load_world("leibnitz_beta"))
    for step in range(200):
        seen(place, 3.0 + 0.07 * step, time=START + step * NS)
    end = START + 200 * NS
    there, again = seen(place, 17.0, time=end), seen(place, 17.0, time=end)
    fresh = seen(Place(load_world("leibnitz_beta")), 17.0, time=end)

    assert there.lit_fraction == again.lit_fraction == pytest.approx(fresh.lit_fraction, abs=0.1)
    assert there.sun_enu == fresh.sun_enu


def test_night_takes_light_and_heat() -> None:
    """In the dark the sink is the night's and nothing shines."""
    place = Place(load_world("leibnitz_beta"))
    view = seen(place, 5.0, time=gps_ns(datetime(2029, 10, 5, tzinfo=UTC)))

    assert view.lit_fraction == view.irradiance_w_m2 == 0.0
    assert view.sink_k == 90.0
    assert view.sun_elevation_rad < math.radians(-3.0)
    assert not view.earth_visible


def test_the_flat_world_never_changes() -> None:
    """Constant Sun, heat and links for unit tests."""
    place = Place(load_world("flat"))
    early, late = seen(place, 0.0), seen(place, 500.0, 300.0, START + 10**16)

    for name in ("sun_enu", "lit_fraction", "irradiance_w_m2", "sink_k", "air_k"):
        assert getattr(early, name) == getattr(late, name)
    assert early.lit_fraction == 1.0
    assert early.irradiance_w_m2 == 1361.0


def test_air_is_there_only_on_earth() -> None:
    """The yard has 20 C of it."""
    assert seen(Place(load_world("earth_yard")), 1.0).air_k == pytest.approx(293.15)
    assert seen(Place(load_world("leibnitz_beta")), 1.0).air_k is None
