"""Ground's orders about loads that are still waiting for their switch to read back."""

from __future__ import annotations

from typing import Final

from flight.context import Execution
from flight.loads import Loads
from hal.api.clock import NS_PER_S
from telemetry_defs.definitions import FailureCode

DEADLINE_NS: Final = 5 * NS_PER_S


class LoadOrders:
    """At most one pending order a load."""

    def __init__(self, loads: Loads) -> None:
        self._loads = loads
        self._pending: dict[str, tuple[Execution, bool, int]] = {}

    def add(self, now_ns: int, name: str, on: bool, execution: Execution) -> None:
        """Order a load; a newer order takes the place of an older one."""
        older = self._pending.pop(name, None)
        if older is not None:
            older[0].fail(FailureCode.SUPERSEDED)
        self._loads.order(name, on)
        execution.start()
        self._pending[name] = (execution, on, now_ns + DEADLINE_NS)

    def cancel(self, name: str) -> None:
        """The load goes back to its subsystem."""
        older = self._pending.pop(name, None)
        if older is not None:
            older[0].fail(FailureCode.SUPERSEDED)
        self._loads.order(name, None)

    def settle(self, now_ns: int, granted: dict[str, bool]) -> None:
        """Report on every order whose switch obeys, that power refuses, or that takes too long."""
        for name in tuple(self._pending):
            execution, on, deadline_ns = self._pending[name]
            if self._loads.is_on(name) is on:
                execution.complete()
            elif on and not granted[name]:
                execution.fail(FailureCode.PRECONDITION)
            elif now_ns >= deadline_ns:
                execution.fail(FailureCode.TIMEOUT)
            else:
                continue
            del self._pending[name]
