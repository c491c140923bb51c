"""Time as flight and drivers see it: monotonic integer nanoseconds from an injected clock."""

from __future__ import annotations

from typing import Final, Protocol

NS_PER_S: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000
NS_PER_US: Final = 1_000


class Clock(Protocol):
    """Monotonic time since this board was built.  It never steps; on-board time is an offset kept by flight."""

    def now_ns(self) -> int:
        """Monotonic time, ns."""
        ...

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Return at `deadline_ns` or at once if it has passed.  In simulation this is what moves the world."""
        ...


def seconds(duration_s: float) -> int:
    """Whole nanoseconds in `duration_s` seconds."""
    return round(duration_s * NS_PER_S)
