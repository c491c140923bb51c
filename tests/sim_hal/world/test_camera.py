"""The camera's picture: repeatable, lit by the Sun, with the sky above and the ground below."""

import math
import zlib
from datetime import UTC, datetime

import pytest

from sim_hal.world.camera_view import HEIGHT, WIDTH, draw
from sim_hal.world.epoch import gps_ns
from sim_hal.world.place import Place
from sim_hal.world.sky import direction_at
from sim_hal.world.terrain import Terrain
from sim_hal.world.world_file import load_world

SUN = direction_at(math.radians(316.0), math.radians(5.0)).enu
TERRAIN = Terrain(load_world("leibnitz_beta").terrain)


def picture(yaw: float = 0.5, pitch: float = 0.0, sunlight: float = 1.0) -> bytes:
    return draw(TERRAIN, (5.0, 0.0, TERRAIN.height(5.0, 0.0) + 0.8), yaw, pitch, SUN, sunlight)


def mean(pixels: bytes) -> float:
    return sum(pixels) / len(pixels)


def sky_rows(pixels: bytes) -> int:
    """Rows from the top in the middle column without any ground."""
    column = pixels[WIDTH // 2 :: WIDTH]
    return next(row for row, value in enumerate(column) if value > 16)


def test_a_picture_has_its_size_and_is_repeatable() -> None:
    """320 x 240 bytes; the same pose gives the same picture, another one does not."""
    first = picture()

    assert len(first) == WIDTH * HEIGHT == 76_800
    assert first == picture()
    assert first != picture(yaw=0.51)


def test_a_compressed_picture_is_about_60_kb() -> None:
    """Grain makes it as hard to compress as a real one."""
    assert 45_000 < len(zlib.compress(picture())) < 70_000


def test_sky_is_dark_and_sunlit_ground_is_not() -> None:
    """Black above, mid grey below, with both shadow and light among the rocks and craters."""
    pixels = picture()
    rows = sky_rows(pixels)

    assert 40 < rows < 80
    assert mean(pixels[: 20 * WIDTH]) < 8
    assert 60 < mean(pixels[120 * WIDTH :]) < 200
    assert len({value // 16 for value in pixels[100 * WIDTH :]}) >= 6


def test_nose_up_shows_more_sky() -> None:
    """Pitching up by 5 degrees lowers the skyline by about 21 rows."""
    focal = WIDTH / 2 / math.tan(math.radians(33.0))
    lowered = sky_rows(picture(pitch=math.radians(5.0))) - sky_rows(picture())
    assert lowered == pytest.approx(focal * math.radians(5.0), abs=4)


def test_without_sun_there_is_only_noise() -> None:
    """Dark when the Sun is down, dimmer when half of it is."""
    assert max(picture(sunlight=0.0)) < 16
    assert mean(picture(sunlight=0.5)) < 0.75 * mean(picture())


def test_the_place_knows_when_the_sun_is_down() -> None:
    """By day in the shipped world there is a picture, by night none; the flat world is plain grey."""
    place = Place(load_world("leibnitz_beta"))
    day, night = (gps_ns(datetime(2029, month, date, tzinfo=UTC)) for month, date in ((9, 24), (10, 5)))
    width, height, bright = place.picture(day, 5.0, 0.0, 0.5, 0.0)
    dark = place.picture(night, 5.0, 0.0, 0.5, 0.0)[2]

    assert (width, height, len(bright)) == (WIDTH, HEIGHT, WIDTH * HEIGHT)
    assert mean(bright) > 40
    assert max(dark) < 16


def test_a_boulder_stands_in_the_picture() -> None:
    """What hides the Sun is also seen."""
    boulder = Terrain(load_world("big_boulder").terrain)
    eye = (0.0, 7.2, boulder.height(0.0, 7.2) + 0.8)
    assert sky_rows(draw(boulder, eye, 0.0, 0.0, SUN, 1.0)) < sky_rows(draw(TERRAIN, eye, 0.0, 0.0, SUN, 1.0)) - 20
