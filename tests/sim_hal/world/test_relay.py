"""The relay's orbit against the published period and the visibility computed for it, and the local line of sight."""

import math
from datetime import UTC, datetime
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, strategies as st

from sim_hal.world.epoch import NS, gps_ns
from sim_hal.world.local_link import LocalLink
from sim_hal.world.relay import Relay
from sim_hal.world.terrain import Terrain
from sim_hal.world.world_file import ObstacleSection, load_world

WORLD = load_world("leibnitz_beta")
START = gps_ns(datetime(2029, 9, 20, tzinfo=UTC))
DAY_NS = 86_400 * NS
TIMES = st.integers(START, START + 60 * DAY_NS)


def relay() -> Relay:
    return Relay(WORLD.site, WORLD.relay)


def test_period_follows_from_the_radii() -> None:
    """26.19 h, as published for Queqiao-2."""
    assert relay().period_s / 3600 == pytest.approx(26.19, abs=0.01)


def test_passes_and_gaps_are_as_long_as_computed_for_the_site() -> None:
    """Seen 88 to 89 % of the time above 10 degrees: passes of 22.6 to 23.4 h, gaps of 2.8 to 3.6 h."""
    stop = START + 59 * DAY_NS
    windows = relay().windows(START, stop)
    passes = [(down - up) / NS / 3600 for up, down in windows[1:-1]]
    gaps = [(after[0] - before[1]) / NS / 3600 for before, after in pairwise(windows)]
    seen = sum(down - up for up, down in windows) / (stop - START)

    assert seen == pytest.approx(0.885, abs=0.01)
    assert 22.5 < min(passes) <= max(passes) < 23.5
    assert 2.7 < min(gaps) <= max(gaps) < 3.7


def test_the_relay_is_seen_throughout_the_first_drive_and_at_other_starts() -> None:
    """The assumed phase leaves the link to the scenarios that need it."""
    link = relay()
    for text in ("2029-09-24T00:00", "2029-09-24T02:00", "2029-10-01T06:00", "2029-10-02T00:00", "2029-10-09T12:00"):
        assert link.visible(gps_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))), text


@given(TIMES)
def test_range_stays_within_the_ellipse(time: int) -> None:
    """Between 3 750 km and 17 400 km whenever it is seen, as computed for the site; light time to match."""
    link = relay()
    elevation, range_km = link.elevation_and_range(time)

    assert -math.pi / 2 <= elevation <= math.pi / 2
    assert 1992.0 - 1744.0 < range_km < 18_679.0 + 1744.0
    if link.visible(time):
        assert 2_900.0 < range_km < 17_600.0
    assert link.light_time_s(time) == pytest.approx(range_km / 299_792.458)


@given(TIMES, st.integers(1, 3 * DAY_NS))
def test_windows_agree_with_visibility(start: int, length: int) -> None:
    """Inside a window the relay is seen, between two it is not; windows are in order and within bounds."""
    link = relay()
    windows = link.windows(start, start + length)
    edges = [edge for window in windows for edge in window]

    assert edges == sorted(edges)
    assert all(start <= edge <= start + length for edge in edges)
    for up, down in windows:
        if down - up > 4 * NS:
            assert link.visible((up + down) // 2)
    for before, after in pairwise(windows):
        assert not link.visible((before[1] + after[0]) // 2)


def test_an_everlasting_relay_is_always_seen() -> None:
    """In the flat world there is one window, the whole time asked for."""
    flat = load_world("flat")
    link = Relay(flat.site, flat.relay)
    assert link.windows(START, START + DAY_NS) == [(START, START + DAY_NS)]


def local(*obstacles: ObstacleSection) -> LocalLink:
    flat = load_world("flat")
    terrain = Terrain(msgspec.structs.replace(flat.terrain, obstacles=obstacles))
    return LocalLink(terrain, flat.local_link)


def test_the_lander_is_seen_over_flat_ground_within_range() -> None:
    """1000 m and no farther."""
    link = local()
    assert link.visible(0.0, 0.0)
    assert link.visible(999.0, 0.0)
    assert not link.visible(800.0, 700.0)
    assert link.range_m(3.0, 4.0) == pytest.approx(5.0)


def test_a_boulder_hides_the_lander_only_from_behind() -> None:
    """In front, beside, and far enough away to look over it nothing is hidden."""
    link = local(ObstacleSection(x_m=20.0, y_m=0.0, radius_m=2.0, height_m=2.2))

    seen = {x: link.visible(x, 0.0) for x in (10.0, 25.0, 60.0)}
    assert seen == {10.0: True, 25.0: False, 60.0: False}
    assert link.visible(25.0, 8.0)
    assert local(ObstacleSection(x_m=20.0, y_m=0.0, radius_m=2.0, height_m=0.5)).visible(25.0, 0.0)


def test_rising_ground_hides_the_lander() -> None:
    """With low antennas the lander is seen from the foot of the steep slope, but not across its shoulder."""
    steep = load_world("steep_slope")
    low = msgspec.structs.replace(steep.local_link, lander_antenna_m=0.5, rover_antenna_m=0.3)
    link = LocalLink(Terrain(steep.terrain), low)

    assert link.visible(7.0, 0.0)
    assert not link.visible(20.0, 16.0)
    assert link.visible(-20.0, 16.0)
