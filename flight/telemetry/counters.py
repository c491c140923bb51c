"""Sequence counts of telemetry packets, reserved ahead in blocks: over a restart they jump, they never repeat.

The state image holds where the next boot begins.  This boot counts up from there, and has the end of its block written
down before it can reach it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

BLOCK: Final = 4096
"""Counts reserved at once."""
MARGIN: Final = 2048
"""What a flood of telecommands uses in a second (some 160 reports a cycle), until the next block is written down."""
_MASK: Final = 0x3FFF


class SequenceCounters:
    """One 14-bit count for each APID."""

    def __init__(self, apids: Iterable[int], start: Mapping[int, int]) -> None:
        """`start` is what the last state image reserved: the first count of this boot."""
        self._next = {apid: start.get(apid, 0) for apid in sorted(set(apids))}
        self.first: Mapping[int, int] = dict(self._next)
        """With which count of each APID this boot begins."""
        self._limit = {apid: count + BLOCK for apid, count in self._next.items()}
        self.low = False
        """A block runs out: the state image must be written soon."""

    def __contains__(self, apid: int) -> bool:
        """Whether the rover sends under this APID."""
        return apid in self._next

    def take(self, apid: int) -> int:
        """The next count of an APID."""
        count = self._next[apid]
        self._next[apid] = count + 1
        if count + MARGIN >= self._limit[apid]:
            self.low = True
        return count & _MASK

    def reserved(self) -> dict[int, int]:
        """Where the next boot begins, to be written into the state image; moves the block on if it runs out."""
        for apid, count in self._next.items():
            if count + MARGIN >= self._limit[apid]:
                self._limit[apid] = count + BLOCK
        self.low = False
        return {apid: limit & _MASK for apid, limit in self._limit.items()}
