"""The ground: repeatable, smooth, and populated by the published laws."""

import math

import msgspec
import pytest
from hypothesis import given, strategies as st

from sim_hal.world.cell_dice import CellDice
from sim_hal.world.craters import CraterField, profile
from sim_hal.world.ramps import Ramp
from sim_hal.world.rocks import RockField, rock_height_m
from sim_hal.world.sight import skyline_rad
from sim_hal.world.terrain import Terrain, _crater_sum
from sim_hal.world.world_file import (
    CraterSection,
    ObstacleSection,
    RockSection,
    TerrainSection,
    load_world,
)

LEIBNITZ = load_world("leibnitz_beta").terrain
STEEP = load_world("steep_slope").terrain
SHARED = Terrain(LEIBNITZ)
SHARED_STEEP = Terrain(STEEP)
GOLDEN = [3576467057523477, 3274482459730813, 5758414597876943]
PLACES = st.floats(-300.0, 300.0)


def test_dice_are_the_same_everywhere() -> None:
    """Integer arithmetic only: these numbers hold on every machine and Python."""
    dice = CellDice(108, 12, -3, 7)
    first = [dice.uniform() for _ in range(3)]
    again = CellDice(108, 12, -3, 7)

    assert first == [again.uniform() for _ in range(3)]
    assert [int(number * 2**53) for number in first] == GOLDEN
    assert CellDice(108, 12, 7, -3).uniform() != first[0]


def test_dice_are_even_and_counts_have_their_mean() -> None:
    """Mean and spread of 40,000 throws; Poisson mean and variance."""
    throws = [CellDice(5, 1, index % 200, index // 200).uniform() for index in range(40_000)]
    counts = [CellDice(5, 2, index % 100, index // 100).count(math.exp(-0.9), 0.9) for index in range(10_000)]
    mean = sum(counts) / len(counts)

    assert sum(throws) / len(throws) == pytest.approx(0.5, abs=0.005)
    assert sum(throw * throw for throw in throws) / len(throws) == pytest.approx(1 / 3, abs=0.005)
    assert mean == pytest.approx(0.9, abs=0.03)
    assert sum((count - mean) ** 2 for count in counts) / len(counts) == pytest.approx(0.9, abs=0.06)


def test_crater_profile_has_floor_rim_and_a_smooth_end() -> None:
    """Floor at the middle, rim highest at one radius, zero and level at the end."""
    assert profile(0.0) == -1.0
    assert profile(1.0) == 0.25
    assert profile(2.0) == 0.0
    assert max(profile(step / 1000) for step in range(2001)) == pytest.approx(0.25)
    assert abs(profile(2.0 - 1e-4)) < 1e-7


def test_crater_numbers_follow_the_equilibrium_law() -> None:
    """N(>D) = 0.079 D^-2 per m2, depth over diameter 0.061 on average, none outside the given sizes."""
    section = CraterSection(per_m2=0.079, min_diameter_m=1.0, max_diameter_m=32.0)
    side = 400.0
    craters = [
        c for c in CraterField(section, 7).reaching(0.0, 0.0, side, side) if 0 <= c[0] < side and 0 <= c[1] < side
    ]
    diameters = [2.0 * crater[2] for crater in craters]
    ratios = [crater[3] / 0.8 / (2.0 * crater[2]) for crater in craters]

    for smallest in (1.0, 2.0, 4.0):
        expected = 0.079 * (smallest**-2 - 32.0**-2) * side * side
        found = sum(diameter >= smallest for diameter in diameters)
        assert found == pytest.approx(expected, abs=4.0 * math.sqrt(expected))
    assert sum(ratios) / len(ratios) == pytest.approx(0.061, abs=0.001)
    assert min(diameters) >= 1.0
    assert max(diameters) <= 32.0


def test_rocks_cover_their_share_of_the_ground() -> None:
    """Area fraction of rocks of at least D is k exp(-qD), up to the largest size."""
    section = RockSection(coverage=0.0126, decay_per_m=1.73, min_diameter_m=0.1, max_diameter_m=2.0)
    side = 300.0
    found = RockField(section, 3).reaching(0.0, 0.0, side, side)
    rocks = [rock for rock in found if 0 <= rock[0] < side and 0 <= rock[1] < side]

    for smallest in (0.1, 0.3, 0.6):
        covered = sum(math.pi * rock[2] ** 2 for rock in rocks if 2.0 * rock[2] >= smallest) / side**2
        expected = 0.0126 * (math.exp(-1.73 * smallest) - math.exp(-1.73 * 2.0))
        assert covered == pytest.approx(expected, rel=0.15)
    assert all(rock[3] == rock_height_m(2.0 * rock[2]) for rock in rocks)


@given(PLACES, PLACES)
def test_ground_is_the_same_however_one_comes_to_it(x: float, y: float) -> None:
    """A fresh terrain asked once equals one that has been asked everywhere; tiles leave no seam."""
    fresh = Terrain(LEIBNITZ)
    assert LEIBNITZ.craters is not None
    field = CraterField(LEIBNITZ.craters, LEIBNITZ.terrain_seed)
    everything = tuple(field.reaching(x - 0.01, y - 0.01, x + 0.01, y + 0.01))

    assert fresh.height(x, y) == SHARED.height(x, y)
    assert fresh.rock_height(x, y) == SHARED.rock_height(x, y)
    tile = fresh._tile(x, y)[0]
    assert _crater_sum(tile, x, y)[0] == pytest.approx(_crater_sum(everything, x, y)[0], abs=1e-12)


@given(st.sampled_from([SHARED, SHARED_STEEP]), PLACES, PLACES)
def test_slopes_are_those_of_the_height(terrain: Terrain, x: float, y: float) -> None:
    """Analytic slopes equal differences, so the ground is smooth: no step, no kink."""
    step = 1e-4
    height, east, north = terrain.height_and_slopes(x, y)
    across = (terrain.height(x + step, y) - terrain.height(x - step, y)) / (2 * step)
    along = (terrain.height(x, y + step) - terrain.height(x, y - step)) / (2 * step)

    assert math.isfinite(height)
    assert (east, north) == pytest.approx((across, along), abs=2e-3)
    normal = terrain.normal(x, y)
    assert math.hypot(*normal) == pytest.approx(1.0)
    assert normal[2] > 0.5
    assert terrain.slope_rad(x, y) == pytest.approx(math.acos(normal[2]), abs=1e-6)


@given(PLACES, PLACES)
def test_what_light_meets_is_ground_or_rock(x: float, y: float) -> None:
    """The surface is never below the ground, and stands above it only where a rock is."""
    surface, ground, rock = SHARED.surface(x, y), SHARED.height(x, y), SHARED.rock_height(x, y)

    assert rock >= 0.0
    assert surface == ground + rock
    assert SHARED.surface_and_slopes(x, y)[0] == surface
    near = SHARED.rocks_near(x, y, 0.01)
    assert (rock > 0.0) <= bool(near)


def test_near_lists_are_sorted_and_touch_the_circle() -> None:
    """Nearest centre first, and every entry reaches into the circle asked for."""
    for found in (SHARED.rocks_near(40.0, -20.0, 8.0), SHARED.craters_near(40.0, -20.0, 8.0)):
        distances = [math.hypot(x - 40.0, y + 20.0) for x, y, _, _ in found]
        assert found
        assert distances == sorted(distances)
        assert all(away < 8.0 + disc[2] for away, disc in zip(distances, found, strict=True))


def test_memory_stays_bounded_over_a_long_traverse() -> None:
    """Tiles and squares are forgotten, oldest first."""
    terrain = Terrain(msgspec.structs.replace(LEIBNITZ, craters=None))
    for step in range(9_000):
        terrain.height(step * 2.0, 0.0)

    assert len(terrain._tiles) <= 8192


def test_the_flat_world_is_flat() -> None:
    """No height, no slope, no rock, anywhere."""
    terrain = Terrain(load_world("flat").terrain)
    assert all(terrain.surface_and_slopes(x, -x) == (0.0, 0.0, 0.0) for x in (-1000.0, 0.0, 12.3))
    assert terrain.rocks_near(0.0, 0.0, 10.0) == terrain.craters_near(0.0, 0.0, 10.0) == ()


def test_the_pad_is_level_and_clear() -> None:
    """Within the pad there is only the plain's own slope, and no rock reaches in."""
    plane = math.tan(math.radians(LEIBNITZ.slope_deg))
    for angle in range(0, 360, 20):
        x, y = 2.9 * math.cos(angle), 2.9 * math.sin(angle)
        assert SHARED.slope_rad(x, y) == pytest.approx(math.atan(plane), abs=1e-9)
    assert SHARED.height(0.0, 0.0) == 0.0
    assert all(math.hypot(rock[0], rock[1]) > 3.0 + rock[2] for rock in SHARED.rocks_near(0.0, 0.0, 8.0))


def test_the_first_traverse_crosses_craters_and_keeps_clear_of_rocks() -> None:
    """(3, 0) to (25, 0): no rock over 8 cm within 1.5 m, at least three craters over 1 m, slopes below 15 degrees."""
    line = range(3, 26)
    rocks = [rock for x in line for rock in SHARED.rocks_near(x, 0.0, 1.6) if rock[3] > 0.08]
    clear = [abs(rock[1]) - rock[2] for rock in rocks if 3.0 <= rock[0] <= 25.0]
    craters = {c for x in line for c in SHARED.craters_near(x, 0.0, 0.5) if abs(c[1]) < c[2] and c[2] >= 0.5}
    pitch = [
        math.atan((SHARED.height(x / 10 + 0.3, 0.0) - SHARED.height(x / 10 - 0.3, 0.0)) / 0.6) for x in range(30, 251)
    ]

    assert all(gap >= 1.5 for gap in clear)
    assert len(craters) >= 3
    assert math.radians(4.0) < max(map(abs, pitch)) < math.radians(15.0)


def test_the_steep_slope_is_as_steep_as_it_says() -> None:
    """17.5 degrees of loose soil between foot and top, level and nominal before and after."""
    assert math.degrees(SHARED_STEEP.slope_rad(14.0, 2.0)) == pytest.approx(17.5)
    assert SHARED_STEEP.soil_name(14.0, 2.0) == "loose"
    assert SHARED_STEEP.slope_rad(5.0, 0.0) == pytest.approx(0.0)
    assert SHARED_STEEP.soil_name(5.0, 0.0) == SHARED_STEEP.soil_name(22.0, 0.0) == "nominal"
    assert SHARED_STEEP.height(21.0, 0.0) == pytest.approx(12.0 * math.tan(math.radians(17.5)))


@given(PLACES, PLACES)
def test_a_ramp_never_rises_above_its_top(x: float, y: float) -> None:
    """Height between zero and length times slope, wherever one looks."""
    ramp = Ramp(STEEP.ramps[0])
    height = ramp.rise(x, y)[0]
    assert -1e-12 <= height <= 12.0 * math.tan(math.radians(17.5)) + 1e-9


def test_an_obstacle_is_there_for_wheels_and_light() -> None:
    """A boulder is a wall to a wheel and a skyline to the Sun, not to what stands beside it."""
    thing = ObstacleSection(x_m=10.0, y_m=0.0, radius_m=2.0, height_m=4.0)
    terrain = Terrain(TerrainSection(terrain_seed=0, soil="none", obstacles=(thing,)))
    east = math.radians(90.0)

    assert terrain.rock_height(9.0, 1.0) == terrain.surface(9.0, 1.0) == 4.0
    assert terrain.rock_height(9.0, 2.5) == 0.0
    assert skyline_rad(terrain, 0.0, 0.0, 0.5, east) == pytest.approx(math.atan(3.5 / 8.0))
    assert skyline_rad(terrain, 0.0, 3.0, 0.5, east) < 0.0
    assert skyline_rad(terrain, 13.0, 0.0, 0.5, east) < 0.0
