"""The rover as a running sequence sees it."""

from __future__ import annotations

import msgspec

from flight.commanding.onboard import Done
from flight.core import Core
from flight.sequences.record import Sequence
from flight.telemetry.current import CurrentValues, Sample
from hal.api.clock import NS_PER_S
from telemetry_defs.definitions import Command, Event, FailureCode, Mode
from telemetry_defs.packets import TimeQuality
from telemetry_defs.points import Point


class RoverAround:
    """The `Surroundings` of a `Runner` in flight."""

    def __init__(self, core: Core, values: CurrentValues) -> None:
        self._core = core
        self._values = values

    def now_ns(self) -> int:
        """Monotonic time."""
        return self._core.clock.now_ns()

    @property
    def mode(self) -> Mode:
        """The mode now."""
        return self._core.modes.mode

    @property
    def stops(self) -> int:
        """STOPs received from ground since boot."""
        return self._core.path.received.stops

    def is_valid_now(self, sequence: Sequence) -> bool:
        """Whether on-board time can be trusted and lies in the sequence's window; True if it has none."""
        if not sequence.has_window:
            return True
        time, start_s, stop_s = self._core.time, sequence.valid_from_gps_s, sequence.valid_until_gps_s
        gps_ns = time.gps_ns()
        begun = start_s is None or gps_ns >= start_s * NS_PER_S
        over = stop_s is not None and gps_ns > stop_s * NS_PER_S
        return time.quality is not TimeQuality.UNSET and begun and not over

    def submit(self, command: Command, arguments: object, done: Done) -> FailureCode | None:
        """Put a command into the queue; why not, if not."""
        return self._core.onboard.submit(command, arguments, done)

    def read(self, point: Point, now_ns: int) -> Sample:
        """A value of telemetry."""
        return self._values.read(point, now_ns)

    def emit(self, event: Event, fields: msgspec.Struct) -> None:
        """Report an event."""
        self._core.events.emit(event, fields)
