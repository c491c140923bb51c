"""Running sequences as a state machine: in order, each step once, none after an abort, and all bounded in time."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from flight.sequences.runner import ABORT_STEP_NS, QUEUE_FULL_NS
from flight.telemetry.current import Sample
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import sequences as area
from telemetry_defs.areas.sequences import MAX_RUNNING
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.points import Validity
from tests.flight.sequence_bench import HEAD, STOP, WAIT, Given, SequenceBench, hk_step

RUN_S = 60.0
IDS = tuple(range(64, 64 + MAX_RUNNING + 2))
ABORT = '[[abort_step]]\ncommand = "system.enable_hk"\nargs = {{ structure_id = {} }}\n'
CODES = st.sampled_from((FailureCode.DEVICE, FailureCode.TIMEOUT, FailureCode.ABORTED))


def text_of(sequence_id: int) -> str:
    """Its commands carry their sequence and step: 10 a sequence, those above 5 are abort steps."""
    base = 10 * (sequence_id - IDS[0])
    steps = hk_step(0.0, base + 1) + hk_step(1.0, base + 2) + WAIT + hk_step(0.5, base + 4)
    aborts = ABORT.format(base + 6) + STOP + ABORT.format(base + 8)
    return HEAD.replace("id = 64", f"id = {sequence_id}").replace("1000.0", str(RUN_S)) + steps + aborts


class SequenceMachine(RuleBasedStateMachine):
    """The commands that were given, per start of a sequence, are the whole truth."""

    @initialize()
    def start_bench(self) -> None:
        self.bench = SequenceBench(shipped=())
        for sequence_id in IDS:
            self.bench.load(text_of(sequence_id))
        self.begun: dict[int, int] = {}
        """When each that runs was started."""
        self.told = 0
        self.steps: dict[int, list[int]] = {}
        """Of each since its last start, in order."""

    def _look(self) -> None:
        for given in self.bench.rover.given[self.told :]:
            if given.tag >= 0:
                self.steps[IDS[0] + given.tag // 10].append(given.tag % 10)
        self.told = len(self.bench.rover.given)

    @rule(sequence_id=st.sampled_from(IDS))
    def start(self, sequence_id: int) -> None:
        running = [runner.sequence.sequence_id for runner in self.bench.engine.running]
        code = self.bench.services.start(sequence_id)
        if sequence_id in running:
            assert code is FailureCode.BUSY
        elif len(running) >= MAX_RUNNING:
            assert code is FailureCode.LIMIT
        elif self.bench.rover.mode is not Mode.IDLE:
            assert code is FailureCode.MODE
        else:
            assert code is None
            self.begun[sequence_id] = self.bench.clock.now_ns()
            self.steps[sequence_id] = []

    @rule(cycles=st.integers(1, 40))
    def go_on(self, cycles: int) -> None:
        for _ in range(cycles):
            self.bench.cycles()
            self._look()

    @rule(pick=st.integers(0, 7), code=st.none() | CODES)
    def end_a_command(self, pick: int, code: FailureCode | None) -> None:
        """Any of the latest, those that ended long ago among them."""
        given: list[Given] = self.bench.rover.given[-8:]
        if given:
            given[pick % len(given)].done(code)

    @rule(value=st.sampled_from((None, 0.1, 0.7)))
    def measure(self, value: float | None) -> None:
        self.bench.rover.sample = Sample(value, Validity.NO_VALUE if value is None else Validity.GOOD)

    @rule(refusal=st.sampled_from((None, None, FailureCode.QUEUE_FULL, FailureCode.MODE)))
    def queue(self, refusal: FailureCode | None) -> None:
        self.bench.rover.refusal = refusal

    @rule(mode=st.sampled_from((Mode.IDLE, Mode.IDLE, Mode.CHARGE, Mode.SAFE)))
    def enter(self, mode: Mode) -> None:
        self.bench.rover.mode = mode

    @rule(sequence_id=st.sampled_from(IDS))
    def abort(self, sequence_id: int) -> None:
        self.bench.give(area.ABORT, area.SequenceId(sequence_id=sequence_id))

    @rule()
    def fail_the_row(self) -> None:
        self.bench.engine.make_safe()

    @invariant()
    def steps_run_in_order_and_once(self) -> None:
        for steps in getattr(self, "steps", {}).values():
            assert steps == sorted(set(steps))

    @invariant()
    def only_so_many_run_and_not_for_ever(self) -> None:
        if not hasattr(self, "bench"):
            return
        assert len(self.bench.engine.running) <= MAX_RUNNING
        longest_ns = round(RUN_S * NS_PER_S) + 3 * (ABORT_STEP_NS + QUEUE_FULL_NS) + NS_PER_S
        now_ns = self.bench.clock.now_ns()
        for runner in self.bench.engine.running:
            assert now_ns - runner.started_ns <= longest_ns

    @invariant()
    def each_start_ends_once(self) -> None:
        if not hasattr(self, "bench"):
            return
        engine, events = self.bench.engine, self.bench.events
        aborting = sum(runner.aborting for runner in engine.running)
        assert engine.started == engine.completed + engine.aborted + len(engine.running)
        assert events.count(area.STARTED) == engine.started
        assert events.count(area.ABORTED) == engine.aborted + aborting


TestSequenceMachine = SequenceMachine.TestCase
