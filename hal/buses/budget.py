"""How much of a cycle one bus may take: idle time is credited, transactions spend it.

A full credit is one cycle's budget, so that whatever chips do, a cycle waits for its bus no longer than that and the
transaction that overdraws it, but for what time spent elsewhere meanwhile has earned; what is left of a cycle that
has spent it all is just enough to fill it again.
"""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_MS, Clock
from hal.buses.api import BusBusy, I2cBus, SerialBus

CYCLE_NS: Final = 100 * NS_PER_MS


class Budget:
    """Credit of one bus, ns, at most `limit_ns`, which must be less than a cycle."""

    __slots__ = ("_credit_ns", "_idle_ns", "_limit_ns", "_name", "_seen_ns")

    def __init__(self, name: str, limit_ns: int, clock: Clock) -> None:
        self._name = name
        self._limit_ns = limit_ns
        self._idle_ns = CYCLE_NS - limit_ns
        self._credit_ns = limit_ns
        self._seen_ns = clock.now_ns()

    def left_ns(self, now_ns: int) -> int:
        """What may be spent at `now_ns`.

        Raises:
            BusBusy: nothing.
        """
        credit_ns, limit_ns = self._credit_ns, self._limit_ns
        if credit_ns < limit_ns:
            credit_ns += (now_ns - self._seen_ns) * limit_ns // self._idle_ns
            self._credit_ns = credit_ns = min(limit_ns, credit_ns)
        self._seen_ns = now_ns
        if credit_ns <= 0:
            raise BusBusy(self._name, f"the {limit_ns / NS_PER_MS:g} ms of this cycle are used up")
        return credit_ns

    def spent(self, since_ns: int, now_ns: int) -> None:
        """A transaction that began at `since_ns` has just ended."""
        self._seen_ns = now_ns
        self._credit_ns -= now_ns - since_ns


class BudgetedSerial:
    """A serial line that keeps within its budget; implements `SerialBus`."""

    def __init__(self, bus: SerialBus, limit_ns: int, clock: Clock) -> None:
        self._bus = bus
        self._now_ns = clock.now_ns
        self._budget = Budget(bus.name, limit_ns, clock)
        self.name = bus.name
        self.byte_ns = bus.byte_ns
        self.drop_input = bus.drop_input
        """Costs nothing."""

    def write(self, data: bytes) -> None:
        """Refused with `BusBusy` when no time is left for an answer."""
        self._budget.left_ns(self._now_ns())
        self._bus.write(data)

    def read(self, size: int, deadline_ns: int) -> bytes:
        """Cut short at the end of the budget."""
        now_ns = self._now_ns()
        if deadline_ns <= now_ns:  # a look costs nothing
            return self._bus.read(size, deadline_ns)
        end_ns = now_ns + self._budget.left_ns(now_ns)
        try:
            return self._bus.read(size, min(end_ns, deadline_ns))
        finally:
            self._budget.spent(now_ns, self._now_ns())


class BudgetedI2c:
    """An I2C bus that keeps within its budget; implements `I2cBus`."""

    def __init__(self, bus: I2cBus, limit_ns: int, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._budget = Budget(bus.name, limit_ns, clock)
        self.name = bus.name

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        """Refused with `BusBusy` when the budget is used up; one that has begun is carried through."""
        now_ns = self._clock.now_ns()
        self._budget.left_ns(now_ns)
        try:
            return self._bus.transfer(address, written, read_size)
        finally:
            self._budget.spent(now_ns, self._clock.now_ns())
