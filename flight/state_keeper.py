"""The state keeper: writes the state image when something in it matters, and soon enough otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.context import EventSink, Modes
from flight.kept_file import KeptFile
from flight.state_image import StateImage
from flight.telemetry.counters import SequenceCounters
from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode

INTERVAL_NS: Final = 60 * NS_PER_S
SOONEST_NS: Final = NS_PER_S
PATIENCE_NS: Final = 2 * NS_PER_S


class StateKeeper:
    """A changed mode or a newly accepted telecommand is written within a second, all else every minute."""

    def __init__(
        self,
        *,
        storage: Storage,
        file: KeptFile[StateImage],
        modes: Modes,
        counters: SequenceCounters,
        accepted: Callable[[], int],
        build_image: Callable[[int], StateImage],
        overdue: Callable[[int], bool],
        events: EventSink,
        clock: Clock,
    ) -> None:
        """`overdue` knows of a change that must not wait for the next minute."""
        self._storage = storage
        self._file = file
        self._modes = modes
        self._counters = counters
        self._accepted = accepted
        self._build_image = build_image
        self._overdue = overdue
        self._events = events
        self._clock = clock
        self._saved_mode: Mode | None = None
        self._saved_accepted = -1
        self._saved_ns = -INTERVAL_NS
        self._ticket = 0
        self._failing = False
        self._begun_ns: int | None = None
        self._ready = False

    def tick(self, now_ns: int) -> None:
        """Write if there is reason to."""
        changed = (
            self._modes.mode is not self._saved_mode
            or self._counters.low
            or self._overdue(now_ns)
            or (self._accepted() != self._saved_accepted and now_ns - self._saved_ns >= SOONEST_NS)
        )
        if changed or now_ns - self._saved_ns >= INTERVAL_NS:
            self.save(now_ns)

    def save(self, now_ns: int) -> int | None:
        """Write now and ask for the sync; returns the ticket of the write, None if storage refused it."""
        self._saved_mode, self._saved_accepted, self._saved_ns = self._modes.mode, self._accepted(), now_ns
        try:
            self._ticket = self._file.write(self._build_image(now_ns))
            self._storage.request_sync()
        except DeviceError:
            if not self._failing:
                self._events.emit(system.STORAGE_FAILED)
            self._failing = True
            return None
        self._failing = False
        return self._ticket

    def counts_reserved(self) -> bool:
        """Whether packets may leave: what this boot counts with is durably taken from the next.

        A storage that does not answer for `PATIENCE_NS` must not silence the rover.
        """
        if not self._ready:
            now_ns = self._clock.now_ns()
            if self._begun_ns is None:
                self._begun_ns = now_ns
            self._ready = self.is_saved() or now_ns - self._begun_ns >= PATIENCE_NS
        return self._ready

    @property
    def ticket(self) -> int:
        """Of the last write, to wait for its sync."""
        return self._ticket

    def is_saved(self) -> bool:
        """Whether the last write is durable."""
        try:
            return not self._failing and self._storage.synced_through() >= self._ticket
        except DeviceError:
            return False
