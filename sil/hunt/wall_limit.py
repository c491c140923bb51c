"""An end for what might never come to one: a loop in a driver, a mission whose clock stands."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

AGAIN_S: Final = 0.25
"""What is raised in a destructor or in a callback of the garbage collector is dropped, so it rings more than once."""


class TooLong(BaseException):
    """No `Exception`: flight takes those for a failure of one row, and goes on."""


@contextmanager
def wall_limit(limit_s: float) -> Iterator[None]:
    """Raises `TooLong` in what takes longer; for the main thread of a process, where signals arrive."""

    def ring(_: int, __: FrameType | None) -> None:
        raise TooLong(f"not at its end after {limit_s:.0f} s of wall time")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s, AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
