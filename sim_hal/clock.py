"""Simulated time: sleeping is what moves the world.

`SimClock.sleep_until_ns` runs everything that falls due up to the deadline, in the order (time, rank, insertion),
and returns.  One thread, no wall time.  A driver that waits for a reply waits here too, so a dead device costs
modelled time and never hangs the simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush, heapreplace

from hal.api.errors import ComputerStopped

Callback = Callable[[], None]


class Rank(IntEnum):
    """What goes first among things due at the same instant."""

    PLANT = 0
    FAULT = 1
    SCENARIO = 2
    BYTES = 3


class Timer:
    """One piece of due work, or a repeating one; `cancel` makes it do nothing."""

    __slots__ = ("callback", "period_ns")

    def __init__(self, callback: Callback, period_ns: int) -> None:
        self.callback: Callback | None = callback
        self.period_ns = period_ns

    def cancel(self) -> None:
        """Never call back again; legal at any time, also from the callback itself."""
        self.callback = None
        self.period_ns = 0


class SimClock:
    """The one clock of a simulation: implements `hal.api.clock.Clock` and carries the world's timed work."""

    __slots__ = ("_halted", "_heap", "_inserted", "_inside", "_stop_cause", "time_ns")

    def __init__(self) -> None:
        self.time_ns = 0
        """What `now_ns` gives, for those who look millions of times; written here only."""
        self._heap: list[tuple[int, int, int, Timer]] = []
        self._inserted = 0
        self._inside = False
        self._halted = False
        self._stop_cause: str | None = None

    def now_ns(self) -> int:
        """Simulated time since the start of the run, ns."""
        return self.time_ns

    def at(self, time_ns: int, rank: Rank, callback: Callback) -> Timer:
        """Call back at `time_ns`, or now (once this instant's earlier work is done) if that has passed."""
        return self._push(max(time_ns, self.time_ns), rank, Timer(callback, 0))

    def every(self, period_ns: int, callback: Callback, rank: Rank = Rank.PLANT) -> Timer:
        """Call back on the grid of multiples of `period_ns`, first at the next one after now."""
        first_ns = (self.time_ns // period_ns + 1) * period_ns
        return self._push(first_ns, rank, Timer(callback, period_ns))

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Run the world up to `deadline_ns`; for flight and drivers only.

        Raises:
            ComputerStopped: the computer lost power, was reset or hung during this sleep; the clock stands at
                that exact time.
            RuntimeError: called from within the world.
        """
        heap = self._heap
        if heap and heap[0][0] > deadline_ns and not self._inside and self._stop_cause is None:
            # Nothing falls due: drivers wait thousands of times between two steps of a grid.
            self.time_ns = max(self.time_ns, deadline_ns)
            return
        self._run_to(deadline_ns)
        if self._stop_cause is not None:
            self._raise_stopped()

    def advance_to(self, deadline_ns: int) -> bool:
        """Run the world up to `deadline_ns` with no computer to be stopped; False if `halt` ended it early."""
        self._run_to(deadline_ns)
        self._stop_cause = None
        return not self._halted

    def halt(self) -> None:
        """From a callback: end the `advance_to` that is running, at this instant."""
        self._halted = True

    def stop_computer(self, cause: str) -> None:
        """Make whoever sleeps, or the caller itself where nobody does, get `ComputerStopped(cause)` now.

        Raises:
            ComputerStopped: called by a device from flight's own context.
        """
        self._stop_cause = cause
        if not self._inside:
            self._raise_stopped()

    def _raise_stopped(self) -> None:
        cause, self._stop_cause = self._stop_cause, None
        raise ComputerStopped(cause or "")

    def _push(self, time_ns: int, rank: Rank, timer: Timer) -> Timer:
        self._inserted += 1
        heappush(self._heap, (time_ns, int(rank), self._inserted, timer))
        return timer

    def _run_to(self, deadline_ns: int) -> None:
        if self._inside:
            raise RuntimeError("the world may not sleep: sleep_until_ns was called from within a world callback")
        heap = self._heap
        self._inside = True
        self._halted = False
        try:
            while heap and heap[0][0] <= deadline_ns:
                time_ns, rank, order, timer = heap[0]
                if timer.period_ns:  # a grid keeps its place among those due at the same instant
                    heapreplace(heap, (time_ns + timer.period_ns, rank, order, timer))
                else:
                    heappop(heap)
                if timer.callback is not None:
                    self.time_ns = time_ns
                    timer.callback()
                    if self._stop_cause is not None or self._halted:
                        return
        finally:
            self._inside = False
        self.time_ns = max(self.time_ns, deadline_ns)
