"""On-board parameters (PUS service 20): active values over the defaults of the dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from telemetry_defs.areas import system
from telemetry_defs.definitions import Parameter
from telemetry_defs.dictionary import Dictionary

ORDERED: Final = (
    system.HIBERNATE_FLOOR_SOC,
    system.HIBERNATE_SOC,
    system.SAFE_SOC,
    system.DRIVE_END_SOC,
    system.DRIVE_SOC,
    system.CHARGED_SOC,
)
"""The charge ladder: each value must stay at or below the next."""


class ParameterStore:
    """The `Parameters` of flight.  Values from a state image that no longer fit the dictionary are left out."""

    def __init__(self, dictionary: Dictionary, changed: Mapping[int, float]) -> None:
        self._definitions = {item.parameter_id: item for area in dictionary.areas for item in area.parameters}
        self._values = {number: item.default for number, item in self._definitions.items()}
        for number, value in sorted(changed.items()):
            definition = self._definitions.get(number)
            if definition is not None and definition.problem(value) is None:
                self._values[number] = value

    def get(self, parameter: Parameter) -> float:
        """The active value."""
        return self._values[parameter.parameter_id]

    def find(self, parameter_id: int) -> Parameter | None:
        """The definition with this id."""
        return self._definitions.get(parameter_id)

    def problem(self, parameter: Parameter, value: float) -> str | None:
        """Why `value` may not be set, by its own range and by its neighbours, or None."""
        return parameter.problem(value) or self._order_problem(parameter, value)

    def _order_problem(self, parameter: Parameter, value: float) -> str | None:
        if parameter not in ORDERED:
            return None
        ladder = [value if step is parameter else self.get(step) for step in ORDERED]
        if all(low <= high for low, high in pairwise(ladder)):
            return None
        return f"{parameter.name} = {value:g} breaks the order of the charge ladder"

    def set(self, parameter: Parameter, value: float) -> float:
        """Set a checked value; returns the one before."""
        old = self._values[parameter.parameter_id]
        self._values[parameter.parameter_id] = value
        return old

    def changed(self) -> dict[int, float]:
        """What differs from the defaults, for the state image."""
        return {n: v for n, v in self._values.items() if v != self._definitions[n].default}
