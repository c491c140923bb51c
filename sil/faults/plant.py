"""Faults of the rover's body and surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sil.faults import plant_body, plant_heat, plant_power, plant_wheels
from sil.faults.kinds import Fault

FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **plant_wheels.FAULTS,
    **plant_body.FAULTS,
    **plant_power.FAULTS,
    **plant_heat.FAULTS,
}
