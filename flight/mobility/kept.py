"""What mobility keeps over a restart."""

from __future__ import annotations

from typing import Final

import msgspec

MAX_MAGNITUDE: Final = 1.0e9
"""Metres, radians: far beyond any mission; also refuses infinite values and NaN."""


class KeptMotion(msgspec.Struct, frozen=True, kw_only=True):
    """Pose (m, rad, site frame), wheel travel, and what was found or ordered about driving."""

    x_m: float = 0.0
    y_m: float = 0.0
    yaw_rad: float = 0.0
    odometer_m: float = 0.0
    embedded: bool = False
    masked_wheels: tuple[bool, ...] = (False,) * 6
    """Wheels that are not driven, in the order of `WHEELS`."""

    @property
    def plausible(self) -> bool:
        """Whether a rover can have such values."""
        floats = (self.x_m, self.y_m, self.yaw_rad, self.odometer_m)
        return (
            all(abs(value) <= MAX_MAGNITUDE for value in floats)
            and self.odometer_m >= 0.0
            and len(self.masked_wheels) == 6
        )
