"""Telecommands in the order of their release times; kept over restarts, each run at most once.

An entry is taken out of the kept file, and that is durable, before it runs: a power cut between the two loses the
entry rather than run it twice, and where storage fails it is refused.  While on-board time cannot be trusted, and after
it has stepped, nothing runs until ground says go.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from flight.commanding.execution import Verification
from flight.commanding.onboard import OnboardCommands
from flight.commanding.queue import CommandQueue
from flight.context import EventSink, Parameters
from flight.durable import Durable
from flight.kept_file import KeptFile
from flight.onboard_time import OnboardTime
from flight.timeline.kept import Entry, KeptTimeline
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import timeline as area
from telemetry_defs.definitions import FailureCode
from telemetry_defs.packets import Tc, TimeQuality, parse_tc
from telemetry_defs.reports import request_number

STEP_NS: Final = NS_PER_S
"""A step of on-board time beyond this makes every release time doubtful."""


def _nothing(_: bool) -> None:
    """For changes that nobody waits for."""


class Timeline:
    """The row `timeline` and what its telecommands change."""

    def __init__(
        self,
        *,
        file: KeptFile[KeptTimeline],
        durable: Durable,
        onboard: OnboardCommands,
        queue: CommandQueue,
        verification: Verification,
        time: OnboardTime,
        events: EventSink,
        parameters: Parameters,
    ) -> None:
        self._file = file
        self._durable = durable
        self._onboard = onboard
        self._queue = queue
        self._verification = verification
        self._time = time
        self._events = events
        self._parameters = parameters
        kept = file.read() or KeptTimeline()
        self.entries: list[Entry] = sorted(kept.entries)
        self.enabled = kept.enabled
        self.held = kept.held
        self._number = max((entry.number for entry in self.entries), default=0)
        self._offset_ns = time.offset_ns
        self._leaving = 0
        """Taken out and not yet known to be durably out."""
        self._ready: deque[Tc] = deque()
        self.released = self.late = self.refused = 0

    @property
    def lost(self) -> bool:
        """Whether what was kept could not be read."""
        return self._file.lost

    @property
    def trusted(self) -> bool:
        """Whether release times mean anything now."""
        return self._time.quality is not TimeQuality.UNSET

    def gps_ns(self) -> int:
        """On-board time."""
        return self._time.gps_ns()

    def tick(self, now_ns: int) -> None:
        """Run what is due."""
        offset_ns = self._time.offset_ns
        if self.entries or self._leaving or self._ready:
            self._watch_clock(offset_ns)
            self._run_ready()
            if self.entries and self.enabled and not self.held:
                self._release(now_ns + offset_ns)
        self._offset_ns = offset_ns

    def make_safe(self) -> None:
        """No outputs."""

    def _watch_clock(self, offset_ns: int) -> None:
        stepped = abs(offset_ns - self._offset_ns) > STEP_NS
        if not self.held and (stepped or not self.trusted):
            self.held = True
            self._events.emit(area.HELD)
            self.keep(_nothing)

    def _release(self, gps_ns: int) -> None:
        due: list[Tc] = []
        changed = False
        limit_ns = round(self._parameters.get(area.LATE_S) * NS_PER_S)
        while self.entries and self.entries[0].release_ns <= gps_ns:
            entry = self.entries.pop(0)
            changed = True
            tc = parse_tc(entry.packet)
            late_ns = gps_ns - entry.release_ns
            if late_ns > limit_ns:
                self._drop(tc, late_ns)
            else:
                due.append(tc)
        if changed:
            self._leaving += 1
            self.keep(partial(self._left, due))

    def _drop(self, tc: Tc, late_ns: int) -> None:
        self.late += 1
        late = area.Late(request=request_number(tc.request_id), late_s=late_ns / NS_PER_S)
        self._events.emit(area.TOO_LATE, late)
        self._verification.failed(tc, 2, FailureCode.TIMEOUT, late_ns / NS_PER_S)

    def _left(self, due: list[Tc], durable: bool) -> None:
        self._leaving -= 1
        if durable:
            self._ready.extend(due)
            return
        for tc in due:
            self._refuse(tc, FailureCode.STORAGE)

    def _run_ready(self) -> None:
        while self._ready and not self._queue.full:
            tc = self._ready.popleft()
            if self.held or not self.enabled:  # since it was taken out
                self._refuse(tc, FailureCode.ABORTED)
                continue
            code = self._onboard.submit_tc(tc)
            if code is None:
                self.released += 1
            else:
                self._count_refused(tc, code)

    def _refuse(self, tc: Tc, code: FailureCode) -> None:
        self._verification.failed(tc, 2, code, None)
        self._count_refused(tc, code)

    def _count_refused(self, tc: Tc, code: FailureCode) -> None:
        self.refused += 1
        self._events.emit(area.REFUSED, area.NotRun(request=request_number(tc.request_id), code=code))

    # For the telecommands.

    def find(self, source_id: int, apid: int, sequence_count: int) -> Entry | None:
        """The waiting telecommand with this request identifier."""
        for entry in self.entries:
            tc = parse_tc(entry.packet)
            if (tc.source_id, tc.apid, tc.sequence_count) == (source_id, apid, sequence_count):
                return entry
        return None

    def insert(self, release_ns: int, packet: bytes) -> Entry:
        """Let one wait; the caller has looked at everything."""
        if not self.entries:  # a clock that was set in this very cycle, before anything waited, makes nothing doubtful
            self._offset_ns = self._time.offset_ns
        self._number += 1
        entry = Entry(release_ns, self._number, packet)
        insort(self.entries, entry)
        return entry

    def remove(self, entry: Entry) -> None:
        """Forget one, if it still waits."""
        if entry in self.entries:
            self.entries.remove(entry)

    def shift(self, entry: Entry, offset_ns: int) -> None:
        """Move one in time."""
        self.entries.remove(entry)
        insort(self.entries, Entry(entry.release_ns + offset_ns, entry.number, entry.packet))

    def shift_all(self, offset_ns: int) -> None:
        """Move all; their order stays."""
        self.entries = [Entry(item.release_ns + offset_ns, item.number, item.packet) for item in self.entries]

    def reset(self) -> None:
        """Forget everything and run nothing; what is left cannot be in doubt, so that nothing is held either."""
        self.entries.clear()
        self.enabled = self.held = False

    def keep(self, done: Callable[[bool], None]) -> None:
        """Write down what waits; `done` hears whether it is durable."""
        kept = KeptTimeline(enabled=self.enabled, held=self.held, entries=tuple(self.entries))
        self._durable.keep(lambda: self._file.write(kept), done)

    def housekeeping(self) -> area.TimelineHk:
        """State of the timeline."""
        return area.TimelineHk(
            enabled=self.enabled,
            held=self.held,
            entries=len(self.entries),
            next_gps_s=self.entries[0].release_ns / NS_PER_S if self.entries else None,
            released=self.released,
            late=self.late,
            refused=self.refused,
        )
