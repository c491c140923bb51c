"""On-board parameters (PUS service 20): active values over the defaults of the dictionary, staged ones, one step back.

The active set is legal at every moment: each value in its own range, all orders between values kept.  What is staged
is looked at as a whole and becomes active as a whole or not at all.  What an upset of memory changes, `vote` mends.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from flight.parameter_copies import ParameterCopies, Upset
from flight.parameter_rules import broken_orders
from telemetry_defs.definitions import Parameter
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.parameter_set import pack_set, set_crc

Values = dict[int, float]
NO_CHANGES: Final[Mapping[int, float]] = MappingProxyType({})


class Change(NamedTuple):
    """One value that became another."""

    parameter_id: int
    old: float
    new: float


class ParameterStore:
    """The `Parameters` of flight.  What a state image holds and the dictionary no longer allows is left out."""

    def __init__(
        self,
        dictionary: Dictionary,
        changed: Mapping[int, float],
        previous: Mapping[int, float] | None = None,
        *,
        defaults: Mapping[int, float] = NO_CHANGES,
    ) -> None:
        """Active values that differ from the defaults, and those of the set before, None if there was none.

        `defaults` are this rover's own, where they differ from the dictionary's; they must be legal as a set.
        """
        self._definitions: Final = {item.parameter_id: item for area in dictionary.areas for item in area.parameters}
        self._defaults: Final = {number: item.default for number, item in self._definitions.items()} | dict(defaults)
        self._values = self._legal(changed)
        self._copies = ParameterCopies(self._values)
        self._upsets: list[Upset] = []
        self._previous = None if previous is None else self._legal(previous)
        self._crc: int | None = None
        self.staged: Values = {}

    def get(self, parameter: Parameter) -> float:
        """The active value."""
        return self._values[parameter.parameter_id]

    def vote(self) -> list[Upset]:
        """Mend what upsets of memory have changed, in use or in a copy; returns what was wrong since the last vote."""
        self._mend()
        upsets, self._upsets = self._upsets, []
        return upsets

    def _mend(self) -> None:
        """Also before each change, which would make an upset good in all three."""
        upsets = self._copies.vote(self._values)
        if upsets:
            self._values, self._crc = self._values | {upset.parameter_id: upset.good for upset in upsets}, None
            self._upsets += upsets

    def find(self, parameter_id: int) -> Parameter | None:
        """The definition with this id."""
        return self._definitions.get(parameter_id)

    @property
    def crc(self) -> int:
        """CRC-32 over all active values."""
        if self._crc is None:
            self._crc = set_crc(self.packed())
        return self._crc

    def packed(self) -> bytes:
        """All active values as the dump carries them."""
        return pack_set(self._values)

    def problem(self, parameter: Parameter, value: float) -> str | None:
        """Why `value` alone may not be set now, by its own range and by its neighbours, or None."""
        problem = parameter.problem(value)
        if problem is not None:
            return problem
        orders = broken_orders(self._values | {parameter.parameter_id: value})
        return f"{parameter.name} = {value:g} breaks the order of {orders[0].what}" if orders else None

    def set(self, parameter: Parameter, value: float) -> float:
        """Set a checked value; returns the one before."""
        self._mend()
        old = self._values[parameter.parameter_id]
        self._put(self._values | {parameter.parameter_id: value})
        return old

    def stage(self, parameter: Parameter, value: float) -> None:
        """Keep a value of legal range for later; the last one staged counts."""
        self.staged[parameter.parameter_id] = value

    def staged_problem(self) -> int | None:
        """The first parameter at fault in the set that activation would make, or None."""
        whole = self._values | self.staged
        for number in sorted(self.staged):
            if self._definitions[number].problem(whole[number]) is not None:
                return number
        orders = broken_orders(whole)
        if not orders:
            return None
        rungs = [rung.parameter_id for rung in orders[0].rungs]
        return next((number for number in rungs if number in self.staged), rungs[0])

    def activate(self) -> list[Change]:
        """Put a staged set without problem in force; the stage is empty afterwards."""
        self._mend()
        staged, self.staged = self.staged, {}
        return self._put(self._values | staged)

    @property
    def has_previous(self) -> bool:
        """Whether there is a set to go back to."""
        return self._previous is not None

    def roll_back(self) -> list[Change]:
        """Make the set before the last change active again; the one left becomes the set before."""
        self._mend()
        return [] if self._previous is None else self._put(self._legal(self._differing(self._previous)))

    def staged_hazard(self) -> bool:
        """Whether a protection limit is staged."""
        return any(self._definitions[number].hazardous for number in self.staged)

    def roll_back_hazard(self) -> bool:
        """Whether going back moves a protection limit."""
        return any(self._definitions[n].hazardous for n, _, _ in self._changes(self._previous or self._values))

    def changed(self) -> Values:
        """What differs from the defaults, for the state image."""
        return self._differing(self._values)

    def previous(self) -> Values | None:
        """The same of the set before the last change."""
        return None if self._previous is None else self._differing(self._previous)

    def _put(self, values: Values) -> list[Change]:
        changes = self._changes(values)
        if changes:
            self._values, self._previous, self._crc = values, self._values, None
            self._copies.keep(values)
        return changes

    def _changes(self, values: Values) -> list[Change]:
        return [Change(n, old, values[n]) for n, old in self._values.items() if values[n] != old]

    def _differing(self, values: Values) -> Values:
        return {number: value for number, value in values.items() if value != self._defaults[number]}

    def _legal(self, changed: Mapping[int, float]) -> Values:
        values = dict(self._defaults)
        for number, value in sorted(changed.items()):
            definition = self._definitions.get(number)
            if definition is not None and definition.problem(value) is None:
                values[number] = value
        for order in broken_orders(values):  # no parameter stands in two orders, so that one pass is enough
            values.update((rung.parameter_id, self._defaults[rung.parameter_id]) for rung in order.rungs)
        return values
