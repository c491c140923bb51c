"""Telemetry values as they are now, for those who decide by them: monitors, and sequences that wait.

A value comes from the same provider as its housekeeping packet, so that what flight acts on is what ground can see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from flight.blackboard import MAX_AGE_NS
from flight.telemetry.housekeeping import Provider
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.points import Point, Validity, find_field, value_of
from telemetry_defs.wire import Field


class Sample(NamedTuple):
    """A value and what it is worth; `value` is None unless it is GOOD."""

    value: float | None
    validity: Validity


_NO_VALUE: Final = Sample(None, Validity.NO_VALUE)
_STALE: Final = Sample(None, Validity.STALE)


class _Structure:
    __slots__ = ("asked_ns", "built_ns", "provider", "record")

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.asked_ns = -1
        self.built_ns: int | None = None
        self.record: msgspec.Struct | None = None


class CurrentValues:
    """Builds each structure at most once for one `now_ns`; one whose owner is down keeps its last values a while."""

    def __init__(self, dictionary: Dictionary, providers: Callable[[], Mapping[str, Provider]]) -> None:
        self._dictionary = dictionary
        self._providers = providers
        self._structures: dict[int, _Structure] = {}
        self._fields: dict[Point, Field] = {}

    def read(self, point: Point, now_ns: int) -> Sample:
        """The value at `now_ns`, monotonic.

        Raises:
            DictionaryError: there is no such point.
        """
        field = self._fields.get(point)
        if field is None:
            field = self._fields[point] = find_field(point, self._dictionary)
        structure = self._look(point.structure_id, now_ns)
        if structure.built_ns is None or now_ns - structure.built_ns > MAX_AGE_NS:
            return _STALE
        value = value_of(structure.record, field, point.element)
        return _NO_VALUE if value is None else Sample(value, Validity.GOOD)

    def _look(self, structure_id: int, now_ns: int) -> _Structure:
        structure = self._structures.get(structure_id)
        if structure is None:
            hk = self._dictionary.hk_by_id(structure_id)
            assert hk is not None  # its field was found
            structure = self._structures[structure_id] = _Structure(self._providers()[hk.name])
        if structure.asked_ns != now_ns:
            structure.asked_ns = now_ns
            record = structure.provider()
            if record is not None:
                structure.record, structure.built_ns = record, now_ns
        return structure
