"""What the world outside the rover looks like at one instant and place: all that `World` sees of sky and ground."""

from __future__ import annotations

from typing import Protocol

from sim_hal.world.footing import Ground, Vector
from sim_hal.world.soil import Soil


class View:
    """Sky and links as they are now; written by a `Site`, read by the world and its devices."""

    __slots__ = (
        "air_k",
        "earth_elevation_rad",
        "earth_visible",
        "irradiance_w_m2",
        "lit_fraction",
        "local_visible",
        "relay_light_ns",
        "relay_visible",
        "sink_k",
        "sun_elevation_rad",
        "sun_enu",
        "veil",
    )

    def __init__(self) -> None:
        self.sun_enu: Vector = (0.0, 0.0, -1.0)
        self.sun_elevation_rad = 0.0
        self.lit_fraction = 0.0
        """Share of the Sun's disc seen from the rover, 0..1."""
        self.irradiance_w_m2 = 0.0
        """On a surface square to the Sun, shadow and eclipse taken off."""
        self.sink_k = 100.0
        self.air_k: float | None = None
        self.earth_elevation_rad = 0.0
        self.earth_visible = True
        self.relay_visible = True
        self.relay_light_ns = 0
        """Rover to relay to Earth, one way."""
        self.local_visible = True
        self.veil = 0.0
        """Share of the Sun's light that something far away takes from rover and ground, 0..1; set by a fault."""


class Site(Protocol):
    """One place on a body, with its ground, its sky and its radio paths."""

    gravity_m_s2: float
    texture: float
    """How much a camera finds to hold on to, 0..1."""

    @property
    def ground(self) -> Ground:
        """The terrain without rocks and lander."""
        ...

    def rock_height(self, x_m: float, y_m: float) -> float:
        """Height of a rock at a point, m."""
        ...

    def soil_at(self, x_m: float, y_m: float) -> Soil:
        """Soil at a point."""
        ...

    def look(self, gps_ns: int, x_m: float, y_m: float, view: View) -> None:
        """Write sky and heat at a time (ns since 1980-01-06, GPS) and place into `view`."""
        ...

    def look_links(self, gps_ns: int, x_m: float, y_m: float, view: View) -> None:
        """Write what the radios see into `view`."""
        ...

    def picture(self, gps_ns: int, x_m: float, y_m: float, yaw_rad: float, pitch_rad: float) -> tuple[int, int, bytes]:
        """Width, height and 8-bit grey pixels of what the camera sees."""
        ...
