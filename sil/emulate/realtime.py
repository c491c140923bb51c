"""Holds a simulated clock to the wall and serves the computer's ends of its wires to other processes meanwhile."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from hal.api.clock import NS_PER_MS, NS_PER_S
from sim_hal.clock import SimClock

LOOK_NS: Final = 20 * NS_PER_MS
"""The world and a signal to end are looked at this often when nothing else happens."""
LATE_NS: Final = NS_PER_S
"""Behind by more than this (a stopped process, a suspended machine), simulated time starts again from now."""


class Port(Protocol):
    """One way in for other processes."""

    def filenos(self) -> Sequence[int]:
        """What to wait for; may change from call to call."""
        ...

    def serve(self, fileno: int) -> None:
        """One of them is readable."""
        ...

    def next_ns(self) -> int | None:
        """When this port has something to do by itself, None if it is not known to."""
        ...

    def flush(self) -> None:
        """Simulated time has passed: hand out what is due."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class RealTime:
    """Runs until told to end; one thread."""

    def __init__(self, clock: SimClock, ports: Sequence[Port], wall_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._ports = ports
        self._wall_ns = wall_ns
        self._offset_ns = clock.now_ns() - wall_ns()
        self._ending = False

    def end(self) -> None:
        """Return from `run` soon; safe to call from a signal handler."""
        self._ending = True

    def run(self) -> None:
        """Serve until `end`; closes every port."""
        try:
            while not self._ending:
                self.turn()
        finally:
            for port in self._ports:
                port.close()

    def turn(self) -> None:
        """Bring the clock up to the wall, hand out what is due, wait for the next thing to do."""
        self._catch_up()
        for port in self._ports:
            port.flush()
        self._wait()

    def _catch_up(self) -> None:
        due_ns = self._wall_ns() + self._offset_ns
        if due_ns - self._clock.now_ns() > LATE_NS:
            self._offset_ns = self._clock.now_ns() - self._wall_ns()
            return
        self._clock.advance_to(due_ns)

    def _wait(self) -> None:
        now_ns = self._clock.now_ns()
        due = [due_ns for port in self._ports if (due_ns := port.next_ns()) is not None]
        wait_ns = max(0, min([now_ns + LOOK_NS, *due]) - now_ns)
        owners = {fileno: port for port in self._ports for fileno in port.filenos()}
        # Not a selector: epoll waits in whole milliseconds, and a chip answers sooner.
        ready, _, _ = select.select(owners, (), (), wait_ns / NS_PER_S)
        if ready:
            self._catch_up()
        for fileno in ready:
            owners[fileno].serve(fileno)
