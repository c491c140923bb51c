"""A property and its judgement: how far a run stayed from breaking the promise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import msgspec

from sil.properties.record import Run, seconds_of

UNTESTED: Final = math.inf


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """`margin` is 1 where nothing came near, 0 at the limit, negative beyond it; infinite where nothing tested it."""

    margin: float
    t_s: float = 0.0
    """When it was first broken, or else came nearest."""
    text: str = ""
    trace: tuple[tuple[int, float], ...] = ()
    """Time, ns, and margin of every look."""

    @property
    def holds(self) -> bool:
        """The promise was kept."""
        return self.margin >= 0.0


class Nearest:
    """The smallest margin so far."""

    __slots__ = ("broken_ns", "margin", "t_ns", "text", "trace")

    def __init__(self) -> None:
        self.margin = UNTESTED
        self.t_ns = 0
        self.broken_ns: int | None = None
        self.text = ""
        self.trace: list[tuple[int, float]] = []
        """Every look, for pictures."""

    def note(self, margin: float, t_ns: int, text: str = "") -> None:
        """One look; the nearest counts.  The scale ends at 1."""
        margin = min(1.0, margin)
        self.trace.append((t_ns, margin))
        if margin < 0.0 and self.broken_ns is None:
            self.broken_ns = t_ns
        if margin < self.margin:
            self.margin, self.t_ns, self.text = margin, t_ns, text

    def fail(self, t_ns: int, text: str) -> None:
        """The promise is broken."""
        self.note(-1.0, t_ns, text)

    def judgement(self) -> Judgement:
        """What came of it."""
        t_ns = self.t_ns if self.broken_ns is None else self.broken_ns
        return Judgement(margin=self.margin, t_s=seconds_of(t_ns), text=self.text, trace=tuple(self.trace))


Judge = Callable[[Run], Judgement]


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One promise."""

    name: str
    promise: str
    reason: str
    """Physical or operational."""
    judge: Judge
    excused_by: tuple[str, ...] = ()
    """Patterns of faults that put it beyond what any software can keep."""
    unjudged_after: tuple[str, ...] = ()
    """Patterns of commands after which the judge no longer knows what to expect: a new limit, an order of ground's."""
    exceptions: str = ""
    """What else it does not ask for, in words."""
    aim: bool = False
    """Its margin shrinks step by step as danger grows, so a search may climb down along it."""


NOT_JUDGED: Final = Judgement(margin=UNTESTED)
EXCUSED: Final = Judgement(margin=UNTESTED, text="excused")


def judged(prop: Property, run: Run) -> Judgement:
    """`prop` over `run`, or the excuse."""
    if run.suffered(*prop.excused_by):
        return EXCUSED
    return NOT_JUDGED if run.commanded(*prop.unjudged_after) else prop.judge(run)
