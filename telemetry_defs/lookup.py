"""A dictionary made of areas: checked when it is built, immutable, with look-up by name and by number."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Protocol, TypeVar

import msgspec

from telemetry_defs.checks import DictionaryError, check_areas
from telemetry_defs.definitions import Area, Command, Event, Housekeeping, Parameter
from telemetry_defs.describe import wire_description
from telemetry_defs.reports import REPORTS, Report


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


class Dictionary:
    """All declarations of a mission.

    Look-up by name raises :class:`DictionaryError` (people misspell, so it proposes the nearest name); look-up by
    number returns None for an unknown one (the other end may have another dictionary).

    Attributes:
        areas: the areas, in the order given.
        housekeeping: all housekeeping packets; likewise ``commands``, ``events``, ``parameters``.
        reports: the standard reports fixed by service and subtype.
        hash32: CRC-32 over everything that decides the meaning of bytes; never 0xFFFFFFFF (the reserved code).
    """

    def __init__(self, areas: Iterable[Area], reports: tuple[Report, ...] = REPORTS) -> None:
        """Check and index the areas.

        Raises:
            DictionaryError: a declaration is wrong or two collide; names the culprit.
        """
        self.areas = tuple(areas)
        check_areas(self.areas)
        self.reports = reports
        self.housekeeping = tuple(item for area in self.areas for item in area.housekeeping)
        self.commands = tuple(item for area in self.areas for item in area.commands)
        self.events = tuple(item for area in self.areas for item in area.events)
        self.parameters = tuple(item for area in self.areas for item in area.parameters)
        self._areas = _by_name(self.areas)
        self._housekeeping, self._commands = _by_name(self.housekeeping), _by_name(self.commands)
        self._events, self._parameters = _by_name(self.events), _by_name(self.parameters)
        self._structures = MappingProxyType({item.structure_id: item for item in self.housekeeping})
        self._functions = MappingProxyType(
            {item.function_id: item for item in self.commands if item.function_id is not None}
        )
        self._requests = MappingProxyType(
            {(item.service, item.subtype): item for item in self.commands if item.function_id is None}
        )
        self._event_ids = MappingProxyType({item.event_id: item for item in self.events})
        self._parameter_ids = MappingProxyType({item.parameter_id: item for item in self.parameters})
        self._reports = MappingProxyType({(item.service, item.subtype): item for item in reports})
        rendering = msgspec.json.encode(wire_description(self.areas, reports), order="sorted")
        self.hash32 = min(binascii.crc32(rendering), 0xFFFFFFFE)

    def area(self, name: str) -> Area:
        """Return an area by its name, or that of anything declared in it (``"power.hk"`` gives power)."""
        return _find(self._areas, name.partition(".")[0], "area")

    def apid(self, name: str) -> int:
        """Return the APID that carries the named item."""
        return self.area(name).apid

    def hk(self, name: str) -> Housekeeping:
        """Return a housekeeping packet by name."""
        return _find(self._housekeeping, name, "housekeeping packet")

    def hk_by_id(self, structure_id: int) -> Housekeeping | None:
        """Return a housekeeping packet by structure id."""
        return self._structures.get(structure_id)

    def command(self, name: str) -> Command:
        """Return a command by name."""
        return _find(self._commands, name, "command")

    def command_by_function(self, function_id: int) -> Command | None:
        """Return the TC[8,1] command with this function id."""
        return self._functions.get(function_id)

    def command_by_service(self, service: int, subtype: int) -> Command | None:
        """Return the request with a service and subtype of its own (never 8,1)."""
        return self._requests.get((service, subtype))

    def event(self, name: str) -> Event:
        """Return an event by name."""
        return _find(self._events, name, "event")

    def event_by_id(self, event_id: int) -> Event | None:
        """Return an event by id."""
        return self._event_ids.get(event_id)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by name."""
        return _find(self._parameters, name, "parameter")

    def parameter_by_id(self, parameter_id: int) -> Parameter | None:
        """Return a parameter by id."""
        return self._parameter_ids.get(parameter_id)

    def report(self, service: int, subtype: int) -> Report | None:
        """Return the standard report with this service and subtype."""
        return self._reports.get((service, subtype))


def _by_name(items: Iterable[N]) -> Mapping[str, N]:
    return MappingProxyType({item.name: item for item in items})


def _find(items: Mapping[str, N], name: str, what: str) -> N:
    try:
        return items[name]
    except KeyError:
        near = get_close_matches(name, list(items), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise DictionaryError(f"unknown {what} {name!r}{hint}") from None
