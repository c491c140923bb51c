"""What the navigation camera sees: the terrain as a shaded height field, 320 x 240, 8-bit grey.

Height and brightness are computed on a fan of rays (one for five pixel columns, ranges growing by a few per cent),
then each pixel column is painted from near to far: a sample is seen when it stands higher in the picture than all
before it.  Grain comes from a hash of the pose: equal pose, equal picture.
"""

from __future__ import annotations

import math
from hashlib import shake_128
from typing import Final, Protocol

WIDTH: Final = 320
HEIGHT: Final = 240
FIELD_OF_VIEW_RAD: Final = math.radians(66.0)
"""Across; square pixels."""
LEAN_RAD: Final = math.radians(-14.0)
"""The camera looks down by this much on level ground."""
_STRIDE: Final = 5
_FOCAL: Final = 0.5 * WIDTH / math.tan(0.5 * FIELD_OF_VIEW_RAD)
_RANGES: Final = tuple(0.9 * 1.06**step for step in range(72))
"""To 60 m; beyond, the ground of the last sample goes on to its skyline."""
_SHADOW_STEPS: Final = (0.25, 0.8, 2.4)
_GRAIN_MASK: Final = bytes([7]) * 16 + bytes([31]) * 240
"""By brightness: grain to 7 in darkness, to 31 on lit ground."""
_DARK: Final = 4
_SHADE: Final = 20

Vector = tuple[float, float, float]
Sample = tuple[float, float]
"""Height of what is there and its brightness 0..1."""


class Scene(Protocol):
    """What the camera asks of a terrain."""

    def surface(self, x_m: float, y_m: float) -> float:
        """Height of ground or rock, m."""
        ...

    def surface_and_slopes(self, x_m: float, y_m: float) -> Vector:
        """The same with slopes toward east and north."""
        ...


def draw(terrain: Scene, eye: Vector, yaw_rad: float, pitch_rad: float, sun_enu: Vector, sunlight: float) -> bytes:
    """Pixels row by row from the top left; `sunlight` 0..1 is how much of the Sun lights the ground."""
    grain = _grain(eye, yaw_rad)
    if sunlight <= 0.0 or sun_enu[2] <= -0.1:
        return _grainy(bytes([_DARK]) * (WIDTH * HEIGHT), grain)
    columns = WIDTH // _STRIDE
    fan = [_ray(terrain, eye, yaw_rad - _bearing(column * _STRIDE), sun_enu) for column in range(columns + 1)]
    image = bytearray(WIDTH * HEIGHT)
    tilt = pitch_rad + LEAN_RAD
    for column in range(WIDTH):
        left, part = divmod(column, _STRIDE)
        image[column::WIDTH] = _column(
            fan[left], fan[left + 1], part / _STRIDE, eye[2], tilt, math.cos(_bearing(column)), sunlight
        )
    return _grainy(bytes(image), grain)


def _bearing(column: float) -> float:
    """Angle to the right of the picture's middle."""
    return math.atan((column - 0.5 * WIDTH) / _FOCAL)


def _ray(terrain: Scene, eye: Vector, heading_rad: float, sun: Vector) -> list[Sample]:
    """Height and brightness along one direction, from near to far."""
    c, s = math.cos(heading_rad), math.sin(heading_rad)
    return [_sample(terrain, eye[0] + away * c, eye[1] + away * s, away, sun) for away in _RANGES]


def _sample(terrain: Scene, x_m: float, y_m: float, away_m: float, sun: Vector) -> Sample:
    """One point of the ground: its height, and how brightly the Sun lights it."""
    height, east, north = terrain.surface_and_slopes(x_m, y_m)
    facing = (sun[2] - east * sun[0] - north * sun[1]) / math.sqrt(1.0 + east * east + north * north)
    if facing <= 0.0:
        return height, 0.0
    scale = 1.0 + 0.08 * away_m
    foot = height + 0.01 * scale
    for shadow in _SHADOW_STEPS:
        reach = shadow * scale
        if terrain.surface(x_m + reach * sun[0], y_m + reach * sun[1]) > foot + reach * sun[2]:
            return height, 0.0
    return height, facing / (facing + 0.12)


def _column(
    left: list[Sample], right: list[Sample], part: float, eye_m: float, tilt: float, cosine: float, sunlight: float
) -> bytearray:
    """One pixel column, top to bottom: sky, then ground painted upward from the bottom."""
    out = bytearray(HEIGHT)
    sine_tilt, cosine_tilt = math.sin(tilt), math.cos(tilt)
    top, keep, bright = HEIGHT, 1.0 - part, 200.0 * sunlight
    for away, (height_a, light_a), (height_b, light_b) in zip(_RANGES, left, right, strict=True):
        up = keep * height_a + part * height_b - eye_m
        ahead = away * cosine
        depth = ahead * cosine_tilt + up * sine_tilt
        if depth <= 0.05:
            continue
        row = int(0.5 * HEIGHT - _FOCAL * (up * cosine_tilt - ahead * sine_tilt) / depth)
        if row >= top:
            continue
        row = max(row, 0)
        value = int(_SHADE + bright * (keep * light_a + part * light_b))
        out[row:top] = bytes((value,)) * (top - row)
        top = row
    return out


def _grain(eye: Vector, yaw_rad: float) -> bytes:
    """One byte a pixel, from the pose to the millimetre."""
    pose = f"{round(eye[0] * 1000)} {round(eye[1] * 1000)} {round(yaw_rad * 1000)}"
    return shake_128(pose.encode()).digest(WIDTH * HEIGHT)


def _grainy(image: bytes, grain: bytes) -> bytes:
    """Picture plus grain; all pixels are below 224, so the one big addition never carries."""
    mask = int.from_bytes(image.translate(_GRAIN_MASK), "little")
    total = int.from_bytes(image, "little") + (int.from_bytes(grain, "little") & mask)
    return total.to_bytes(len(image), "little")
