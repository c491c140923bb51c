"""Hardware watchdog: resets the computer that has not stroked it in time."""

from __future__ import annotations

from collections.abc import Callable

from hal.api.clock import NS_PER_S
from sim_hal.clock import Rank, SimClock, Timer
from sim_hal.plug import Plug

TIMEOUT_NS = 10 * NS_PER_S
BOOT_GRACE_NS = 60 * NS_PER_S
"""The first stroke may come late: the computer boots."""


class WatchdogChip:
    """The lasting chip.  It looks once in a while rather than at every stroke, so a stroke costs nothing."""

    def __init__(self, clock: SimClock, bite: Callable[[], None]) -> None:
        self._clock = clock
        self._bite = bite
        self._deadline_ns = 0
        self._timer: Timer | None = None

    def start(self) -> None:
        """The computer comes up."""
        self.stop()
        self._deadline_ns = self._clock.now_ns() + BOOT_GRACE_NS
        self._timer = self._clock.at(self._clock.now_ns() + TIMEOUT_NS, Rank.FAULT, self._look)

    def stop(self) -> None:
        """The computer is off, and so is its watchdog."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stroke(self) -> None:
        """Put the deadline off."""
        self._deadline_ns = self._clock.now_ns() + TIMEOUT_NS

    def _look(self) -> None:
        now_ns = self._clock.now_ns()
        if now_ns >= self._deadline_ns:
            self._timer = None
            self._bite()
        else:
            self._timer = self._clock.at(min(self._deadline_ns, now_ns + TIMEOUT_NS), Rank.FAULT, self._look)


class WatchdogFrontEnd:
    """Implements `hal.api.devices.Watchdog`."""

    def __init__(self, plug: Plug, chip: WatchdogChip) -> None:
        self._plug = plug
        self._chip = chip

    def stroke(self) -> None:
        self._plug.now_ns()
        self._chip.stroke()

    def ready(self, minimal: bool) -> None:
        self._plug.now_ns()
