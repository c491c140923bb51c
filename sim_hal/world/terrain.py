"""The ground: a tilted plain, craters, rocks and made slopes, computed at any point from the world file's seed.

Nothing is stored but a bounded number of tiles that list which craters and rocks touch them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from sim_hal.world.craters import Crater, CraterField
from sim_hal.world.ramps import Ramp, fade
from sim_hal.world.rocks import Rock, RockField
from sim_hal.world.world_file import TerrainSection

TILE_M: Final = 2.0
_MAX_TILES: Final = 8192
_PROBE_M: Final = 0.02

Vector = tuple[float, float, float]
Disc = tuple[float, float, float, float]
Tile = tuple[tuple[Crater, ...], tuple[Rock, ...]]


class Terrain:
    """Height, slope, rocks and soil of one world; coordinates in the site frame, m."""

    __slots__ = (
        "_craters",
        "_edge_m",
        "_level_m",
        "_pad_m",
        "_plane",
        "_ramps",
        "_rocks",
        "_soil",
        "_tiles",
        "obstacles",
        "texture",
    )

    def __init__(self, section: TerrainSection) -> None:
        steep, azimuth = math.tan(math.radians(section.slope_deg)), math.radians(section.slope_azimuth_deg)
        self._plane = (steep * math.sin(azimuth), steep * math.cos(azimuth))
        self._pad_m, self._edge_m = section.pad_radius_m, section.pad_edge_m
        self._craters = CraterField(section.craters, section.terrain_seed) if section.craters else None
        self._rocks = RockField(section.rocks, section.terrain_seed) if section.rocks else None
        self._ramps = tuple(Ramp(ramp) for ramp in section.ramps)
        self._soil = section.soil
        self.texture = section.texture
        self.obstacles = section.obstacles
        self._tiles: dict[tuple[int, int], Tile] = {}
        self._level_m = _crater_sum(self._tile(0.0, 0.0)[0], 0.0, 0.0)[0]

    # ---- the ground --------------------------------------------------------------------------------------------

    def height(self, x_m: float, y_m: float) -> float:
        """Height of the ground without its rocks, m; 0 at the origin."""
        return self.height_and_slopes(x_m, y_m)[0]

    def normal(self, x_m: float, y_m: float) -> Vector:
        """Unit vector square to the ground: east, north, up."""
        _, east, north = self.height_and_slopes(x_m, y_m)
        length = math.sqrt(1.0 + east * east + north * north)
        return -east / length, -north / length, 1.0 / length

    def slope_rad(self, x_m: float, y_m: float) -> float:
        """Steepness of the ground."""
        _, east, north = self.height_and_slopes(x_m, y_m)
        return math.atan(math.hypot(east, north))

    def height_and_slopes(self, x_m: float, y_m: float) -> Vector:
        """Height of the ground and its slopes toward east and north."""
        return self._ground(self._tile(x_m, y_m)[0], x_m, y_m)

    def soil_name(self, x_m: float, y_m: float) -> str:
        """Name of the soil at a point."""
        for ramp in self._ramps:
            if ramp.covers(x_m, y_m):
                return ramp.soil
        return self._soil

    # ---- what lies on it ---------------------------------------------------------------------------------------

    def rock_height(self, x_m: float, y_m: float) -> float:
        """Height of rock or obstacle at a point above the ground, else 0; rocks are half ellipsoids."""
        rock_m = _highest(self._tile(x_m, y_m)[1], x_m, y_m)
        return max(rock_m, self._obstacle(x_m, y_m)) if self.obstacles else rock_m

    def surface(self, x_m: float, y_m: float) -> float:
        """Height of what a ray of light meets: ground or rock, m."""
        craters, rocks = self._tile(x_m, y_m)
        height = self._ground(craters, x_m, y_m)[0]
        rock_m = _highest(rocks, x_m, y_m) if rocks else 0.0
        return height + max(rock_m, self._obstacle(x_m, y_m)) if self.obstacles else height + rock_m

    def surface_and_slopes(self, x_m: float, y_m: float) -> Vector:
        """The same with slopes toward east and north; a rock's flank is never steeper than 2."""
        craters, rocks = self._tile(x_m, y_m)
        height, east, north = self._ground(craters, x_m, y_m)
        rock_m = _highest(rocks, x_m, y_m) if rocks else 0.0
        if rock_m > 0.0:
            east += _steep(_highest(rocks, x_m + _PROBE_M, y_m) - rock_m)
            north += _steep(_highest(rocks, x_m, y_m + _PROBE_M) - rock_m)
        if self.obstacles and self._obstacle(x_m, y_m) > rock_m:
            return height + self._obstacle(x_m, y_m), 0.0, 0.0
        return height + rock_m, east, north

    def rocks_near(self, x_m: float, y_m: float, radius_m: float) -> tuple[Rock, ...]:
        """Rocks that touch the circle, nearest centre first."""
        if self._rocks is None:
            return ()
        box = (x_m - radius_m, y_m - radius_m, x_m + radius_m, y_m + radius_m)
        found = [rock for rock in self._rocks.reaching(*box) if self._is_there(rock)]
        return _nearest(found, x_m, y_m, radius_m)

    def craters_near(self, x_m: float, y_m: float, radius_m: float) -> tuple[Crater, ...]:
        """Craters whose bowls touch the circle, nearest centre first."""
        if self._craters is None:
            return ()
        box = (x_m - radius_m, y_m - radius_m, x_m + radius_m, y_m + radius_m)
        return _nearest(self._craters.reaching(*box), x_m, y_m, radius_m)

    # ---- how it is put together --------------------------------------------------------------------------------

    def _ground(self, craters: tuple[Crater, ...], x_m: float, y_m: float) -> Vector:
        """Height and slopes of everything but rocks."""
        height, east, north = _crater_sum(craters, x_m, y_m)
        height -= self._level_m
        if self._pad_m > 0.0:
            edge_m = self._pad_m + self._edge_m
            if x_m * x_m + y_m * y_m < edge_m * edge_m:
                height, east, north = self._on_pad(x_m, y_m, (height, east, north))
        slope_east, slope_north = self._plane
        height += slope_east * x_m + slope_north * y_m
        east += slope_east
        north += slope_north
        for ramp in self._ramps:
            rise, rise_east, rise_north = ramp.rise(x_m, y_m)
            height, east, north = height + rise, east + rise_east, north + rise_north
        return height, east, north

    def _on_pad(self, x_m: float, y_m: float, ground: Vector) -> Vector:
        """The same ground, levelled toward the lander."""
        away = math.sqrt(x_m * x_m + y_m * y_m)
        kept, outward = fade((away - self._pad_m) / self._edge_m)
        height, east, north = ground
        kept = 1.0 - kept
        if away == 0.0:
            return 0.0, 0.0, 0.0
        lean = -outward / self._edge_m * height / away
        return height * kept, east * kept + lean * x_m, north * kept + lean * y_m

    def _obstacle(self, x_m: float, y_m: float) -> float:
        """Height of the big thing at a point, 0 beside them all."""
        for thing in self.obstacles:
            dx, dy = x_m - thing.x_m, y_m - thing.y_m
            if dx * dx + dy * dy < thing.radius_m * thing.radius_m:
                return thing.height_m
        return 0.0

    def _is_there(self, rock: Rock) -> bool:
        """Rocks on the pad have been blown or picked away."""
        clear = self._pad_m + rock[2]
        return self._pad_m == 0.0 or rock[0] * rock[0] + rock[1] * rock[1] > clear * clear

    def _tile(self, x_m: float, y_m: float) -> Tile:
        """What touches the tile of a point; the oldest tile is forgotten when there are too many."""
        key = (math.floor(x_m / TILE_M), math.floor(y_m / TILE_M))
        tile = self._tiles.get(key)
        if tile is None:
            if len(self._tiles) >= _MAX_TILES:
                del self._tiles[next(iter(self._tiles))]
            tile = self._tiles[key] = self._fill_tile(*key)
        return tile

    def _fill_tile(self, ix: int, iy: int) -> Tile:
        box = (ix * TILE_M, iy * TILE_M, (ix + 1) * TILE_M, (iy + 1) * TILE_M)
        craters = tuple(self._craters.reaching(*box)) if self._craters else ()
        rocks = tuple(rock for rock in self._rocks.reaching(*box) if self._is_there(rock)) if self._rocks else ()
        return craters, rocks


def _crater_sum(craters: tuple[Crater, ...], x_m: float, y_m: float) -> Vector:
    """Height and slopes of all craters together; the profile of craters.py, written out for speed."""
    height = east = north = 0.0
    for crater_x, crater_y, radius_m, depth_m in craters:
        dx, dy = x_m - crater_x, y_m - crater_y
        area = radius_m * radius_m
        q = (dx * dx + dy * dy) / area
        if q < 2.0:
            rest = 1.0 - 0.5 * q
            height -= depth_m * rest * rest * (1.0 - q - q)
            steep = 6.0 * depth_m * rest * (1.0 - q) / area
            east += steep * dx
            north += steep * dy
    return height, east, north


def _highest(rocks: tuple[Rock, ...], x_m: float, y_m: float) -> float:
    """Height of the highest of these rocks over a point, 0 beside them."""
    highest = 0.0
    for rock_x, rock_y, radius_m, height_m in rocks:
        dx, dy = x_m - rock_x, y_m - rock_y
        inside = 1.0 - (dx * dx + dy * dy) / (radius_m * radius_m)
        if inside > 0.0:
            highest = max(highest, height_m * math.sqrt(inside))
    return highest


def _steep(rise_m: float) -> float:
    """Slope from a rise over the probe's length, held within what a rock's flank can show."""
    return max(-2.0, min(2.0, rise_m / _PROBE_M))


def _nearest(found: Iterable[Disc], x_m: float, y_m: float, radius_m: float) -> tuple[Disc, ...]:
    """Those that touch the circle, by distance of their centres."""

    def away(disc: Disc) -> float:
        return math.hypot(disc[0] - x_m, disc[1] - y_m)

    return tuple(sorted((disc for disc in found if away(disc) < radius_m + disc[2]), key=away))
