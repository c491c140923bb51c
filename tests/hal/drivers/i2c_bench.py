"""A budgeted simulated I2C bus for driver tests, with a count of what went over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hal.api.clock import NS_PER_MS
from hal.buses.budget import BudgetedI2c
from sim_hal.buses.i2c import I2cChip
from tests.wire_bench import WireBench

BUDGET_NS = 30 * NS_PER_MS


class WrongChip:
    """Something else at that address: it acknowledges all and answers `word` for ever."""

    def __init__(self, word: int = 0x1234) -> None:
        self._word = word.to_bytes(2, "big")

    def transfer(self, written: bytes, read_size: int, now_ns: int) -> bytes:
        return (self._word * read_size)[:read_size]


class Counted:
    """A bus that counts its transfers; implements `hal.buses.api.I2cBus`."""

    def __init__(self, bus: BudgetedI2c) -> None:
        self._bus = bus
        self.name = bus.name
        self.count = 0
        self.log: list[tuple[int, bytes, int]] = []

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        self.count += 1
        self.log.append((address, written, read_size))
        return self._bus.transfer(address, written, read_size)


class I2cBench(WireBench):
    """One bus at 400 kHz within a budget of 30 ms a cycle."""

    def __init__(self, chips: Mapping[int, I2cChip], name: str = "i2c1") -> None:
        super().__init__()
        self.wires, self.port = self.i2c(chips, name=name)
        self.bus = Counted(BudgetedI2c(self.port, BUDGET_NS, self.plug))

    def cost(self, action: Callable[[], object]) -> tuple[int, float]:
        """Transfers and milliseconds that an action takes."""
        count, start_ns = self.bus.count, self.plug.now_ns()
        action()
        return self.bus.count - count, (self.plug.now_ns() - start_ns) / NS_PER_MS
