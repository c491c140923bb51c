"""The truth file of a place: where it is, what its sky, ground and links are like.

Shipped files lie in `sim_hal/worlds/`.  A file may extend a shipped one and then holds only what differs.
Azimuths are degrees clockwise from north; x is east and y is north of the lander.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from hal.api.config import ConfigError, Section, decode_raw, load_toml

Positive = Annotated[float, Meta(gt=0.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Kelvin = Annotated[float, Meta(gt=0.0, le=500.0)]
Azimuth = Annotated[float, Meta(ge=0.0, lt=360.0)]
Elevation = Annotated[float, Meta(ge=-90.0, le=90.0)]
SoilName = Literal["nominal", "loose", "dense", "none"]

_MAX_CHAIN: Final = 4
"""Longest chain of files that extend one another; a ring is found by it too."""


class SiteSection(Section, frozen=True, kw_only=True):
    """Where the lander stands: east longitude and latitude in the mean-Earth frame, height above the mean radius."""

    lat_deg: Elevation
    lon_deg: Annotated[float, Meta(ge=-180.0, le=360.0)]
    height_m: float = 0.0


class SkySection(Section, frozen=True, kw_only=True):
    """Where Sun and Earth stand: from the ephemeris, or nailed to one place for unit tests."""

    mode: Literal["ephemeris", "fixed"]
    solar_constant_w_m2: Positive = 1361.0
    """On a surface square to the Sun at 1 AU."""
    sun_azimuth_deg: Azimuth = 90.0
    sun_elevation_deg: Elevation = 30.0
    earth_azimuth_deg: Azimuth = 0.0
    earth_elevation_deg: Elevation = 30.0


class HorizonPoint(Section, frozen=True, kw_only=True):
    """The skyline in one direction, as seen from the lander."""

    azimuth_deg: Azimuth
    elevation_deg: Elevation


class HorizonSection(Section, frozen=True, kw_only=True):
    """The far skyline; straight lines between the points, closed through north."""

    invented: bool
    """True: made up to be plausible; false: measured."""
    mask: Annotated[tuple[HorizonPoint, ...], Meta(min_length=1)]

    def check(self) -> Iterable[str]:
        """The azimuths rise."""
        azimuths = [point.azimuth_deg for point in self.mask]
        if any(after <= before for before, after in pairwise(azimuths)):
            yield "mask: azimuth_deg must rise from point to point"


class EnvironmentSection(Section, frozen=True, kw_only=True):
    """What the rover exchanges heat with."""

    sunlit_sink_k: Kelvin
    dark_sink_k: Kelvin
    air_c: Annotated[float, Meta(ge=-100.0, le=60.0)] | None = None
    """Still air at this temperature; left out where there is none."""

    def check(self) -> Iterable[str]:
        """Night is not warmer than day."""
        if self.dark_sink_k > self.sunlit_sink_k:
            yield "dark_sink_k is above sunlit_sink_k"


class CraterSection(Section, frozen=True, kw_only=True):
    """Cumulative crater number N(>D) = per_m2 (D / 1 m)^-2, between two diameters."""

    per_m2: NotNegative
    min_diameter_m: Annotated[float, Meta(ge=0.1)]
    max_diameter_m: Annotated[float, Meta(le=1000.0)]
    mean_depth_ratio: Annotated[float, Meta(gt=0.0, le=0.2)] = 0.061
    """Depth from rim to floor over diameter, mean of the small and worn ones."""

    def check(self) -> Iterable[str]:
        """At least one octave."""
        if self.max_diameter_m < 2.0 * self.min_diameter_m:
            yield "max_diameter_m must be at least twice min_diameter_m"


class RockSection(Section, frozen=True, kw_only=True):
    """Area fraction covered by rocks of at least diameter D: coverage exp(-decay D)."""

    coverage: Annotated[float, Meta(ge=0.0, le=0.1)]
    decay_per_m: Positive
    min_diameter_m: Annotated[float, Meta(ge=0.05)] = 0.1
    max_diameter_m: Annotated[float, Meta(le=4.0)] = 2.0

    def check(self) -> Iterable[str]:
        """A range of sizes."""
        if self.max_diameter_m <= self.min_diameter_m:
            yield "max_diameter_m must be above min_diameter_m"


class RampSection(Section, frozen=True, kw_only=True):
    """A straight slope that rises from its foot along an azimuth to a plateau, with its own soil."""

    foot_x_m: float
    foot_y_m: float
    azimuth_deg: Azimuth
    """Uphill."""
    slope_deg: Annotated[float, Meta(ge=0.0, le=40.0)]
    length_m: Positive
    """Along the ground plan."""
    width_m: Positive
    """Full height across; outside it falls off over `edge_m` on either side."""
    edge_m: Positive = 10.0
    soil: SoilName


class ObstacleSection(Section, frozen=True, kw_only=True):
    """An upright cylinder that takes light and radio: a big boulder, a lander's body."""

    x_m: float
    y_m: float
    radius_m: Positive
    height_m: Positive


class TerrainSection(Section, frozen=True, kw_only=True):
    """The ground within reach."""

    terrain_seed: Annotated[int, Meta(ge=0, le=2**62)]
    soil: SoilName
    texture: Fraction = 1.0
    """How much a camera finds to hold on to."""
    slope_deg: Annotated[float, Meta(ge=0.0, le=30.0)] = 0.0
    """Of the whole plain."""
    slope_azimuth_deg: Azimuth = 0.0
    """Uphill."""
    pad_radius_m: NotNegative = 0.0
    """Round the lander the ground is level and without rocks."""
    pad_edge_m: Positive = 6.0
    craters: CraterSection | None = None
    rocks: RockSection | None = None
    ramps: tuple[RampSection, ...] = ()
    obstacles: tuple[ObstacleSection, ...] = ()


class RelaySection(Section, frozen=True, kw_only=True):
    """A relay on a two-body ellipse round the Moon, or one that hangs in the sky for good."""

    mode: Literal["orbit", "always"]
    perilune_radius_km: Annotated[float, Meta(gt=1738.0)] = 1992.0
    apolune_radius_km: Annotated[float, Meta(gt=1738.0)] = 18_679.0
    inclination_deg: Annotated[float, Meta(ge=0.0, le=180.0)] = 119.2
    """To the Moon's equator."""
    perilune_argument_deg: Annotated[float, Meta(ge=0.0, lt=360.0)] = 90.0
    """90: apolune is over the south."""
    node_lon_deg: Annotated[float, Meta(ge=-180.0, le=360.0)] = 0.0
    """East longitude of the ascending node at `perilune_utc`."""
    perilune_utc: Annotated[datetime, Meta(tz=True)] | None = None
    mask_deg: Elevation = 10.0

    def check(self) -> Iterable[str]:
        """An orbit needs its phase and the right order of radii."""
        if self.mode == "orbit" and self.perilune_utc is None:
            yield "perilune_utc is missing, mode = 'orbit' needs it"
        if self.apolune_radius_km < self.perilune_radius_km:
            yield "apolune_radius_km is below perilune_radius_km"


class LocalLinkSection(Section, frozen=True, kw_only=True):
    """The two antennas of the link between lander and rover."""

    lander_antenna_m: Positive = 2.5
    """Above the ground at the lander."""
    rover_antenna_m: Positive = 0.9
    """Above the ground at the rover."""
    range_m: Positive = 1000.0


class WorldFile(Section, frozen=True, kw_only=True):
    """One place."""

    name: str
    extends: str | None = None
    """Name or path of the world that this file changes."""
    gravity_m_s2: Annotated[float, Meta(gt=0.1, le=20.0)]
    site: SiteSection
    sky: SkySection
    horizon: HorizonSection
    environment: EnvironmentSection
    terrain: TerrainSection
    relay: RelaySection
    local_link: LocalLinkSection


def world_names() -> tuple[str, ...]:
    """The shipped worlds, sorted."""
    found = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load_world(name_or_path: str | Path) -> WorldFile:
    """Read a shipped world by its name, or any file by its path (a text with a slash or ending in .toml).

    Raises:
        ConfigError: the file is missing or does not fit.
    """
    return decode_raw(_read(name_or_path, 0), WorldFile, str(name_or_path))


def _folder() -> Traversable:
    return files("sim_hal") / "worlds"


def _read(name_or_path: str | Path, depth: int) -> dict[str, Any]:
    """The file's tables, laid over those of the file it extends."""
    if depth > _MAX_CHAIN:
        raise ConfigError(str(name_or_path), f"extends: more than {_MAX_CHAIN} files in a row, or a ring")
    raw: dict[str, Any] = load_toml(_find(name_or_path), dict[str, Any])
    base = raw.get("extends")
    if not isinstance(base, str):
        return raw
    return _laid_over(_read(base, depth + 1), raw)


def _find(name_or_path: str | Path) -> Path | Traversable:
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith(".toml"):
        return Path(name_or_path)
    if text not in world_names():
        raise ConfigError(text, f"no such world; shipped are {', '.join(world_names())}")
    return _folder() / f"{text}.toml"


def _laid_over(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key, anything else is replaced whole."""
    merged = dict(base)
    for key, value in change.items():
        below = merged.get(key)
        merged[key] = _laid_over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
