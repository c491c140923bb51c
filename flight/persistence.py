"""Small judges of time: a condition that has to last, a device that has to be left alone for a while."""

from __future__ import annotations


class Persistent:
    """True once a condition has held without a break for `hold_ns`."""

    __slots__ = ("_since_ns", "hold_ns")

    def __init__(self, hold_ns: int) -> None:
        self.hold_ns = hold_ns
        self._since_ns: int | None = None

    def update(self, now_ns: int, condition: bool) -> bool:
        """Feed the condition as it is now; returns whether it has lasted long enough."""
        if not condition:
            self._since_ns = None
            return False
        if self._since_ns is None:
            self._since_ns = now_ns
        return now_ns - self._since_ns >= self.hold_ns


class Backoff:
    """When to try a failing device again: after `first_ns`, then twice as late each time, at most `most_ns`."""

    __slots__ = ("_first_ns", "_most_ns", "_next_ns", "_pause_ns", "failures")

    def __init__(self, first_ns: int, most_ns: int) -> None:
        self._first_ns = first_ns
        self._most_ns = most_ns
        self._pause_ns = 0
        self._next_ns = 0
        self.failures = 0
        """Failed tries in a row."""

    def due(self, now_ns: int) -> bool:
        """Whether it may be tried now."""
        return now_ns >= self._next_ns

    def failed(self, now_ns: int) -> None:
        """A try at `now_ns` failed."""
        self.failures += 1
        self._pause_ns = min(2 * self._pause_ns, self._most_ns) if self._pause_ns else self._first_ns
        self._next_ns = now_ns + self._pause_ns

    def succeeded(self) -> None:
        """A try worked: the next failure starts afresh."""
        self.failures = 0
        self._pause_ns = 0
        self._next_ns = 0
