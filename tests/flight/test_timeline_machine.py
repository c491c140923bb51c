"""The timeline as a state machine on a disk that loses power: never early, never twice, in order, nothing forgotten."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hal.api.clock import NS_PER_S
from telemetry_defs.areas import timeline as area
from telemetry_defs.packets import TimeQuality
from tests.fakes.context import FakeExecution
from tests.flight.timeline_bench import TimelineBench, waiting

PATIENCE_NS = NS_PER_S
"""By then what is due has left the timeline."""
PICK = st.integers(0, 63)


class TimelineMachine(RuleBasedStateMachine):
    """The model holds what ground knows: what was acknowledged, and what it has asked for since."""

    def __init__(self) -> None:
        super().__init__()
        self.tag = 0
        self.unsure: list[tuple[FakeExecution, int]] = []
        self.known: set[int] = set()
        """Acknowledged as waiting, and nobody has asked for them to go."""
        self.checked = 0
        self.order: list[int] = []
        """As they left the timeline."""

    @initialize(seed=st.integers(0, 1000))
    def start(self, seed: int) -> None:
        self.bench = TimelineBench(seed)

    # Ground.

    @rule(in_s=st.floats(1.5, 100.0))
    def insert(self, in_s: float) -> None:
        self.tag += 1
        execution = self.bench.insert(self.tag, in_s)
        full = len(self.bench.timeline.entries) > area.MAX_ENTRIES
        assert not full
        if execution.failure is None:
            self.unsure.append((execution, self.tag))
        else:
            assert not self.bench.timeline.trusted or len(self.bench.timeline.entries) == area.MAX_ENTRIES

    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        tag = self._one(pick)
        self.known.discard(tag)
        self.unsure = [item for item in self.unsure if item[1] != tag]
        self.bench.give(area.DELETE, self.bench.key(tag))
        assert tag not in waiting(self.bench.timeline)

    @rule(pick=PICK, offset_s=st.floats(-60.0, 60.0))
    def shift(self, pick: int, offset_s: float) -> None:
        tag = self._one(pick)
        before = waiting(self.bench.timeline).get(tag)
        execution = self.bench.shift(tag, offset_s)
        after = waiting(self.bench.timeline).get(tag)
        moved = before is not None and execution.failure is None
        assert after == (before + round(offset_s * NS_PER_S) if moved and before is not None else before)

    @rule(offset_s=st.floats(0.0, 30.0))
    def shift_all(self, offset_s: float) -> None:
        self.bench.give(area.SHIFT_ALL, area.ShiftAll(offset_s=offset_s))

    @rule(command=st.sampled_from((area.ENABLE, area.ENABLE, area.DISABLE)))
    def switch(self, command: object) -> None:
        self.bench.give(command)  # type: ignore[arg-type]  # one of the three above
        assert self.bench.timeline.enabled == (command is area.ENABLE)

    @rule()
    def go(self) -> None:
        self.bench.give(area.GO)
        assert not (self.bench.timeline.held and self.bench.timeline.trusted)

    @rule()
    def reset(self) -> None:
        self.known.clear()
        self.unsure.clear()
        self.bench.give(area.RESET)
        assert not waiting(self.bench.timeline)

    # The world.

    @rule(cycles=st.integers(1, 200))
    def pass_time(self, cycles: int) -> None:
        for _ in range(cycles):
            self._cycle()

    @rule(step_s=st.floats(-200.0, 200.0))
    def set_clock(self, step_s: float) -> None:
        bench = self.bench
        doubtful = bool(bench.timeline.entries) and abs(step_s) > 1.001
        bench.time.set_gps_ns(bench.time.gps_ns() + round(step_s * NS_PER_S))
        self._cycle()
        if doubtful:
            assert bench.timeline.held
            ran = len(bench.ran)
            for _ in range(3):
                self._cycle()
            assert len(bench.ran) == ran

    @rule(off_s=st.floats(0.0, 90.0), lost_clock=st.booleans())
    def cut_power(self, off_s: float, lost_clock: bool) -> None:
        self._settle()
        if lost_clock:
            self.bench.rtc.offset_ns = None
        self.bench.restart(off_s)
        found = waiting(self.bench.timeline)
        assert self.known <= set(found), "an acknowledged telecommand is gone"
        assert set(found).isdisjoint(self.bench.tags_ran()), "it ran and waits again"
        self.unsure.clear()

    # What must hold.

    @invariant()
    def never_twice(self) -> None:
        ran = self.bench.tags_ran()
        assert len(ran) == len(set(ran))

    @invariant()
    def counted(self) -> None:
        hk = self.bench.timeline.housekeeping()
        assert hk.entries == len(waiting(self.bench.timeline)) <= area.MAX_ENTRIES
        assert list(waiting(self.bench.timeline).values()) == sorted(waiting(self.bench.timeline).values())

    def _cycle(self) -> None:
        """One cycle; what left the timeline in it was due, and leaves in order."""
        bench, timeline = self.bench, self.bench.timeline
        before, tick_gps_ns = waiting(timeline), bench.time.gps_ns()
        bench.cycles()
        gps_ns = bench.time.gps_ns()
        left = [tag for tag in before if tag not in waiting(timeline)]
        assert left == list(before)[: len(left)]
        for tag in left:
            assert before[tag] <= tick_gps_ns, "early"
        self.known.difference_update(left)
        self.order += left
        self._settle()
        self.known.difference_update(bench.tags_ran())
        runs = timeline.enabled and not timeline.held and bench.time.quality is not TimeQuality.UNSET
        overdue = [tag for tag, release_ns in before.items() if release_ns < gps_ns - PATIENCE_NS]
        if runs:
            assert set(overdue).isdisjoint(waiting(timeline)), "due and still waiting"
        new = [item.tag for item in bench.ran[self.checked :]]
        self.checked = len(bench.ran)
        assert set(new).isdisjoint(waiting(timeline))
        places = [self.order.index(tag) for tag in bench.tags_ran()]
        assert places == sorted(places), "out of order"

    def _settle(self) -> None:
        """Take over what has been acknowledged since."""
        still = waiting(self.bench.timeline)
        for execution, tag in self.unsure:
            if execution.completed and tag in still:
                self.known.add(tag)
        self.unsure = [item for item in self.unsure if not item[0].ended]

    def _one(self, pick: int) -> int:
        tags = list(waiting(self.bench.timeline))
        return tags[pick % len(tags)] if tags else 999


TestTimelineMachine = TimelineMachine.TestCase
