"""A condition that must last before it counts, told once; and how soon a silent device is asked again."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_S


class Lasting:
    """Reports a condition once, when it has lasted; ready again when it has ended."""

    __slots__ = ("raised", "since_ns")

    def __init__(self) -> None:
        self.since_ns = -1
        self.raised = False

    def lasted(self, bad: bool, now_ns: int, hold_ns: int) -> bool:
        """True on the one call at which `bad` has been so for `hold_ns`."""
        if not bad:
            self.since_ns = -1
            self.raised = False
            return False
        if self.since_ns < 0:
            self.since_ns = now_ns
        if self.raised or now_ns - self.since_ns < hold_ns:
            return False
        self.raised = True
        return True

    def reset(self) -> None:
        """Forget everything."""
        self.since_ns = -1
        self.raised = False


RETRY_NS: Final = NS_PER_S // 10
RETRY_MOST_NS: Final = 8 * NS_PER_S
"""A silent device is asked again after one cycle, then twice as late each time: a dead unit must not eat bus time."""
