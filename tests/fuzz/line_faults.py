"""What befalls replies on a serial line, one drawn fault a reply; `stream` is what really went to the host."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_MS
from tests.fuzz.draw import Draw

GENTLE: Final = 6
"""Kinds of damage that a CRC-16 never misses: nothing, silence, a burst of 16 bits, a delay, twice."""


class DrawnFaults:
    """Implements `sim_hal.buses.serial.ReplyFault`."""

    def __init__(self, draw: Draw, *, gentle: bool) -> None:
        self._draw = draw
        self._kinds = GENTLE if gentle else 10
        self.stream = bytearray()

    def __call__(self, data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
        pieces = self._pieces(data, delay_ns)
        for piece, _ in pieces:
            self.stream += piece
        return pieces

    def _pieces(self, data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
        draw = self._draw
        kind = draw.below(self._kinds) if draw.left else 0
        if kind < GENTLE:
            return self._gently(kind, data, delay_ns)
        if kind == 6:
            return [(data[: draw.number()], delay_ns)]
        if kind == 7:
            return [(draw.some() or b"\x00", delay_ns)]
        if kind == 8:
            return [(draw.some() + data, delay_ns)]
        return [(data, delay_ns), (draw.some() or b"\xff", delay_ns + draw.number() * NS_PER_MS)]

    def _gently(self, kind: int, data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
        draw = self._draw
        if kind == 1:
            return []
        if kind == 2:
            return [(_burst(data, draw), delay_ns)]
        if kind == 3:
            return [(data, delay_ns + draw.number() * NS_PER_MS)]
        return [(data, delay_ns)] * (2 if kind == 4 else 1)


def _burst(data: bytes, draw: Draw) -> bytes:
    spoilt = bytearray(data)
    if spoilt:
        at = draw.number() % len(spoilt)
        spoilt[at] ^= draw.number()
        if at + 1 < len(spoilt):
            spoilt[at + 1] ^= draw.number()
    return bytes(spoilt)
