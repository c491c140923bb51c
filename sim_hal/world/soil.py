"""How a lugged wheel grips regolith: drawbar pull against slip, sinkage, and digging in.

The curve has the form DP/W = A (1 - exp(-s/s0)) - R, fitted to single-wheel tests (Ding et al. 2011 for the loose
set; the nominal set lies between those data and the 20 degrees that Yutu was specified for).  All ratios are to
the wheel's normal load, so the curve is the same under any gravity.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Final

import msgspec

DIG_SLIP: Final = 0.6
"""Above this slip the wheel throws soil backwards faster than it climbs out of its rut (estimate)."""
DIG_PER_M: Final = 0.03
"""Depth dug per metre of wheel travel at slip 1, m/m (estimate)."""
EMBEDDED_EXTRA_M: Final = 0.03
"""Depth below the normal rut at which no soil can push the rover out any more (estimate)."""
BELLY_EXTRA_M: Final = 0.10
"""At this depth the belly lies on the ground and carries the rover: no wheel digs deeper (estimate: a wheel radius)."""
CLIMB_OUT_M: Final = 0.3
"""Ground distance over which a shallow pit is left behind (estimate: about half the wheel base)."""


class Soil(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One soil: `traction` A, `slip_scale` s0, `resistance` R, and sinkage = static + per_slip * slip."""

    name: str
    traction: float
    slip_scale: float
    resistance: float
    static_sinkage_m: float = 0.005
    sinkage_per_slip_m: float = 0.035

    def drawbar_ratio(self, slip: float) -> float:
        """Net pull over normal load at `slip` (-1..1; negative while the rover pushes its wheels)."""
        if self.slip_scale == 0.0:
            return math.copysign(self.traction, slip) - self.resistance if slip else -self.resistance
        grip = self.traction * (1.0 - math.exp(-abs(slip) / self.slip_scale))
        return math.copysign(grip, slip) - self.resistance

    def slip_for(self, pull_ratio: float, added_resistance: float = 0.0) -> float:
        """Slip at which the wheels pull `pull_ratio` (forward load over normal load, tan of a slope): -1..1, 1 = stuck.

        `added_resistance` is what a dug pit or a dragged wheel asks for on top, over normal load.
        """
        grip = (pull_ratio + self.resistance + added_resistance) / self.traction
        if grip >= 1.0:
            return 1.0
        if grip <= -1.0:
            return -1.0
        slip = -self.slip_scale * math.log(1.0 - abs(grip))
        return math.copysign(min(slip, 1.0), grip)

    def sinkage_m(self, slip: float) -> float:
        """Depth of the rut at `slip`, before any digging in, m."""
        return self.static_sinkage_m + self.sinkage_per_slip_m * abs(slip)


SOILS: Final = MappingProxyType(
    {
        "nominal": Soil(name="nominal", traction=0.50, slip_scale=0.12, resistance=0.09),
        # Ding et al. 2011: R 157 mm, lugged, 80 N.
        "loose": Soil(name="loose", traction=0.376, slip_scale=0.090, resistance=0.081),
        # Fit to the Rashid wheel (R 100 mm, 24.5 N), the firmest published set for a small lugged wheel.
        "dense": Soil(name="dense", traction=0.439, slip_scale=0.055, resistance=0.05),
        # Sand under a crust, as held Spirit in 2009: on the level it slips by 0.8, uphill it gives nothing (estimate).
        "trap": Soil(name="trap", traction=0.20, slip_scale=0.35, resistance=0.18),
        # Ideal floor for unit tests: no slip, no sinkage, nothing to roll against.
        "none": Soil(
            name="none", traction=1e6, slip_scale=0.0, resistance=0.0, static_sinkage_m=0.0, sinkage_per_slip_m=0.0
        ),
    }
)


class Loosened:
    """What a fault makes of the soil: `share` of the way from what lies there to another one."""

    __slots__ = ("share", "toward")

    def __init__(self) -> None:
        self.share = 0.0
        self.toward = SOILS["loose"]

    def of(self, soil: Soil) -> Soil:
        """The soil that takes the place of `soil`; its grip is counted as 1 where it is more."""
        share, toward = self.share, self.toward
        if share <= 0.0:
            return soil

        def between(was: float, becomes: float) -> float:
            return was + share * (becomes - was)

        return Soil(
            name=toward.name,
            traction=between(min(soil.traction, 1.0), toward.traction),
            slip_scale=between(soil.slip_scale, toward.slip_scale),
            resistance=between(soil.resistance, toward.resistance),
            static_sinkage_m=between(soil.static_sinkage_m, toward.static_sinkage_m),
            sinkage_per_slip_m=between(soil.sinkage_per_slip_m, toward.sinkage_per_slip_m),
        )


class Pit:
    """The hole that spinning wheels dig under themselves; deeper means harder to leave, until nothing helps."""

    __slots__ = ("extra_m",)

    def __init__(self) -> None:
        self.extra_m = 0.0

    @property
    def embedded(self) -> bool:
        """True once the rover cannot drive out by itself."""
        return self.extra_m >= EMBEDDED_EXTRA_M

    def resistance(self, soil: Soil) -> float:
        """Pull over normal load that climbing out costs; at `EMBEDDED_EXTRA_M` more than any grip of `soil`."""
        return soil.traction * self.extra_m / EMBEDDED_EXTRA_M

    def advance(self, slip: float, wheel_m: float, ground_m: float) -> None:
        """Account for `wheel_m` turned and `ground_m` travelled, both as lengths (>= 0), at `slip`."""
        if slip > DIG_SLIP:
            dug_m = DIG_PER_M * wheel_m * (slip - DIG_SLIP) / (1.0 - DIG_SLIP)
            self.extra_m = min(self.extra_m + dug_m, BELLY_EXTRA_M)
        elif self.extra_m > 0.0:
            self.extra_m *= math.exp(-ground_m / CLIMB_OUT_M)
            if self.extra_m < 1e-5:
                self.extra_m = 0.0
