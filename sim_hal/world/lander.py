"""The lander's deck and ramp as ground under the wheels, and its hold-down.

The deck lies round the site's origin; the ramp leads east from it, as wide as the rover needs.  Both are hard: no slip.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim_hal.world.footing import Ground
from sim_hal.world.soil import Loosened, Soil

DECK_HEIGHT_M: Final = 0.4
DECK_FRONT_M: Final = 0.5
DECK_REAR_M: Final = -0.8
RAMP_END_M: Final = 2.3
"""1.8 m for 0.4 m: 12.5 degrees, below the tilt warning."""
HALF_WIDTH_M: Final = 0.6
LANDER_POWER_W: Final = 20.0


class LanderGround:
    """A terrain with a lander on it; implements what motion asks of a ground."""

    __slots__ = ("_height", "_rock_height", "_soil_at", "_steel", "loosened")

    def __init__(
        self,
        terrain: Ground,
        rock_height: Callable[[float, float], float],
        soil_at: Callable[[float, float], Soil],
        steel: Soil,
    ) -> None:
        self._height = terrain.height
        self._rock_height = rock_height
        self._soil_at = soil_at
        self._steel = steel
        self.loosened = Loosened()
        """Worse soil than the terrain's, set by a fault; the lander itself stays as it is."""

    def height(self, x_m: float, y_m: float) -> float:
        """Height of ground, ramp or deck, m."""
        ground_m = self._height(x_m, y_m)
        if not on_lander(x_m, y_m):
            return ground_m
        ramp = min(1.0, (RAMP_END_M - x_m) / (RAMP_END_M - DECK_FRONT_M))
        return max(ground_m, DECK_HEIGHT_M * ramp)

    def rock_height(self, x_m: float, y_m: float) -> float:
        """Height of a rock at a point, m; none lies on the lander."""
        return 0.0 if on_lander(x_m, y_m) else self._rock_height(x_m, y_m)

    def soil_at(self, x_m: float, y_m: float) -> Soil:
        """What a wheel rolls on at a point."""
        return self._steel if on_lander(x_m, y_m) else self.loosened.of(self._soil_at(x_m, y_m))


def on_lander(x_m: float, y_m: float) -> bool:
    """Whether a point lies on deck or ramp."""
    return DECK_REAR_M <= x_m <= RAMP_END_M and -HALF_WIDTH_M <= y_m <= HALF_WIDTH_M
