"""What goes wrong between an I2C chip and its master: read faults for `I2cWires.fault`."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from sim_hal.buses.i2c import ReadFault

TOP_BITS: Final = 0xC0


class ClockStretchFlaw:
    """A master that does not wait long enough for a stretched clock: the top bits of a byte come out wrong.

    Known of the Raspberry Pi's own I2C block.  Every `every`-th read is hit, at the next byte each time.
    """

    def __init__(self, every: int, addresses: Container[int] | None = None, bits: int = TOP_BITS) -> None:
        """`addresses`: the chips that stretch, None for all."""
        self._every = every
        self._addresses = addresses
        self._bits = bits
        self._reads = 0
        self.hits = 0
        """Reads that were spoilt."""

    def __call__(self, address: int, read: bytes) -> bytes:
        if not read or (self._addresses is not None and address not in self._addresses):
            return read
        self._reads += 1
        if self._reads % self._every:
            return read
        spoilt = bytearray(read)
        spoilt[self.hits % len(read)] ^= self._bits
        self.hits += 1
        return bytes(spoilt)


def silent(addresses: Container[int]) -> ReadFault:
    """These chips do not acknowledge."""
    return lambda address, read: None if address in addresses else read


def truncated(size: int) -> ReadFault:
    """No more than `size` bytes come of any answer."""
    return lambda _, read: read[:size]


def constant(value: int) -> ReadFault:
    """Every byte reads so: 0xFF is a bus that nobody drives, 0 one that is shorted."""
    return lambda _, read: bytes((value,)) * len(read)
