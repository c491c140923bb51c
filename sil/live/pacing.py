"""How fast simulated time may pass: a speed, a pause, single cycles, a time to run to.  Knows no sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_S

OPEN_END_S: Final = 1.0e8
"""Three years: a live session ends when somebody ends it."""
FOREVER_S: Final = 3600.0
"""What `wait_s` answers while paused."""
TOLERATED_S: Final = 0.5
"""Later than this against the wall, the schedule starts again from now: lost time is not made up in a burst."""


class Pacer:
    """Holds each cycle back until the wall clock reaches its time."""

    def __init__(self, speed: float, wall_s: Callable[[], float], now_ns: int = 0) -> None:
        """`speed` in simulated seconds a wall second, 0 for as fast as it goes."""
        self._wall_s = wall_s
        self.speed = speed
        self.paused = False
        self._stop_ns: int | None = None
        self._steps = 0
        self._anchor(now_ns)

    def set_speed(self, speed: float, now_ns: int) -> None:
        """From now on at this speed; 0 is as fast as it goes."""
        self.speed = speed
        self._anchor(now_ns)

    def pause(self) -> None:
        """Hold before the next cycle."""
        self.paused = True
        self._steps = 0
        self._stop_ns = None

    def resume(self, now_ns: int) -> None:
        """Go on."""
        self.paused = False
        self._stop_ns = None
        self._anchor(now_ns)

    def step(self, cycles: int, now_ns: int) -> None:
        """Let this many cycles pass, then hold."""
        self.paused = True
        self._stop_ns = None
        self._steps = cycles
        self._anchor(now_ns)

    def run_until(self, stop_ns: int, now_ns: int) -> None:
        """Go on and hold at this simulated time; one that has passed holds at once."""
        self.resume(now_ns)
        self._stop_ns = stop_ns

    def new_cycle(self, now_ns: int) -> None:
        """A cycle has ended; to be called once for each."""
        if self._steps:
            self._steps -= 1
        if self._stop_ns is not None and now_ns >= self._stop_ns:
            self.pause()

    def wait_s(self, now_ns: int) -> float:
        """Wall seconds until the next cycle may begin; 0 or less: now."""
        if self.paused and not self._steps:
            return FOREVER_S
        if self.speed <= 0.0:
            return 0.0
        wait_s = self._wall_0_s + (now_ns - self._sim_0_ns) / (NS_PER_S * self.speed) - self._wall_s()
        if wait_s < -TOLERATED_S:
            self._anchor(now_ns)
        return wait_s

    def _anchor(self, now_ns: int) -> None:
        self._wall_0_s = self._wall_s()
        self._sim_0_ns = now_ns
