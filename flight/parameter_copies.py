"""Triple redundancy for the active parameters, so that an upset of memory moves no protection limit to stay.

Each value is there three times: as flight reads it, and twice more as bytes in places of their own.  Bit by bit the
majority counts, the usual remedy against single-event upsets in memory without error correction.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

WORD: Final = 8


class Upset(NamedTuple):
    """A value that was not what it should be, in any of the three."""

    parameter_id: int
    wrong: float
    good: float


class ParameterCopies:
    """Two copies beside the values in use."""

    def __init__(self, values: Mapping[int, float]) -> None:
        self._form = struct.Struct(f"<{len(values)}d")
        self.keep(values)

    def keep(self, values: Mapping[int, float]) -> None:
        """These are good: they were checked and have just become active.  Always the same ids in the same order."""
        packed = self._form.pack(*values.values())
        self._first, self._second = bytearray(packed), bytearray(packed)

    def vote(self, values: Mapping[int, float]) -> list[Upset]:
        """Mend both copies by the majority of bits, and say what was wrong, in `values` or in them."""
        copies = self._form.pack(*values.values()), self._first, self._second
        if copies[0] == copies[1] == copies[2]:
            return []
        used, first, second = (int.from_bytes(copy, "little") for copy in copies)
        good = (used & first | used & second | first & second).to_bytes(len(copies[0]), "little")
        self._first, self._second = bytearray(good), bytearray(good)
        return [upset for copy in copies for upset in self._upsets(values, copy, good)]

    def _upsets(self, values: Mapping[int, float], copy: bytes | bytearray, good: bytes) -> list[Upset]:
        rows = zip(values, self._form.unpack(copy), self._form.unpack(good), range(0, len(good), WORD), strict=True)
        return [Upset(*row) for *row, at in rows if copy[at : at + WORD] != good[at : at + WORD]]
