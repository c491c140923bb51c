"""Packets that never came, seen from the gaps in the sequence counts of each APID.

Counts are 14 bits wide, start at zero at each boot, and packets may overtake each other on two radios. So a count that
lies behind is one of three things: a packet missed before (late), an old packet again (duplicate), or a new boot.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from telemetry_defs.formats import DecodedTm
from telemetry_defs.packets import TimeQuality, Tm

_MODULUS = 1 << 14
_RECENT = 64
_MISSING = 1024
_BOOT_NS = 120_000_000_000
"""The first packets of a boot may come down before its boot report, not by more than this."""


class Arrival(Enum):
    """What a packet was in the sequence of its APID."""

    EXPECTED = "expected"
    AFTER_GAP = "after a gap"
    LATE = "late"
    DUPLICATE = "duplicate"
    RESTART = "restart"


class SequenceTracker:
    """Counts of one APID; ``lost`` are the packets still missing, ``duplicates`` those that came again."""

    def __init__(self) -> None:
        """Nothing received yet; the first count is taken as it is."""
        self.lost = 0
        self.duplicates = 0
        self._next: int | None = None
        self._missing: deque[int] = deque(maxlen=_MISSING)
        self._recent: deque[bytes] = deque(maxlen=_RECENT)
        self._newest_ns = 0
        self._step_ns: int | None = None
        self._step_lost = 0
        """Newest step in the counts: time of the packet behind it, and how many seemed to be missing in between."""

    def take(self, packet: Tm | DecodedTm, raw: bytes) -> Arrival:
        """Judge one packet."""
        arrival = self._judge(packet, raw)
        if arrival is Arrival.DUPLICATE:
            self.duplicates += 1
        else:
            self._recent.append(raw)
            self._newest_ns = max(self._newest_ns, packet.time_ns)
        return arrival

    def boot_reported(self, boot_ns: int) -> None:
        """The rover booted at `boot_ns`: its counts start at zero, unless a packet has shown that already.

        A boot after more than half the counts looks like a gap; that gap is taken back.
        """
        if self._step_ns is not None and 0 <= self._step_ns - boot_ns < _BOOT_NS:
            if self._step_lost:
                self.lost -= self._step_lost
                self._missing.clear()
        else:
            self._begin(0)
            self._newest_ns = boot_ns
        self._step_ns = None

    def _judge(self, packet: Tm | DecodedTm, raw: bytes) -> Arrival:
        count = packet.sequence_count
        if self._next is None:
            self._next = count
            self._step_ns, self._step_lost = packet.time_ns, 0
        ahead = (count - self._next) % _MODULUS
        if ahead == 0:
            self._next = (count + 1) % _MODULUS
            return Arrival.EXPECTED
        if raw in self._recent:
            return Arrival.DUPLICATE
        if ahead < _MODULUS // 2:
            self._gap(self._next, ahead)
            self._step_ns, self._step_lost = packet.time_ns, ahead
            self._next = (count + 1) % _MODULUS
            return Arrival.AFTER_GAP
        if count in self._missing:
            self._missing.remove(count)
            self.lost -= 1
            return Arrival.LATE
        if packet.time_ns <= self._newest_ns and packet.time_quality is not TimeQuality.UNSET:
            return Arrival.DUPLICATE  # an old one: after a boot time has gone on, or is known to be unset
        self._begin(count)
        self._next = (count + 1) % _MODULUS
        self._step_ns, self._step_lost = packet.time_ns, 0
        return Arrival.RESTART

    def _begin(self, count: int) -> None:
        """A new boot, of which ``count`` packets were missed."""
        self._missing.clear()
        self._recent.clear()
        self._gap(0, count)
        self._next = count

    def _gap(self, first: int, length: int) -> None:
        self.lost += length
        self._missing.extend((first + step) % _MODULUS for step in range(max(0, length - _MISSING), length))
