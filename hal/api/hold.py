"""An output that goes back to its safe value unless somebody keeps asking for more."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

T = TypeVar("T")
FOREVER_NS: Final = 1 << 62
"""Longer than any mission: for outputs that something else takes back."""


class Held(Generic[T]):
    """One output with a safe value and a maximum hold time, both fixed by the board.

    `at(now)` is what the hardware really does at `now`: the value last set while its hold lasts, else the safe
    value.  Boards without such a clockwork in silicon run it in software below flight.
    """

    __slots__ = ("_max_hold_ns", "_until_ns", "_value", "safe")

    def __init__(self, safe: T, max_hold_ns: int) -> None:
        self.safe = safe
        self._max_hold_ns = max_hold_ns
        self._value = safe
        self._until_ns = 0

    def set(self, value: T, now_ns: int, hold_ns: int) -> None:
        """Hold `value` for `hold_ns` from `now_ns`, at most the board's maximum."""
        self._value = value
        self._until_ns = now_ns + min(hold_ns, self._max_hold_ns)

    def release(self) -> None:
        """Return to the safe value at once."""
        self._value = self.safe
        self._until_ns = 0

    def at(self, now_ns: int) -> T:
        """The value in force at `now_ns`."""
        return self._value if now_ns < self._until_ns else self.safe
