"""What can befall a serial chip's replies: faults to set on a line, or on one chip where the chip offers it."""

from __future__ import annotations

from sim_hal.buses.serial import ReplyFault, SerialLine
from sim_hal.clock import Rank, SimClock, Timer

Pieces = list[tuple[bytes, int]]


def silence(data: bytes, delay_ns: int) -> Pieces:
    """No reply at all."""
    del data, delay_ns
    return []


def late(extra_ns: int) -> ReplyFault:
    """The reply begins later by `extra_ns`."""

    def fault(data: bytes, delay_ns: int) -> Pieces:
        return [(data, delay_ns + extra_ns)]

    return fault


def truncated(kept: int) -> ReplyFault:
    """Only the first `kept` bytes come."""

    def fault(data: bytes, delay_ns: int) -> Pieces:
        return [(data[:kept], delay_ns)] if kept else []

    return fault


def corrupted(index: int, mask: int = 0xFF) -> ReplyFault:
    """The bits of `mask` are flipped in byte `index`, counted from the end where negative, around where too large."""

    def fault(data: bytes, delay_ns: int) -> Pieces:
        spoilt = bytearray(data)
        if spoilt:
            spoilt[index % len(spoilt)] ^= mask
        return [(bytes(spoilt), delay_ns)]

    return fault


def followed_by(extra: bytes = b"\xff", gap_ns: int = 0) -> ReplyFault:
    """Bytes too many behind each reply, after a pause of `gap_ns`."""

    def fault(data: bytes, delay_ns: int) -> Pieces:
        return [(data, delay_ns), (extra, delay_ns + gap_ns)]

    return fault


def preceded_by(extra: bytes = b"\xff") -> ReplyFault:
    """Bytes too many before each reply."""

    def fault(data: bytes, delay_ns: int) -> Pieces:
        return [(extra + data, delay_ns)]

    return fault


class Only:
    """A fault that befalls `count` replies, after `after` good ones; `seen` counts them all."""

    def __init__(self, fault: ReplyFault, *, count: int = 1, after: int = 0) -> None:
        self._fault = fault
        self._first = after
        self._end = after + count
        self.seen = 0

    def __call__(self, data: bytes, delay_ns: int) -> Pieces:
        number, self.seen = self.seen, self.seen + 1
        return self._fault(data, delay_ns) if self._first <= number < self._end else [(data, delay_ns)]


def babble(clock: SimClock, line: SerialLine, data: bytes, period_ns: int) -> Timer:
    """A chip that talks without being asked, each `period_ns`, until the timer is cancelled."""
    return clock.every(period_ns, lambda: line.babble(data), Rank.FAULT)
