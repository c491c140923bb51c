"""Packets that never came, seen from the gaps in the sequence counts of each APID.

Counts are 14 bits wide, so each comes again after 16,384 packets, and packets may overtake each other on two radios or
come long after, out of the rover's store.  Within one boot a later count never has an earlier time, which tells a
packet that comes late from one that runs ahead.  Over a boot counts go on, with a jump over what was reserved: the boot
report says from where, and what lies between may never have existed.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

import msgspec

from telemetry_defs.formats import DecodedTm
from telemetry_defs.packets import Tm

_S = 1_000_000_000
_MODULUS = 1 << 14
_HALF = _MODULUS // 2
_HALF_TAKES_NS = 300 * _S
"""No rover makes half of all counts in less: such a step is one back, unless so much time has passed."""
_NEAR = 64
_BACK_NS = 60 * _S
"""Behind an unset or slewed clock the next few counts may be so much older than the newest packet."""
_ROUNDING_NS = 1_000
"""Of a time in seconds since 1980 in 64 bits, and more."""


class Arrival(Enum):
    """What a packet was in the sequence of its APID."""

    EXPECTED = "expected"
    AFTER_GAP = "after a gap"
    LATE = "late"
    DUPLICATE = "duplicate"
    OLD = "old"
    """Older than what is remembered: it may be new or not."""

    @property
    def in_turn(self) -> bool:
        """Whether no packet that came before was made after it."""
        return self in (Arrival.EXPECTED, Arrival.AFTER_GAP)


class Gap:
    """Counts that did not come in their turn, between two packets that did, or a packet and a boot."""

    __slots__ = ("after_ns", "before_ns", "first", "known", "opened_ns")

    def __init__(self, first: int, after_ns: int, before_ns: int, known: int, opened_ns: int) -> None:
        """`known` is how many, from the first on, have existed for sure; `opened_ns` when the gap was noticed."""
        self.first = first
        self.after_ns = after_ns
        self.before_ns = max(after_ns, before_ns)
        self.known = known
        self.opened_ns = opened_ns

    def spans(self, time_ns: int) -> bool:
        """Whether a packet of this time can have been in the gap."""
        return self.after_ns <= time_ns <= self.before_ns

    def place(self, count: int) -> int:
        """How far a count lies behind the first."""
        return (count - self.first) % _MODULUS

    def found(self, count: int) -> None:
        """A packet of the gap has come: those before it have existed too."""
        self.known = max(self.known, self.place(count) + 1)


class Missing:
    """One count of a gap, and how often it has been asked for."""

    __slots__ = ("gap", "tries")

    def __init__(self, gap: Gap) -> None:
        self.gap = gap
        self.tries = 0


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """Neighbouring counts that are missing: how many, and the on-board times of the packets around them."""

    first: int
    length: int
    from_ns: int
    to_ns: int
    opened_ns: int


class SequenceTracker:
    """Counts of one APID, each remembered until its number comes again."""

    def __init__(self) -> None:
        """Nothing received yet; unless a boot report comes first, the first count is taken as it is."""
        self.duplicates = 0
        self._next: int | None = None
        self._newest_ns = 0
        self._begun: tuple[int, int] | None = None
        """Count and time of the very first packet, until a boot report has said what was before it."""
        self._seen: dict[int, int] = {}
        self._missing: dict[int, Missing] = {}
        self._lost_for_good = 0

    @property
    def lost(self) -> int:
        """Packets that have existed and are still missing."""
        return self._lost_for_good + sum(_existed(count, item) for count, item in self._missing.items())

    def has(self, packet: Tm | DecodedTm) -> bool:
        """Whether this very packet is remembered."""
        return self._seen.get(packet.sequence_count) == packet.time_ns

    def take(self, packet: Tm | DecodedTm, received_ns: int) -> Arrival:
        """Judge one packet."""
        count, time_ns = packet.sequence_count, packet.time_ns
        if self.has(packet):
            self.duplicates += 1
            return Arrival.DUPLICATE
        arrival = self._judge(count, time_ns, received_ns)
        self._seen[count] = time_ns
        return arrival

    def _judge(self, count: int, time_ns: int, received_ns: int) -> Arrival:
        if self._next is None:
            self._next, self._newest_ns, self._begun = count, time_ns, (count, time_ns)
        missing = self._missing.get(count)
        if missing is not None and missing.gap.spans(time_ns):
            del self._missing[count]
            missing.gap.found(count)
            return Arrival.LATE
        ahead = (count - self._next) % _MODULUS
        if not self._follows(ahead, time_ns):
            return Arrival.OLD
        self._open(self._next, ahead, self._newest_ns, time_ns, received_ns)
        self._pass(count)
        self._next, self._newest_ns = (count + 1) % _MODULUS, time_ns
        return Arrival.AFTER_GAP if ahead else Arrival.EXPECTED

    def _follows(self, ahead: int, time_ns: int) -> bool:
        since_ns = time_ns - self._newest_ns
        if since_ns < 0:
            return ahead < _NEAR and since_ns >= -_BACK_NS
        return ahead < _HALF or since_ns >= _HALF_TAKES_NS

    def _open(
        self, first: int, length: int, after_ns: int, before_ns: int, opened_ns: int, *, existed: bool = True
    ) -> None:
        """Note as missing what has not come already, out of its turn."""
        gap = Gap(first, after_ns, before_ns, length if existed else 0, opened_ns)
        for count in _counts(first, length):
            if gap.spans(self._seen.get(count, -1)):
                gap.found(count)
            else:
                self._pass(count)
                self._missing[count] = Missing(gap)

    def _pass(self, count: int) -> None:
        """This number is used again: what is still missing under it is so for good."""
        missing = self._missing.pop(count, None)
        self._lost_for_good += missing is not None and _existed(count, missing)

    # ---- what the rover says of its counts and its clock -----------------------------------------------------------

    def boot_reported(
        self, first: int, boot_ns: int, recorded_ns: int | None, received_ns: int, *, newest: bool
    ) -> None:
        """The rover booted at `boot_ns` and counts from `first` on; what it had recorded ends at `recorded_ns`.

        `newest` is False for the report of an earlier boot that comes late.
        """
        until_ns = boot_ns if recorded_ns is None else recorded_ns + _ROUNDING_NS
        if self._next is None:
            self._next, self._newest_ns = first, boot_ns
        elif (gap := self._gap_over(first, boot_ns)) is not None:
            self._divide(gap, first, boot_ns, until_ns)
        elif (self._next - 1 - first) % _MODULUS < _HALF and self._newest_ns >= boot_ns:
            self._begin_at(first, boot_ns, received_ns)
        elif newest:
            if until_ns >= self._newest_ns:
                length = (first - self._next) % _MODULUS
                self._open(self._next, length, self._newest_ns, until_ns, received_ns, existed=False)
            self._next, self._newest_ns = first, boot_ns
        self._begun = None

    def _gap_over(self, first: int, boot_ns: int) -> Gap | None:
        for count in (first, (first - 1) % _MODULUS):
            missing = self._missing.get(count)
            if missing is not None and missing.gap.spans(boot_ns):
                return missing.gap
        return None

    def _divide(self, gap: Gap, first: int, boot_ns: int, until_ns: int) -> None:
        """A gap with a boot in it: before the boot only what was recorded exists for sure, behind it everything."""
        at = gap.place(first)
        old = Gap(gap.first, gap.after_ns, until_ns, 0, gap.opened_ns)
        new = Gap(first, boot_ns, gap.before_ns, gap.known - at, gap.opened_ns)
        of_gap = [(count, item) for count, item in self._missing.items() if item.gap is gap]
        left = dict.fromkeys(count for count, _ in of_gap)
        for count in _counts(gap.first, at):
            if count not in left:
                old.found(count)
        for count, item in of_gap:
            item.gap = old if gap.place(count) < at else new
            if item.gap is old and until_ns < gap.after_ns:
                del self._missing[count]

    def _begin_at(self, first: int, boot_ns: int, received_ns: int) -> None:
        """Packets of this boot came before its report: those ahead of the very first one are missing."""
        if self._begun is not None:
            count, time_ns = self._begun
            self._open(first, (count - first) % _MODULUS, boot_ns, time_ns, received_ns)

    def clock_stepped(self, step_ns: int, time_ns: int) -> None:
        """Ground moved the on-board clock by `step_ns` to `time_ns`: if back, what is newest begins again there."""
        if 0 < self._newest_ns - time_ns <= _BACK_NS - step_ns:
            self._newest_ns = time_ns

    # ---- for those who ask again -----------------------------------------------------------------------------------

    def holes(self, most_tries: int) -> Iterator[Hole]:
        """What is missing and was asked for less often than this, in order of time."""
        run: list[int] = []
        gap: Gap | None = None
        for count, item in self._missing.items():
            if item.tries >= most_tries:
                continue
            if gap is not None and (item.gap is not gap or count != (run[-1] + 1) % _MODULUS):
                yield self._hole(gap, run)
                run = []
            gap = item.gap
            run.append(count)
        if gap is not None:
            yield self._hole(gap, run)

    def asked(self, from_ns: int, to_ns: int, most_tries: int) -> None:
        """Of `holes`, those within these times were asked for once more, and have not come."""
        for hole in tuple(self.holes(most_tries)):
            if from_ns <= hole.from_ns and hole.to_ns <= to_ns:
                for count in _counts(hole.first, hole.length):
                    self._missing[count].tries += 1

    def _hole(self, gap: Gap, run: list[int]) -> Hole:
        before = self._seen.get((run[0] - 1) % _MODULUS, -1)
        behind = self._seen.get((run[-1] + 1) % _MODULUS, -1)
        return Hole(
            first=run[0],
            length=len(run),
            from_ns=before if gap.spans(before) else gap.after_ns,
            to_ns=behind if gap.spans(behind) else gap.before_ns,
            opened_ns=gap.opened_ns,
        )


def _counts(first: int, length: int) -> Iterator[int]:
    return ((first + step) % _MODULUS for step in range(length))


def _existed(count: int, missing: Missing) -> bool:
    return missing.gap.place(count) < missing.gap.known
