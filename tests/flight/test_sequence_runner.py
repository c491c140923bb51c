"""A running sequence: when each step runs, and every reason for which it is aborted as a unit."""

import pytest

from flight.sequences.record import MAX_ABORT_STEPS, CommandStep
from flight.sequences.runner import ABORT_STEP_NS, PROTECTIVE, QUEUE_FULL_NS
from flight.telemetry.current import Sample
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import mobility, sequences as area, system
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.points import Validity
from tests.flight.sequence_bench import HEAD, PING, STOP, WAIT, SequenceBench, hk_step, step

TWO = HEAD + hk_step(0.0, 1) + hk_step(0.0, 2) + STOP
ARC = step(0.0, "mobility.arc", "{ curvature_1_m = 0.0, distance_m = 1.0, speed_m_s = 0.03, timeout_s = 60.0 }")
WINDOW = "valid_from_utc = 2029-09-24T00:00:00Z\nvalid_until_utc = 2029-09-25T00:00:00Z\n"


@pytest.fixture
def bench() -> SequenceBench:
    return SequenceBench()


def good(value: float) -> Sample:
    return Sample(value, Validity.GOOD)


def test_a_step_waits_until_the_one_before_has_completed(bench: SequenceBench) -> None:
    assert bench.start(TWO) is None
    bench.run_s(30.0)
    assert bench.tags() == [1]

    bench.end()
    bench.cycles()
    assert bench.tags() == [1, 2]

    bench.end()
    bench.cycles()
    assert bench.events.count(area.COMPLETED) == 1
    assert bench.engine.running == []
    assert (bench.engine.completed, bench.engine.aborted) == (1, 0)


def test_a_step_waits_for_its_time(bench: SequenceBench) -> None:
    bench.start(HEAD + hk_step(1.0, 1) + hk_step(3.0, 2))
    began_ns = bench.clock.now_ns()
    for _ in range(40):
        bench.cycles()
        if bench.rover.given:
            bench.end()

    assert [round((given.t_ns - began_ns) / NS_PER_S, 1) for given in bench.rover.given] == [1.0, 3.0]


def test_times_behind_a_wait_count_from_its_end(bench: SequenceBench) -> None:
    bench.start(HEAD + WAIT + hk_step(2.0, 1))
    bench.run_s(4.0)
    bench.rover.sample = good(0.7)
    ended_ns = bench.clock.now_ns()
    bench.run_s(4.0)

    assert [given.t_ns - ended_ns for given in bench.rover.given] == [2 * NS_PER_S]


@pytest.mark.parametrize("sample", [good(0.5), good(0.9)])
def test_a_wait_ends_at_its_limits_too(bench: SequenceBench, sample: Sample) -> None:
    bench.start(HEAD + WAIT + PING)
    bench.rover.sample = sample
    bench.cycles(2)

    assert len(bench.rover.given) == 1


@pytest.mark.parametrize(
    "sample",
    [
        good(0.49),
        good(0.91),
        Sample(None, Validity.NO_VALUE),
        Sample(None, Validity.STALE),
        Sample(0.7, Validity.STALE),
    ],
)
def test_a_value_that_is_not_good_or_not_within_limits_lets_the_wait_time_out(
    bench: SequenceBench, sample: Sample
) -> None:
    bench.start(HEAD + WAIT + PING)
    bench.rover.sample = sample
    bench.run_s(10.0)
    assert bench.aborted() == []

    bench.cycles()
    assert bench.aborted() == [(1, FailureCode.TIMEOUT)]
    assert bench.rover.given == []


def test_a_failed_command_aborts_and_the_abort_steps_run_once(bench: SequenceBench) -> None:
    bench.start(TWO)
    bench.cycles()
    bench.end(FailureCode.DEVICE)
    bench.cycles()
    assert [given.command for given in bench.rover.given] == [system.ENABLE_HK, mobility.HALT]

    bench.end()
    bench.run_s(5.0)
    assert bench.aborted() == [(1, FailureCode.DEVICE)]
    assert len(bench.rover.given) == 2
    assert bench.engine.running == []
    assert (bench.engine.completed, bench.engine.aborted) == (0, 1)


@pytest.mark.parametrize("code", [FailureCode.MODE, FailureCode.NOT_AVAILABLE])
def test_a_refused_command_aborts(bench: SequenceBench, code: FailureCode) -> None:
    bench.rover.refusal = code
    bench.start(TWO)
    bench.cycles(3)

    assert bench.aborted() == [(1, code)]


def test_a_full_queue_is_tried_again_for_a_while(bench: SequenceBench) -> None:
    bench.rover.refusal = FailureCode.QUEUE_FULL
    bench.start(TWO)
    bench.run_s(2.0)
    bench.rover.refusal = None
    bench.cycles()
    assert bench.tags() == [1]

    bench.rover.refusal = FailureCode.QUEUE_FULL
    bench.run_s(20.0)  # a long command: the next step's patience begins when its turn has come
    bench.end()
    bench.run_s(QUEUE_FULL_NS / NS_PER_S - 0.2)
    assert bench.aborted() == []
    bench.run_s(1.0)
    assert bench.aborted() == [(2, FailureCode.QUEUE_FULL)]


def test_an_abort_step_that_fails_or_finds_no_place_keeps_no_other_from_running(bench: SequenceBench) -> None:
    more = STOP + '[[abort_step]]\ncommand = "system.set_mode"\nargs = { mode = "SAFE" }\n'
    bench.start(HEAD + hk_step(0.0, 1) + more)
    bench.cycles()
    bench.end(FailureCode.DEVICE)
    bench.cycles()
    bench.end(FailureCode.DEVICE)
    bench.cycles()

    assert [given.command for given in bench.rover.given[1:]] == [mobility.HALT, system.SET_MODE]


def test_an_abort_step_that_does_not_end_is_not_waited_for_for_ever(bench: SequenceBench) -> None:
    bench.start(TWO)
    bench.cycles()
    bench.end(FailureCode.DEVICE)
    bench.run_s(ABORT_STEP_NS / NS_PER_S - 1.0)
    assert bench.engine.running

    bench.run_s(2.0)
    assert bench.engine.running == []


def test_abort_steps_end_though_the_queue_stays_full(bench: SequenceBench) -> None:
    bench.start(TWO)
    bench.cycles()
    bench.rover.refusal = FailureCode.QUEUE_FULL
    bench.end(FailureCode.DEVICE)
    bench.run_s(1.0 + QUEUE_FULL_NS / NS_PER_S)

    assert bench.engine.running == []


def test_the_longest_run_ends_it(bench: SequenceBench) -> None:
    bench.start(TWO.replace("1000.0", "5.0"))
    bench.run_s(5.0)
    assert bench.aborted() == []
    bench.cycles()
    assert bench.aborted() == [(1, FailureCode.LIMIT)]


def test_what_an_aborted_command_says_late_is_not_heard(bench: SequenceBench) -> None:
    """Neither as the end of the abort step that runs by then, nor as the end of a step."""
    bench.start(TWO.replace("1000.0", "5.0"))
    bench.run_s(5.3)
    motion, halt = bench.rover.given
    motion.done(None)
    motion.done(FailureCode.ABORTED)
    bench.cycles(3)
    assert bench.engine.running

    halt.done(None)
    bench.cycles(2)
    assert bench.engine.running == []
    assert bench.events.count(area.STEP_DONE) == 0
    assert len(bench.rover.given) == 2


@pytest.mark.parametrize("mode", PROTECTIVE)
def test_a_protective_mode_that_somebody_else_entered_aborts_it(bench: SequenceBench, mode: Mode) -> None:
    bench.start(TWO)
    bench.cycles()
    bench.rover.mode = mode
    bench.cycles()

    assert bench.aborted() == [(1, FailureCode.MODE)]


def test_a_protective_mode_that_the_sequence_asked_for_does_not(bench: SequenceBench) -> None:
    bench.start(HEAD + step(0.0, "system.set_mode", '{ mode = "SAFE" }') + hk_step(0.0, 2) + hk_step(0.0, 3))
    bench.cycles()
    bench.rover.mode = Mode.SAFE
    bench.end()
    bench.cycles(3)
    assert bench.tags() == [-1, 2]

    bench.rover.mode = Mode.IDLE
    bench.cycles()
    bench.rover.mode = Mode.SAFE  # not asked for a second time
    bench.cycles()
    assert bench.aborted() == [(2, FailureCode.MODE)]


def test_other_modes_do_not_abort_it(bench: SequenceBench) -> None:
    bench.start(TWO)
    for mode in (Mode.DRIVE, Mode.CHARGE, Mode.IDLE):
        bench.rover.mode = mode
        bench.cycles()

    assert bench.aborted() == []


def test_a_stop_from_ground_aborts_what_moves_the_rover_and_nothing_else(bench: SequenceBench) -> None:
    """Between two motions too: who sends STOP does not want the next one."""
    bench.start(HEAD + hk_step(0.0, 1) + ARC + STOP)
    bench.start(TWO.replace("id = 64", "id = 65"))
    bench.cycles()
    bench.rover.stops += 1
    bench.cycles()

    assert bench.events.of(area.ABORTED) == [area.Aborted(sequence_id=64, step=1, code=FailureCode.SUPERSEDED)]


def test_it_is_aborted_when_its_window_is_over_or_the_clock_lost(bench: SequenceBench) -> None:
    bench.start(HEAD + WINDOW + hk_step(0.0, 1))
    bench.start(TWO.replace("id = 64", "id = 65"))
    bench.cycles()
    bench.rover.valid = False
    bench.cycles()

    assert bench.events.of(area.ABORTED) == [area.Aborted(sequence_id=64, step=1, code=FailureCode.PRECONDITION)]


def test_it_does_not_start_outside_its_window_or_its_modes(bench: SequenceBench) -> None:
    bench.load(HEAD + WINDOW + PING)
    bench.rover.valid = False
    assert bench.services.start(64) is FailureCode.PRECONDITION
    bench.rover.valid = True
    bench.rover.mode = Mode.CHARGE
    assert bench.services.start(64) is FailureCode.MODE
    bench.rover.mode = Mode.IDLE
    assert bench.services.start(64) is None


def test_ground_aborts_it(bench: SequenceBench) -> None:
    bench.start(TWO)
    bench.cycles()
    assert bench.give(area.ABORT, area.SequenceId(sequence_id=64)).completed
    assert bench.give(area.ABORT, area.SequenceId(sequence_id=64)).completed  # again: the abort steps run once
    bench.cycles()
    bench.end()
    bench.cycles(3)

    assert bench.aborted() == [(1, FailureCode.ABORTED)]
    assert [given.command for given in bench.rover.given] == [system.ENABLE_HK, mobility.HALT]
    assert bench.give(area.ABORT, area.SequenceId(sequence_id=64)).failure is FailureCode.PRECONDITION


def test_a_failed_row_aborts_what_runs_and_the_rebuilt_row_runs_the_abort_steps(bench: SequenceBench) -> None:
    bench.start(TWO)
    bench.cycles()
    bench.engine.make_safe()
    bench.cycles()

    assert bench.aborted() == [(1, FailureCode.INTERNAL)]
    assert [given.command for given in bench.rover.given] == [system.ENABLE_HK, mobility.HALT]


def test_at_most_four_run_and_none_twice(bench: SequenceBench) -> None:
    for sequence_id in range(64, 69):
        bench.load(TWO.replace("id = 64", f"id = {sequence_id}"))
    codes = [bench.services.start(number) for number in (64, 64, 65, 66, 67, 68)]

    assert codes == [None, FailureCode.BUSY, None, None, None, FailureCode.LIMIT]
    bench.cycles()
    assert bench.tags() == [1, 1, 1, 1]
    running = bench.services.housekeeping()
    assert running.running == (64, 65, 66, 67)
    assert running.step == (1, 1, 1, 1)


def test_every_possible_abort_step_count_ends(bench: SequenceBench) -> None:
    bench.start(HEAD + hk_step(0.0, 1) + STOP * MAX_ABORT_STEPS)
    bench.cycles()
    bench.end(FailureCode.DEVICE)
    for _ in range(MAX_ABORT_STEPS):
        bench.cycles()
        bench.end()
    bench.cycles()

    assert bench.engine.running == []
    assert len(bench.rover.given) == 1 + MAX_ABORT_STEPS


def test_an_idle_row_asks_nothing_of_the_rover(bench: SequenceBench) -> None:
    """It costs nothing while nothing runs."""
    del bench.rover.mode  # any look at the rover would raise
    bench.cycles(5)


def test_steps_are_compiled_as_they_are_written(bench: SequenceBench) -> None:
    bench.load(TWO)
    stored = bench.library.find(64)
    assert stored is not None
    assert all(isinstance(item, CommandStep) for item in stored.sequence.steps)
