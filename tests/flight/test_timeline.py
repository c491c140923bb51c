"""Time-tagged telecommands: checked when inserted, run when due, held while the clock is in doubt, kept over cuts."""

from __future__ import annotations

from telemetry_defs.areas import mobility, system, timeline as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.packets import build_tc
from telemetry_defs.reports import TimelineEntry, TimelineSummary
from tests.fakes.context import FakeExecution
from tests.flight.timeline_bench import START_GPS_NS, TimelineBench, waiting


def settled(bench: TimelineBench, execution: FakeExecution) -> FakeExecution:
    """After the disk has had time to sync."""
    bench.cycles(2)
    return execution


def test_an_insertion_completes_when_durable_and_runs_at_its_time() -> None:
    """Not a cycle early, within half a second, and with reports under the inner request identifier."""
    bench = TimelineBench()
    execution = bench.insert(5, in_s=10.0)
    assert execution.started
    assert not execution.completed
    assert settled(bench, execution).completed
    due_ns = waiting(bench.timeline)[5]
    bench.run_s(9.5)
    assert bench.ran == []
    bench.run_s(1.5)
    assert [item.tag for item in bench.ran] == [5]
    assert due_ns <= bench.ran[0].gps_ns < due_ns + 0.5e9
    assert bench.reports(1, 7) == [bench.inner(5)[:4]]
    assert bench.timeline.housekeeping().released == 1


def test_insertions_run_in_the_order_of_time_then_of_insertion() -> None:
    """Whatever the order in which they came."""
    bench = TimelineBench()
    for tag, in_s in ((1, 5.0), (2, 3.0), (3, 5.0), (4, 2.0)):
        bench.insert(tag, in_s)
    bench.run_s(8.0)
    assert bench.tags_ran() == [4, 2, 1, 3]


def test_more_that_is_due_at_once_than_the_queue_holds_all_runs() -> None:
    """All sixty-four places, one moment."""
    bench = TimelineBench()
    for tag in range(area.MAX_ENTRIES):
        assert bench.insert(tag, 5.0).failure is None
    assert bench.insert(99, 5.0).failure is FailureCode.LIMIT
    bench.run_s(8.0)
    assert bench.tags_ran() == list(range(area.MAX_ENTRIES))


def test_what_is_wrong_with_the_inner_telecommand_refuses_the_insertion() -> None:
    """Shape, checksum, address, range, and what cannot wait: an insertion, an arming."""
    bench = TimelineBench()
    good = bench.inner(1)
    damaged = good[:-1] + bytes((good[-1] ^ 1,))
    long_range = bench.inner(1, system.SET_PARAMETER, system.SetParameter(parameter_id=0x0109, value=1e9))
    nested = bench.inner(2, area.INSERT, area.Insert(release_gps_s=2e9, telecommand=good))
    arming = bench.inner(3, system.ARM, system.Arm(target=1))
    cases = (
        (good[:-3], FailureCode.BAD_LENGTH),
        (damaged, FailureCode.RANGE),
        (b"", FailureCode.BAD_LENGTH),
        (build_tc(0x7F0, 17, 1, 1, 1, b""), FailureCode.BAD_APID),
        (build_tc(0x100, 99, 1, 1, 1, b""), FailureCode.BAD_SERVICE),
        (build_tc(0x100, 17, 1, 1, 1, b"x"), FailureCode.BAD_LENGTH),
        (long_range, FailureCode.RANGE),
        (nested, FailureCode.BAD_SERVICE),
        (arming, FailureCode.BAD_SERVICE),
    )
    for packet, code in cases:
        assert bench.insert(1, 5.0, packet).failure is code
    assert bench.timeline.entries == []


def test_the_moment_must_be_ahead_and_the_request_new() -> None:
    """A release within a second is refused, and so is a request identifier that waits already."""
    bench = TimelineBench()
    assert bench.insert(1, 0.5).failure is FailureCode.RANGE
    assert bench.insert(1, -100.0).failure is FailureCode.RANGE
    assert bench.insert(1, 2.0).failure is None
    assert bench.insert(1, 9.0).failure is FailureCode.DUPLICATE


def test_a_hazardous_telecommand_is_armed_when_it_is_inserted() -> None:
    """Its own arm code, or that of the protection limit it moves; at release nothing is asked."""
    bench = TimelineBench()
    restart = bench.inner(1, system.RESTART)
    assert bench.insert(1, 3.0, restart).failure is FailureCode.NOT_ARMED
    bench.arming.arm(system.RESTART.arm_code or 0, bench.clock.now_ns())
    assert bench.insert(1, 3.0, restart).failure is None
    limit = bench.inner(2, system.SET_PARAMETER, system.SetParameter(parameter_id=0x0103, value=0.31))
    assert bench.insert(2, 3.0, limit).failure is FailureCode.NOT_ARMED
    bench.run_s(4.0)
    assert len(bench.ran) == 1


def test_an_activation_must_be_armed_whatever_is_staged_now() -> None:
    """What is staged when it runs may be a protection limit."""
    bench = TimelineBench()
    activate = bench.inner(1, system.ACTIVATE_PARAMETERS)
    assert bench.insert(1, 3.0, activate).failure is FailureCode.NOT_ARMED
    back = bench.inner(1, system.ROLL_BACK_PARAMETERS, system.RollBack(to=system.RollBackTo.PREVIOUS))
    assert bench.insert(1, 3.0, back).failure is FailureCode.NOT_ARMED
    forget = bench.inner(1, system.ROLL_BACK_PARAMETERS, system.RollBack(to=system.RollBackTo.ACTIVE))
    assert bench.insert(1, 3.0, forget).failure is None


def test_a_refusal_at_release_is_reported_under_the_inner_request() -> None:
    """TM[1,2] and an event; the mode decides when it is due, not when it is inserted."""
    bench = TimelineBench()
    arguments = mobility.DriveArguments(speed_m_s=0.01, yaw_rate_rad_s=0.0, valid_for_s=1.0)
    assert bench.insert(1, 3.0, bench.inner(1, mobility.DRIVE, arguments)).failure is None
    bench.modes.put(Mode.SAFE)
    bench.run_s(4.0)
    assert bench.ran == []
    assert bench.refusals() == [FailureCode.MODE]
    assert bench.events.count(area.REFUSED) == 1
    assert bench.timeline.housekeeping().refused == 1


def test_delete_shift_and_reset() -> None:
    """By request identifier, or all."""
    bench = TimelineBench()
    for tag in (1, 2, 3):
        settled(bench, bench.insert(tag, 10.0 * tag))
    before = waiting(bench.timeline)
    assert settled(bench, bench.give(area.DELETE, bench.key(2))).completed
    assert bench.give(area.DELETE, bench.key(2)).failure is FailureCode.UNKNOWN_ID
    assert settled(bench, bench.shift(1, 100.0)).completed
    assert list(waiting(bench.timeline)) == [3, 1]
    assert bench.shift(1, -200.0).failure is FailureCode.RANGE
    assert bench.shift(9, 1.0).failure is FailureCode.UNKNOWN_ID
    assert settled(bench, bench.give(area.SHIFT_ALL, area.ShiftAll(offset_s=-5.0))).completed
    assert waiting(bench.timeline)[3] == before[3] - 5_000_000_000
    assert bench.give(area.SHIFT_ALL, area.ShiftAll(offset_s=-50.0)).failure is FailureCode.RANGE
    assert settled(bench, bench.give(area.RESET)).completed
    assert not bench.timeline.entries
    assert not bench.timeline.enabled


def test_reports_list_every_entry_in_order() -> None:
    """Whole packets or identifiers."""
    bench = TimelineBench()
    bench.insert(1, 20.0)
    bench.insert(2, 10.0)
    bench.cycles(2)
    bench.reports(0, 0)
    bench.give(area.REPORT)
    codecs = Codecs()
    entries = [codecs.of(TimelineEntry).unpack(data) for data in bench.reports(11, 10)]
    assert [(item.index, item.total, item.telecommand) for item in entries] == [
        (0, 2, bench.inner(2)),
        (1, 2, bench.inner(1)),
    ]
    bench.give(area.SUMMARY)
    summaries = [codecs.of(TimelineSummary).unpack(data) for data in bench.reports(11, 13)]
    assert [item.request.to_bytes(4, "big") for item in summaries] == [bench.inner(2)[:4], bench.inner(1)[:4]]
    assert summaries[0].release_gps_s == entries[0].release_gps_s


def test_a_clock_that_steps_holds_everything_until_ground_says_go() -> None:
    """What is then too late is dropped with an event, the rest runs in order."""
    bench = TimelineBench()
    for tag, in_s in ((1, 5.0), (2, 65.0), (3, 66.0), (4, 500.0)):
        bench.insert(tag, in_s)
    bench.cycles(2)
    bench.time.set_gps_ns(bench.time.gps_ns() + 100 * 10**9)
    bench.run_s(2.0)
    assert bench.ran == []
    assert bench.timeline.held
    assert bench.events.count(area.HELD) == 1
    assert bench.give(area.GO).failure is None
    bench.run_s(1.0)
    assert bench.tags_ran() == [2, 3]
    assert bench.events.count(area.TOO_LATE) == 1
    assert bench.refusals() == [FailureCode.TIMEOUT]
    assert list(waiting(bench.timeline)) == [4]


def test_a_small_correction_of_the_clock_holds_nothing() -> None:
    """Nor does setting the clock before anything waits, even in the same cycle."""
    bench = TimelineBench()
    bench.time.set_gps_ns(bench.time.gps_ns() + 3600 * 10**9)
    bench.insert(1, 3.0)
    bench.cycles(2)
    bench.time.slew(0.9)
    bench.run_s(4.0)
    assert bench.tags_ran() == [1]


def test_without_a_trusted_clock_nothing_is_inserted_and_nothing_runs() -> None:
    """A rover whose clock lost power waits for the time and for go."""
    bench = TimelineBench()
    settled(bench, bench.insert(1, 30.0))
    bench.rtc.offset_ns = None
    bench.restart(off_s=5.0)
    assert bench.insert(2, 30.0).failure is FailureCode.PRECONDITION
    assert bench.give(area.GO).failure is FailureCode.PRECONDITION
    bench.run_s(40.0)
    assert bench.ran == []
    bench.time.set_gps_ns(START_GPS_NS + 28 * 10**9)
    bench.run_s(10.0)
    assert bench.ran == []
    assert settled(bench, bench.give(area.GO)).completed
    bench.run_s(1.0)
    assert bench.tags_ran() == [1]


def test_after_an_outage_a_little_late_runs_and_much_too_late_does_not() -> None:
    """Everything was kept, though the power went without warning."""
    bench = TimelineBench()
    for tag, in_s in ((1, 5.0), (2, 50.0), (3, 200.0)):
        settled(bench, bench.insert(tag, in_s))
    bench.restart(off_s=100.0)
    bench.run_s(1.0)
    assert bench.tags_ran() == [2]
    assert bench.timeline.late == 1
    assert list(waiting(bench.timeline)) == [3]


def test_disabled_is_kept_and_runs_nothing() -> None:
    """Until enabled again, by the same rule of lateness."""
    bench = TimelineBench()
    settled(bench, bench.insert(1, 5.0))
    assert settled(bench, bench.give(area.DISABLE)).completed
    bench.restart()
    bench.run_s(20.0)
    assert bench.ran == []
    bench.give(area.ENABLE)
    bench.run_s(1.0)
    assert bench.tags_ran() == [1]


def test_what_is_taken_out_but_not_yet_run_obeys_disable() -> None:
    """Between leaving the kept file and running lie some cycles."""
    bench = TimelineBench()
    settled(bench, bench.insert(1, 2.0))
    while bench.timeline.entries:
        bench.cycles()
    assert bench.ran == []
    bench.give(area.DISABLE)
    bench.run_s(1.0)
    assert bench.ran == []
    assert bench.refusals() == [FailureCode.ABORTED]


def test_an_insertion_that_storage_does_not_take_leaves_nothing_behind() -> None:
    """STORAGE means that it is not on board, and what was there is still run at most once."""
    bench = TimelineBench()
    settled(bench, bench.insert(1, 5.0))
    bench.storage.broken = True
    assert bench.insert(2, 6.0).failure is FailureCode.STORAGE
    assert list(waiting(bench.timeline)) == [1]
    bench.run_s(10.0)
    assert bench.ran == []
    assert bench.refusals() == [FailureCode.STORAGE]


def test_a_timeline_that_cannot_be_read_starts_empty_and_says_so() -> None:
    """No crash, no guesses."""
    bench = TimelineBench()
    bench.storage.replace("schedule.a", b"rubbish")
    bench.restart(cut=False)
    assert bench.timeline.lost
    assert bench.timeline.entries == []
    assert bench.timeline.enabled
