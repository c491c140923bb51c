"""Real time: the kernel's monotonic clock, counted from when the board was built."""

from __future__ import annotations

import time
from array import array
from typing import Final

from hal.api.clock import NS_PER_S, NS_PER_US

LATENCIES_KEPT: Final = 65_536
"""Nearly two hours of cycles in 256 kB."""


class RealClock:
    """Implements `hal.api.clock.Clock`.  Any thread may use it.

    `time.sleep` waits on an absolute deadline of the monotonic clock and goes on after a signal (PEP 475), so a loop
    on absolute deadlines does not drift; it may return a clock tick early by rounding, hence the second look.
    """

    def __init__(self, latencies: int = 0) -> None:
        """`latencies`: how many of the newest wake-up latencies to keep."""
        self._origin_ns = time.monotonic_ns()
        self._late_us = array("I", bytes(4 * latencies))
        self._noted = 0
        self._watched_ns = -1

    def now_ns(self) -> int:
        return time.monotonic_ns() - self._origin_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        slept = False
        while (left_ns := deadline_ns - self.now_ns()) > 0:
            time.sleep(left_ns / NS_PER_S)
            slept = True
        if slept and deadline_ns == self._watched_ns:
            self._note(-left_ns)

    def watch_wake(self, deadline_ns: int) -> None:
        """Keep how late the next sleep until this very deadline ends: that of the main loop, not of a driver."""
        if self._late_us:
            self._watched_ns = deadline_ns

    def latencies_us(self) -> list[int]:
        """What was kept, oldest first, us."""
        size = len(self._late_us)
        if self._noted <= size:
            return list(self._late_us[: self._noted])
        start = self._noted % size
        return [*self._late_us[start:], *self._late_us[:start]]

    def _note(self, late_ns: int) -> None:
        self._late_us[self._noted % len(self._late_us)] = min(late_ns // NS_PER_US, 0xFFFFFFFF)
        self._noted += 1
