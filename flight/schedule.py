"""What the executive runs: a table of rows, each with a factory, a rate and a budget.  Order is priority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

BASE_PERIOD_NS: Final = 100_000_000
"""10 Hz."""
CYCLES_PER_S: Final = 10


class Row(Protocol):
    """Anything that can stand in the schedule."""

    def tick(self, now_ns: int) -> None:
        """Do one step; `now_ns` is monotonic time."""
        ...

    def make_safe(self) -> None:
        """Put every output of this row to its safe value."""
        ...


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the schedule table."""

    name: str
    factory: Callable[[], Row]
    every: int = 1
    """Runs in every n-th cycle."""
    budget_ms: float = 5.0
    critical: bool = True
    """The watchdog is stroked only while this row makes progress."""
    vital: bool = False
    """Without this row ground cannot command the rover: struck out, it ends the process."""
    backoff_limit_s: float = 60.0
    """Longest wait before a failed row is rebuilt."""
    power_lines: tuple[str, ...] = ()
    """Load switches that are dropped when the row cannot be made safe."""


class RowState:
    """What the executive keeps about a row while it fails, is rebuilt and runs again."""

    __slots__ = (
        "backoff_s",
        "failed_ns",
        "failures",
        "over_budget",
        "ran_ns",
        "retry_ns",
        "row",
        "runs",
        "slot",
        "strikes",
        "total_ns",
        "worst_ns",
    )  # fmt: skip

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.row: Row | None = None
        self.retry_ns = 0
        self.failed_ns = 0
        self.backoff_s = 1.0
        self.strikes = 0
        self.failures = 0
        self.ran_ns = 0
        self.runs = 0
        self.total_ns = 0
        self.worst_ns = 0
        self.over_budget = 0

    def ran(self, now_ns: int, used_ns: int) -> None:
        """One run ended well."""
        self.ran_ns = now_ns
        self.runs += 1
        if used_ns:
            self.total_ns += used_ns
            self.worst_ns = max(self.worst_ns, used_ns)
            if used_ns > self.slot.budget_ms * 1e6:
                self.over_budget += 1
