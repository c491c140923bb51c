"""Loads on their way up: parts in any order, each load bounded in size and time, at most two at once."""

from __future__ import annotations

import binascii
from typing import Final, NamedTuple

from hal.api.clock import NS_PER_S
from telemetry_defs.areas import sequences as area
from telemetry_defs.definitions import FailureCode

MAX_OPEN: Final = 2
PATIENCE_NS: Final = 600 * NS_PER_S
"""A load that is not whole by then is dropped."""


class Whole(NamedTuple):
    """A load of which every part came, its checksum right."""

    data: bytes
    armed: bool


class _Open:
    def __init__(self, first: area.Load, now_ns: int) -> None:
        self.first = first
        self.limit_ns = now_ns + PATIENCE_NS
        self.parts: dict[int, bytes] = {}


class Assembly:
    """The loads of which parts are missing, by sequence id."""

    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}

    def count(self, now_ns: int) -> int:
        """Loads of which parts are missing."""
        self._expire(now_ns)
        return len(self._open)

    def take(self, part: area.Load, now_ns: int) -> Whole | FailureCode | None:
        """Take one part; what it made whole, why it was refused, or None while others are missing.

        Part 0 begins a load and drops what there was of another one with its id.
        """
        self._expire(now_ns)
        if part.part == 0:
            self._open.pop(part.sequence_id, None)
            if len(self._open) >= MAX_OPEN:
                return FailureCode.LIMIT
            self._open[part.sequence_id] = _Open(part, now_ns)
        found = self._open.get(part.sequence_id)
        if found is None or not _belongs(part, found.first):
            return FailureCode.PRECONDITION
        if found.parts.setdefault(part.part, part.data) != part.data:
            return FailureCode.DUPLICATE
        return self._closed(found) if len(found.parts) == part.parts else None

    def _closed(self, found: _Open) -> Whole | FailureCode:
        del self._open[found.first.sequence_id]
        data = b"".join(found.parts[place] for place in range(found.first.parts))
        if binascii.crc32(data) != found.first.crc32:
            return FailureCode.REFUSED
        return Whole(data, found.first.hazardous)

    def _expire(self, now_ns: int) -> None:
        for sequence_id, found in tuple(self._open.items()):
            if now_ns >= found.limit_ns:
                del self._open[sequence_id]


def _belongs(part: area.Load, first: area.Load) -> bool:
    return part.part < part.parts and (part.parts, part.crc32) == (first.parts, first.crc32)
