"""When to try a lost chip or port again: after a while, then twice as late each time."""

from __future__ import annotations


class Backoff:
    """First after `first_ns`, at most after `most_ns`; a success starts afresh."""

    __slots__ = ("_first_ns", "_most_ns", "_next_ns", "_pause_ns")

    def __init__(self, first_ns: int, most_ns: int) -> None:
        self._first_ns = first_ns
        self._most_ns = most_ns
        self._pause_ns = 0
        self._next_ns: int | None = None

    def due(self, now_ns: int) -> bool:
        """Whether it may be tried now."""
        return self._next_ns is None or now_ns >= self._next_ns

    def failed(self, now_ns: int) -> None:
        """A try at `now_ns` failed."""
        self._pause_ns = min(2 * self._pause_ns, self._most_ns) if self._pause_ns else self._first_ns
        self._next_ns = now_ns + self._pause_ns

    def succeeded(self) -> None:
        """All is well again."""
        self._pause_ns = 0
        self._next_ns = None
