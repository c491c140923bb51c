"""Sequences on board: loaded, kept over restarts and power cuts, unloaded, reported; what is bad is refused."""

import binascii

import pytest
from hypothesis import given, strategies as st

from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.refusal import Refusal
from flight.kept_file import encode_copy
from flight.parameters import ParameterStore
from flight.sequences.kept import RUNNING_FILE, VERSION, KeptSequence, file_name
from flight.sequences.record import decode, encode
from flight.sequences.rule import LoadRule
from telemetry_defs.areas import sequences as area, system
from telemetry_defs.areas.sequences import LOAD_ARM_CODE
from telemetry_defs.arguments import build_arguments
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.sequence_reports import SequencePart, SequenceState, SequenceStatus
from tests.fakes.context import CapturedEvents, FakeExecution, FakeModes
from tests.flight.sequence_bench import HEAD, PING, WAIT, SequenceBench, compiled, hk_step, step

GOOD = HEAD + PING + WAIT + PING
HAZARDOUS = HEAD + step(0.0, "system.restart")
ID = area.SequenceId(sequence_id=64)
NIGHT_QUIET = area.SequenceId(sequence_id=1)


@pytest.fixture
def bench() -> SequenceBench:
    return SequenceBench()


def test_the_last_part_completes_once_the_sequence_is_durable(bench: SequenceBench) -> None:
    *rest, last = bench.parts(encode(compiled(GOOD)))
    assert all(bench.give(area.LOAD, part).completed for part in rest)

    execution = bench.give(area.LOAD, last)
    assert (execution.started, execution.ended) == (True, False)
    assert bench.library.find(64) is None

    bench.cycles(2)
    assert execution.completed
    assert bench.library.ids() == (1, 64)


def test_it_is_kept_over_a_restart_and_can_be_started_then(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.restart()

    stored = bench.library.find(64)
    assert stored is not None
    assert stored.sequence == compiled(GOOD)
    assert bench.services.start(64) is None


@pytest.mark.parametrize("seed", range(12))
def test_a_power_cut_before_it_is_durable_leaves_all_of_it_or_nothing(seed: int) -> None:
    bench = SequenceBench(seed)
    for part in bench.parts(encode(compiled(GOOD))):
        bench.give(area.LOAD, part)
    bench.restart()

    stored = bench.library.find(64)
    assert stored is None or stored.sequence == compiled(GOOD)
    assert bench.library.lost == []


def test_a_power_cut_between_parts_forgets_them(bench: SequenceBench) -> None:
    *rest, last = bench.parts(encode(compiled(GOOD)))
    for part in rest:
        bench.give(area.LOAD, part)
    assert bench.services.housekeeping().loads_open == 1
    bench.restart()

    assert bench.give(area.LOAD, last).failure is FailureCode.PRECONDITION
    assert bench.services.housekeeping().loads_open == 0


def test_without_storage_the_load_fails_and_the_old_one_stays(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.storage.broken = True
    assert bench.load(HEAD + PING).failure is FailureCode.STORAGE

    stored = bench.library.find(64)
    assert stored is not None
    assert stored.sequence == compiled(GOOD)


def test_what_is_never_durable_is_not_in_force(bench: SequenceBench) -> None:
    bench.storage.stuck = True
    execution = bench.load(GOOD)
    bench.run_s(11.0)

    assert execution.failure is FailureCode.STORAGE
    assert bench.library.find(64) is None


def test_a_new_load_takes_the_place_of_the_old_one(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.load(HEAD + PING)
    bench.restart()

    stored = bench.library.find(64)
    assert stored is not None
    assert stored.sequence == compiled(HEAD + PING)


def test_a_bad_sequence_is_refused_by_step_and_reason(bench: SequenceBench) -> None:
    execution = bench.load(HEAD + PING + step(0.0, "system.set_mode", '{ mode = "WAKE" }'))

    assert execution.failure is FailureCode.REFUSED
    assert bench.events.of(area.REJECTED) == [
        area.Rejected(sequence_id=64, step=2, reason=b"IDLE does not lead to WAKE")
    ]
    assert bench.library.find(64) is None
    assert bench.services.housekeeping().rejected == 1


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xc1" * 50, encode(compiled(GOOD))[:-1], encode(compiled(GOOD)) + b"x"]
)
def test_bytes_that_are_no_sequence_are_refused(bench: SequenceBench, data: bytes) -> None:
    part = area.Load(sequence_id=64, part=0, parts=1, crc32=binascii.crc32(data), hazardous=False, data=data)

    assert bench.give(area.LOAD, part).failure is FailureCode.REFUSED
    assert bench.reasons()[0].startswith("no compiled sequence")


def test_a_wrong_checksum_and_a_foreign_id_are_refused(bench: SequenceBench) -> None:
    data = encode(compiled(GOOD))
    wrong = area.Load(sequence_id=64, part=0, parts=1, crc32=5, hazardous=False, data=data)
    foreign = area.Load(sequence_id=70, part=0, parts=1, crc32=binascii.crc32(data), hazardous=False, data=data)

    assert bench.give(area.LOAD, wrong).failure is FailureCode.REFUSED
    assert bench.give(area.LOAD, foreign).failure is FailureCode.REFUSED
    assert bench.reasons() == ["the checksum over all parts is wrong", "holds sequence 64, not 70"]


def test_a_hazardous_sequence_needs_an_armed_load_and_stays_armed_over_a_restart(bench: SequenceBench) -> None:
    assert bench.load(HAZARDOUS).failure is FailureCode.REFUSED
    assert "hazardous" in bench.reasons()[0]

    assert bench.load(HAZARDOUS, hazardous=True).completed
    bench.restart()
    assert bench.services.start(64) is None


def acceptance() -> tuple[AcceptanceChecks, Arming]:
    parameters = ParameterStore(DICTIONARY, {})
    arming = Arming(parameters, CapturedEvents())
    checks = AcceptanceChecks(
        dictionary=DICTIONARY,
        codecs=Codecs(),
        modes=FakeModes(Mode.IDLE),
        arming=arming,
        duplicates=DuplicateWindows(),
        parameters=parameters,
    )
    checks.rules[area.LOAD.name] = LoadRule()
    return checks, arming


@pytest.mark.parametrize(
    ("part", "hazardous", "needs"), [(0, True, LOAD_ARM_CODE), (0, False, 0), (1, True, 0), (1, False, 0)]
)
def test_part_0_of_a_hazardous_load_is_armed(part: int, hazardous: bool, needs: int) -> None:
    checks, arming = acceptance()
    load = area.Load(sequence_id=64, part=part, parts=2, crc32=0, hazardous=hazardous, data=b"")

    if needs:
        with pytest.raises(Refusal) as refusal:
            checks.admit(area.LOAD, load, 0)
        assert refusal.value.code is FailureCode.NOT_ARMED
        arming.arm(LOAD_ARM_CODE, 0)
    assert checks.admit(area.LOAD, load, 0) == needs


def test_a_part_beyond_the_parts_is_refused_on_acceptance() -> None:
    checks, _ = acceptance()
    load = area.Load(sequence_id=64, part=3, parts=3, crc32=0, hazardous=False, data=b"")

    with pytest.raises(Refusal) as refusal:
        checks.decode(0x100, 21, 1, Codecs().pack(load))
    assert refusal.value.code is FailureCode.RANGE


def test_unloading_survives_and_brings_no_older_one_back(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.load(HEAD + PING)
    execution = bench.give(area.UNLOAD, ID)
    bench.cycles(2)
    assert execution.completed
    bench.restart()

    assert bench.library.ids() == (1,)
    assert bench.services.start(64) is FailureCode.UNKNOWN_ID
    assert bench.give(area.UNLOAD, ID).failure is FailureCode.UNKNOWN_ID


def test_a_shipped_one_can_be_unloaded_and_taken_on_board_again(bench: SequenceBench) -> None:
    bench.give(area.UNLOAD, NIGHT_QUIET)
    bench.cycles(2)
    bench.restart()
    assert bench.library.ids() == ()

    execution = bench.give(area.LOAD_SHIPPED, area.ShippedId(sequence_id=1))
    bench.cycles(2)
    assert execution.completed
    bench.restart()
    assert bench.library.ids() == (1,)
    assert bench.give(area.LOAD_SHIPPED, area.ShippedId(sequence_id=2)).failure is FailureCode.UNKNOWN_ID


def test_what_runs_is_neither_replaced_nor_unloaded(bench: SequenceBench) -> None:
    bench.start(GOOD)

    assert bench.give(area.UNLOAD, ID).failure is FailureCode.BUSY
    assert bench.load(HEAD + PING).failure is FailureCode.BUSY


def test_what_was_running_is_told_after_the_restart_and_not_resumed(bench: SequenceBench) -> None:
    bench.start(GOOD)
    bench.cycles(2)
    bench.restart()
    assert bench.events.of(area.INTERRUPTED) == [area.Started(sequence_id=64)]
    assert bench.engine.running == []

    bench.cycles(2)
    bench.restart()
    assert bench.events.count(area.INTERRUPTED) == 1
    assert bench.services.start(64) is None


def test_what_has_ended_is_not_told_after_the_restart(bench: SequenceBench) -> None:
    bench.start(HEAD + PING)
    bench.cycles()
    bench.end()
    bench.cycles(3)
    bench.restart()

    assert bench.events.count(area.INTERRUPTED) == 0


def test_without_storage_a_sequence_runs_all_the_same(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.storage.broken = True

    assert bench.services.start(64) is None
    bench.cycles()
    assert len(bench.rover.given) == 1


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_there(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.load(GOOD.replace("id = 64", "id = 65"))
    for copy in ("a", "b"):
        bench.disk.preload(f"{file_name(64)}.{copy}", b"rubbish")
        bench.disk.preload(f"{RUNNING_FILE}.{copy}", b"rubbish")
    bench.restart()

    assert bench.library.lost == [file_name(64)]
    assert bench.engine.lost == (RUNNING_FILE,)
    assert bench.library.ids() == (1, 65)


@pytest.mark.parametrize(
    "kept",
    [
        KeptSequence(on_board=True, data=encode(compiled(GOOD.replace("id = 64", "id = 65")))),
        KeptSequence(on_board=True, data=b"\x00"),
        KeptSequence(on_board=True),
        KeptSequence(on_board=False, data=b"\x00"),
    ],
)
def test_a_file_with_a_good_checksum_need_not_hold_the_right_sequence(bench: SequenceBench, kept: KeptSequence) -> None:
    bench.disk.preload(f"{file_name(64)}.a", encode_copy(VERSION, 1, kept))
    bench.restart()

    assert bench.library.lost == [file_name(64)]
    assert bench.library.ids() == (1,)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_hostile_files_are_no_crash(first: bytes, second: bytes) -> None:
    bench = SequenceBench()
    for number in (1, 64):
        bench.disk.preload(f"{file_name(number)}.a", first)
        bench.disk.preload(f"{file_name(number)}.b", second)
    bench.restart()

    assert bench.library.lost == [file_name(1), file_name(64)]
    assert bench.library.ids() == (1,)


def test_a_sequence_that_the_rover_no_longer_takes_is_refused_at_its_start(bench: SequenceBench) -> None:
    """What was good when it was loaded need not be so after a change of parameters; here, of its arming."""
    bench.load(HAZARDOUS, hazardous=True)
    stored = bench.library.find(64)
    assert stored is not None
    bench.library.load(stored._replace(armed=False), lambda _: None)
    bench.cycles(2)

    assert bench.services.start(64) is FailureCode.REFUSED
    assert bench.engine.running == []
    assert bench.events.count(area.REJECTED) == 1


def test_nothing_starts_while_the_row_is_down(bench: SequenceBench) -> None:
    bench.load(GOOD)
    bench.row_runs = False

    assert bench.give(area.START, ID).failure is FailureCode.NOT_AVAILABLE
    assert bench.services.start(64) is FailureCode.NOT_AVAILABLE


def test_a_start_by_telecommand_completes_or_says_why_not(bench: SequenceBench) -> None:
    bench.load(GOOD)

    assert bench.give(area.START, ID).completed
    assert bench.give(area.START, ID).failure is FailureCode.BUSY


def test_the_status_report_has_every_sequence(bench: SequenceBench) -> None:
    bench.start(GOOD)
    bench.cycles()
    bench.end()
    bench.cycles(2)
    bench.give(area.REPORT)

    codec = Codecs().of(SequenceStatus)
    first, second = (codec.unpack(data) for data in bench.reports(7))
    assert (first.sequence_id, first.state, first.step) == (1, SequenceState.INACTIVE, None)
    assert (second.index, second.total, second.sequence_id) == (1, 2, 64)
    assert (second.state, second.step) == (SequenceState.WAITING, 2)
    assert second.run_s == pytest.approx(0.3)


def test_the_content_comes_down_in_parts_that_make_the_sequence(bench: SequenceBench) -> None:
    text = HEAD + "".join(hk_step(float(number), number) for number in range(64))
    text += step(64.0, "system.ping").replace("step", "abort_step").replace("at_s = 64.0\n", "")
    bench.load(text)
    bench.give(area.REPORT_CONTENT, ID)

    parts = [Codecs().of(SequencePart).unpack(data) for data in bench.reports(129)]
    data = b"".join(part.data for part in parts)
    assert decode(data) == compiled(text)
    assert {part.crc32 for part in parts} == {binascii.crc32(data)}
    unknown = bench.give(area.REPORT_CONTENT, area.SequenceId(sequence_id=99))
    assert isinstance(unknown, FakeExecution)
    assert unknown.failure is FailureCode.UNKNOWN_ID


def test_ground_can_name_what_is_to_be_armed() -> None:
    """`system.arm target=sequences.load`."""
    record = build_arguments(DICTIONARY, "system.arm", {"target": "sequences.load"})
    assert record == system.Arm(target=LOAD_ARM_CODE)
    taken = [command.function_id for command in DICTIONARY.commands]
    assert LOAD_ARM_CODE not in taken
