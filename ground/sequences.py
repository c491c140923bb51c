"""The sequence counts of all APIDs together: which packets are new, which came before, which are missing."""

from __future__ import annotations

from typing import Final

from ground.archive import Archive
from ground.losses import Arrival, SequenceTracker
from telemetry_defs.definitions import TM_APIDS
from telemetry_defs.formats import DecodedTm
from telemetry_defs.packets import Tm

_BOOT: Final = "system.boot"
_TIME_CHANGED: Final = "system.time_changed"


class Sequences:
    """One tracker for each APID, told of boots and of steps of the on-board clock.

    Attributes:
        trackers: by APID.
        boot_count: of the newest boot that was reported, 0 for none.
    """

    def __init__(self, archive: Archive | None) -> None:
        """`archive` is asked about packets older than a tracker remembers; without one they count as new."""
        self.trackers: dict[int, SequenceTracker] = {}
        self.boot_count = 0
        self._boot_ns = 0
        self._archive = archive

    @property
    def lost(self) -> int:
        """Packets that the counts show to be missing still."""
        return sum(tracker.lost for tracker in self.trackers.values())

    @property
    def duplicates(self) -> int:
        """Packets that came more than once."""
        return sum(tracker.duplicates for tracker in self.trackers.values())

    def take(self, tm: DecodedTm | Tm, received_ns: int) -> Arrival:
        """Judge one packet."""
        tracker = self._tracker(tm.apid)
        if isinstance(tm, DecodedTm) and not tracker.has(tm):
            self._follow(tm, received_ns)  # first: behind a clock set back the report itself looks like an old packet
        arrival = tracker.take(tm, received_ns)
        if arrival is Arrival.OLD and self._archive is not None and self._archive.holds(tm):
            tracker.duplicates += 1
            return Arrival.DUPLICATE
        return arrival

    def _tracker(self, apid: int) -> SequenceTracker:
        if apid not in self.trackers:
            self.trackers[apid] = SequenceTracker()
        return self.trackers[apid]

    def _follow(self, tm: DecodedTm, received_ns: int) -> None:
        if tm.name == _BOOT:
            self._booted(tm, received_ns)
        elif tm.name == _TIME_CHANGED and tm.fields["step_s"] is not None:
            for tracker in self.trackers.values():
                tracker.clock_stepped(round(tm.fields["step_s"] * 1e9), tm.time_ns)

    def _booted(self, report: DecodedTm, received_ns: int) -> None:
        boot_count, recorded_s = report.fields["boot_count"] or 0, report.fields["recorded_until_gps_s"]
        recorded_ns = None if recorded_s is None else round(recorded_s * 1e9)
        newest = boot_count > self.boot_count or report.time_ns > self._boot_ns
        if newest:
            self.boot_count, self._boot_ns = boot_count, report.time_ns
        for apid, first in zip(TM_APIDS, report.fields["first_counts"], strict=True):
            if first is not None:
                self._tracker(apid).boot_reported(first, report.time_ns, recorded_ns, received_ns, newest=newest)
