"""A simulated I2C bus: combined transfers that take their time, addresses that nobody acknowledges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from hal.api.clock import NS_PER_S
from hal.buses.api import BusNak, BusTimeout
from sim_hal.plug import Plug

BITS_A_BYTE: Final = 9
"""Eight and the acknowledgement."""
STUCK_NS: Final = 10_000_000
"""How long a master waits for a clock that is held down before it gives up."""

ReadFault = Callable[[int, bytes], bytes | None]
"""Given address and bytes read, what the master really sees; None: no acknowledgement."""


Deafness = Callable[[int], bool]
"""Whether the chip at this address leaves this transfer unacknowledged and untaken."""


class I2cChip(Protocol):
    """A chip on the bus."""

    def transfer(self, written: bytes, read_size: int, now_ns: int) -> bytes | None:
        """One whole transfer, which takes effect at its stop, now; None: not acknowledged.

        The answer has exactly `read_size` bytes.
        """
        ...


class I2cWires:
    """The wires with their chips by address; outlives a reset of the computer."""

    def __init__(self, name: str, hz: int) -> None:
        self.name = name
        self.bit_ns = NS_PER_S // hz
        self.chips: dict[int, I2cChip] = {}
        self.fault: ReadFault | None = None
        self.transfers = 0
        """How many were begun."""
        self.stuck = False
        """A chip holds the clock down: every transfer runs into its timeout."""
        self.deaf: tuple[Deafness, ...] = ()
        """Faults that keep a chip from hearing a transfer at all."""
        self.stretch_ns = 0
        """Chips hold the clock down for so long in each transfer (fault)."""


class I2cPort:
    """A bus as one life of flight sees it; implements `hal.buses.api.I2cBus`."""

    __slots__ = ("_plug", "_wires", "name")

    def __init__(self, plug: Plug, wires: I2cWires) -> None:
        self._plug = plug
        self._wires = wires
        self.name = wires.name

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        plug, wires = self._plug, self._wires
        wires.transfers += 1
        start_ns = plug.now_ns()
        if wires.stuck:
            plug.sleep_until_ns(start_ns + STUCK_NS)
            raise BusTimeout(self.name, "the clock line is held down")
        chip = wires.chips.get(address)
        if wires.deaf and any(is_deaf(address) for is_deaf in wires.deaf):
            chip = None
        if chip is None:
            plug.sleep_until_ns(start_ns + (BITS_A_BYTE + 2) * wires.bit_ns)
            raise BusNak(self.name, f"no answer at {address:#04x}")
        size = 1 + len(written) + (1 + read_size if read_size else 0)
        end_ns = start_ns + (BITS_A_BYTE * size + 2) * wires.bit_ns + wires.stretch_ns
        plug.sleep_until_ns(end_ns)
        read = chip.transfer(written, read_size, end_ns)
        if read is not None and wires.fault is not None:
            read = wires.fault(address, read)
        if read is None:
            raise BusNak(self.name, f"no answer at {address:#04x}")
        return read
