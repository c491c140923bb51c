"""The small rows at both ends of the schedule: memory, state and watchdog."""

from __future__ import annotations

from collections.abc import Callable

from flight.context import EventSink
from flight.edges import Edges
from flight.modes.hibernation import Hibernation
from flight.parameters import ParameterStore
from flight.state_keeper import StateKeeper
from hal.api.devices import Watchdog
from hal.api.errors import DeviceError
from telemetry_defs.areas import system


class MemoryRow:
    """Mends what an upset has done to the parameters, before any other row of the cycle reads them."""

    def __init__(self, parameters: ParameterStore, events: EventSink) -> None:
        self._parameters = parameters
        self._events = events

    def tick(self, now_ns: int) -> None:
        """Vote, and tell of each value that was wrong."""
        for number, wrong, good in self._parameters.vote():
            report = system.ParameterChanged(parameter_id=number, old=wrong, new=good)
            self._events.emit(system.PARAMETER_MENDED, report)

    def make_safe(self) -> None:
        """It has no outputs."""


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
    """Strokes the watchdog while every critical row makes progress, and has readiness looked after."""

    def __init__(
        self, watchdog: Watchdog, all_alive: Callable[[], bool], events: EventSink, look: Callable[[], None]
    ) -> None:
        """`look` is called with each tick, after the stroke."""
        self._watchdog = watchdog
        self._all_alive = all_alive
        self._edges = Edges(events)
        self._look = look

    def tick(self, now_ns: int) -> None:
        """Stroke if all is well."""
        self.make_safe()
        self._look()

    def make_safe(self) -> None:
        """A defect of this row alone must not take down a rover whose other rows are well: stroke for them."""
        if self._all_alive():
            self._stroke()

    def _stroke(self) -> None:
        failed = False
        try:
            self._watchdog.stroke()
        except DeviceError:
            failed = True
        self._edges.report(failed, system.WATCHDOG_FAILED, None)
