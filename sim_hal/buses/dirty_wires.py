"""Wires that change what goes over them: flipped bits, a wrong rate, old answers; all from seeded dice."""

from __future__ import annotations

from typing import Final

from sim_hal.buses.reply_faults import Pieces
from sim_hal.noise import Noise

BITS: Final = 8


class BitNoise:
    """Flips at most one bit of a byte; `rate` is the chance of each bit, changed while it works."""

    def __init__(self, noise: Noise, rate: float = 0.0) -> None:
        self._uniform = noise.uniform
        self.rate = rate

    def spoil(self, data: bytes) -> bytes:
        """Bytes as they arrive."""
        chance = BITS * self.rate
        return bytes([self._flip(byte) if self._uniform() < chance else byte for byte in data])

    def reply(self, data: bytes, delay_ns: int) -> Pieces:
        """As a fault of a serial line's replies."""
        return [(self.spoil(data), delay_ns)]

    def read(self, _address: int, read: bytes) -> bytes:
        """As a fault of what is read on an I2C bus."""
        return self.spoil(read)

    def _flip(self, byte: int) -> int:
        return byte ^ 1 << int(self._uniform() * BITS)


class WrongRate:
    """Both ends run at different baud rates: as many bytes arrive, none as it was sent."""

    def __init__(self, noise: Noise) -> None:
        self._uniform = noise.uniform

    def spoil(self, data: bytes) -> bytes:
        """Bytes as they arrive."""
        return bytes([int(self._uniform() * 256) for _ in data])

    def reply(self, data: bytes, delay_ns: int) -> Pieces:
        """As a fault of a serial line's replies."""
        return [(self.spoil(data), delay_ns)]


class OldBytes:
    """The end of the reply before stands before each reply, as from a buffer that nobody emptied."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._last = b""

    def __call__(self, data: bytes, delay_ns: int) -> Pieces:
        old, self._last = self._last[-self._size :], data
        return [(old + data, delay_ns)]
