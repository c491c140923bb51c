"""Makes `sky_reference.py` again, from JPL's ephemeris and lunar orientation kernel by skyfield.

Needs skyfield, skyfield-data (DE421) and a folder with two kernels of NAIF: `moon_pa_de421_1900-2050.bpc` and
`moon_080317.tf`.  Nothing else in Rahi reads them, so they are not among its requirements::

    python -m sil.validation sky KERNEL_FOLDER > sil/validation/sky_reference.py
"""

from __future__ import annotations

import math
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

LAT_DEG, LON_DEG, HEIGHT_M = -85.3, 31.0, 6000.0
COUNT = 20
FIRST = datetime(2028, 7, 1, tzinfo=UTC)
APART = timedelta(hours=877)
"""36.5 days: 20 instants go over two years and meet the Moon at every phase."""

_HEAD = '''"""Sun and Earth over 85.3 S 31 E, 6000 m: apparent directions from DE421 with the lunar orientation kernel.

Written by `python -m sil.validation sky`; the kernels are NAIF's moon_pa_de421_1900-2050.bpc and moon_080317.tf
(frame MOON_ME_DE421), read by skyfield.  Light time and aberration are in it.
"""

REFERENCE: tuple[tuple[str, float, float, float, float], ...] = (
    # UTC, Sun azimuth and elevation, Earth azimuth and elevation; degrees
'''


def reference_text(kernels: Path) -> str:
    """The whole module."""
    lines = [
        f'    ("{at:%Y-%m-%dT%H:%M}", {sun[0]:.6f}, {sun[1]:.6f}, {earth[0]:.6f}, {earth[1]:.6f}),\n'
        for at, sun, earth in _directions(kernels)
    ]
    return _HEAD + "".join(lines) + ")\n"


def _directions(kernels: Path) -> list[tuple[datetime, tuple[float, float], tuple[float, float]]]:
    from skyfield.api import Loader, PlanetaryConstants
    from skyfield_data import get_skyfield_data_path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that its Earth orientation file is old, which the Moon does not use
        load = Loader(get_skyfield_data_path())
    scale, bodies = load.timescale(builtin=True), load("de421.bsp")
    constants = PlanetaryConstants()
    with (kernels / "moon_080317.tf").open("rb") as text, (kernels / "moon_pa_de421_1900-2050.bpc").open("rb") as data:
        constants.read_text(text)
        constants.read_binary(data)
        constants.variables["BODY301_RADII"] = [1737.4] * 3
        frame = constants.build_frame_named("MOON_ME_DE421")
        site = constants.build_latlon_degrees(frame, LAT_DEG, LON_DEG, elevation_m=HEIGHT_M)
        place = bodies["moon"] + site
        found = []
        for step in range(COUNT):
            at = FIRST + step * APART
            time = scale.from_datetime(at)
            sun, earth = (place.at(time).observe(bodies[name]).apparent().altaz() for name in ("sun", "earth"))
            found.append((at, _pair(sun), _pair(earth)))
    return found


def _pair(altaz: tuple[object, ...]) -> tuple[float, float]:
    elevation, azimuth = (float(angle.radians) for angle in altaz[:2])  # type: ignore[attr-defined] # skyfield is untyped
    return math.degrees(azimuth), math.degrees(elevation)
