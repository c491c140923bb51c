"""The station asks again for what was lost: store and forward, seen from the ground.

It looks for holes in the sequence counts and has the rover send what its store holds of that time.  One retrieval runs
at a time, while the rover is heard; what is still missing is asked for again, a few times.  What does not come then
was never recorded (beacons and parts of products are not), or is gone, and stays lost.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ground.errors import GroundError
from ground.losses import Arrival, Hole
from ground.station import Received, Station
from ground.verification import CommandRecord, CommandState

_S: Final = 1_000_000_000
SETTLE_NS: Final = 30 * _S
"""A hole may close by itself: less urgent packets wait on board while more urgent ones overtake them."""
SILENT_NS: Final = 45 * _S
"""Nothing heard for so long: the link is closed.  In IDLE the relay transmitter sends every 30 s."""
GRACE_NS: Final = 5 * _S
"""Behind the completion report there may still be packets on the way by the other radio."""
STALLED_NS: Final = 300 * _S
"""A started retrieval that brings nothing more while the rover is heard: its completion report was lost."""
NEAR_NS: Final = 60 * _S
"""Holes as close as this are asked for together,"""
FARTHEST_NS: Final = 600 * _S
"""up to so long behind the first: what lies between them comes once more too."""
TRIES: Final = 4
"""Of the largest packet a twelfth is lost at a bit error rate of 1e-5: one in 20,000 is lost four times."""
FIRST_PAUSE_NS: Final = 30 * _S
LONGEST_PAUSE_NS: Final = 3600 * _S
"""After a request that the rover did not carry out: twice as long each time, up to an hour."""
LOOK_NS: Final = 10 * _S
"""How often holes are looked for: after a boot thousands of counts are in doubt."""
SLACK_NS: Final = 1_000_000
BOOT_NS: Final = 5 * _S
"""The boot report is made so close to the time from which the rover counts as up."""
ALL: Final = {"service": 0, "classes": 15}
_HEALTH: Final = "system.hk"


class _Request(NamedTuple):
    """One retrieval under way; `apid` 0 is all."""

    record: CommandRecord
    from_ns: int
    to_ns: int
    apid: int
    boot_count: int


class Recovery:
    """Watches one station and sends `store.retrieve` through it; `tick` is called once a second or so.

    Attributes:
        retrievals: requests sent.
        recovered: packets that were missing and came in answer to one.
    """

    def __init__(self, station: Station) -> None:
        """Begin to listen."""
        self.retrievals = 0
        self.recovered = 0
        self._station = station
        self._radio = ""
        self._heard_ns = 0
        self._request: _Request | None = None
        self._boot_tries = 0
        self._moved_ns = 0
        """When the request last got on: sent, something came of it, or the link was closed."""
        self._pause_ns = 0
        self._earliest_ns = 0
        station.on_packet(self._heard)

    def tick(self, now_ns: int) -> None:
        """Look how the request under way is doing, or make the next one."""
        silent = not self._radio or now_ns - self._heard_ns >= SILENT_NS
        if self._request is not None:
            if silent:
                self._moved_ns = now_ns
            self._look_after(self._request, now_ns)
        elif not silent and now_ns >= self._earliest_ns:
            self._ask(now_ns)

    def _heard(self, received: Received) -> None:
        self._radio, self._heard_ns = received.radio, received.received_ns
        request, tm = self._request, received.decoded
        if request is None or tm is None or received.arrival is not Arrival.LATE:
            return
        if request.from_ns <= tm.time_ns <= request.to_ns and request.apid in (0, tm.apid):
            self.recovered += 1
            self._moved_ns = received.received_ns

    # ---- one request -----------------------------------------------------------------------------------------------

    def _ask(self, now_ns: int) -> None:
        self._earliest_ns = now_ns + LOOK_NS
        holes = self._ripe_holes(now_ns)
        span = _together(holes) if holes else self._before_the_first()
        if span is None:
            return
        from_ns, to_ns, apid = span
        args = {"from_gps_s": max(from_ns, 0) / 1e9, "to_gps_s": to_ns / 1e9, "apid": apid, **ALL}
        try:
            record = self._station.send_command("store.retrieve", args, now_ns, self._radio)
        except GroundError as error:
            self._station.warn(str(error))
            self._pause(now_ns)
            return
        self.retrievals += 1
        self._moved_ns = now_ns
        self._request = _Request(record, from_ns, to_ns, apid, self._station.sequences.boot_count)

    def _ripe_holes(self, now_ns: int) -> list[tuple[Hole, int]]:
        """Holes and their APIDs, oldest first."""
        found = [
            (hole, apid)
            for apid, tracker in sorted(self._station.sequences.trackers.items())
            for hole in tracker.holes(TRIES)
            if now_ns - hole.opened_ns >= SETTLE_NS
        ]
        return sorted(found, key=lambda item: (item[0].from_ns, item[0].to_ns))

    def _before_the_first(self) -> tuple[int, int, int] | None:
        """While no boot report has come nobody knows what was before the first packets: the time of the boot."""
        health = self._station.latest(_HEALTH)
        if self._station.sequences.boot_count or health is None or self._boot_tries >= TRIES:
            return None
        uptime_s = health.fields["uptime_s"]
        if uptime_s is None:
            return None
        self._boot_tries += 1
        boot_ns = health.time_ns - round(uptime_s * 1e9)
        return boot_ns - BOOT_NS, boot_ns + BOOT_NS, health.apid

    def _look_after(self, request: _Request, now_ns: int) -> None:
        record = request.record
        if request.boot_count != self._station.sequences.boot_count:
            self._request = None  # the rover forgot it at its boot
        elif record.completed:
            if now_ns - record.reports[-1][0] >= GRACE_NS:
                self._pause_ns = 0
                self._answered(request)
        elif record.failed:
            self._pause(now_ns)
            self._answered(request)
        elif record.state is CommandState.NO_ANSWER or now_ns - self._moved_ns >= STALLED_NS:
            self._pause(now_ns)
            if record.started:
                self._answered(request)
            self._request = None

    def _answered(self, request: _Request) -> None:
        """The rover has done what it could: what is missing still has had one try more."""
        self._request = None
        for apid, tracker in self._station.sequences.trackers.items():
            if request.apid in (0, apid):
                tracker.asked(request.from_ns, request.to_ns, TRIES)

    def _pause(self, now_ns: int) -> None:
        self._pause_ns = min(2 * self._pause_ns, LONGEST_PAUSE_NS) if self._pause_ns else FIRST_PAUSE_NS
        self._earliest_ns = now_ns + self._pause_ns


def _together(holes: list[tuple[Hole, int]]) -> tuple[int, int, int]:
    """The oldest hole with its neighbours: from, to, and the APID if it is one only, else 0."""
    first, apid = holes[0]
    from_ns, to_ns, apids = first.from_ns, first.to_ns, [apid]
    for hole, apid in holes[1:]:
        if hole.from_ns > to_ns + NEAR_NS or hole.to_ns > first.to_ns + FARTHEST_NS:
            break
        to_ns = max(to_ns, hole.to_ns)
        apids.append(apid)
    return from_ns - SLACK_NS, to_ns + SLACK_NS, apids[0] if len(set(apids)) == 1 else 0
