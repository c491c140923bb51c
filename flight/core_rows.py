"""The small rows at the end of the schedule: state and watchdog."""

from __future__ import annotations

from collections.abc import Callable

from flight.modes.hibernation import Hibernation
from flight.state_keeper import StateKeeper
from hal.api.devices import Watchdog


class StateRow:
    """Keeps the state image, and switches the computer off once HIBERNATE is reached and the image is safe."""

    def __init__(self, keeper: StateKeeper, hibernation: Hibernation | None) -> None:
        self._keeper = keeper
        self._hibernation = hibernation

    def tick(self, now_ns: int) -> None:
        """Save, then leave if it is time to."""
        self._keeper.tick(now_ns)
        if self._hibernation is not None:
            self._hibernation.tick(now_ns)

    def make_safe(self) -> None:
        """Storage needs nothing."""


class WatchdogRow:
    """Strokes the watchdog while every critical row makes progress."""

    def __init__(self, watchdog: Watchdog, all_alive: Callable[[], bool]) -> None:
        self._watchdog = watchdog
        self._all_alive = all_alive

    def tick(self, now_ns: int) -> None:
        """Stroke if all is well."""
        if self._all_alive():
            self._watchdog.stroke()

    def make_safe(self) -> None:
        """A defect of this row alone must not take down a rover whose other rows are well: stroke for them."""
        if self._all_alive():
            self._watchdog.stroke()
