"""The compiled form, and its way up in parts: what is not whole or not a sequence is refused, whatever the bytes."""

import binascii
import random

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.sequences.assembly import MAX_OPEN, PATIENCE_NS, Assembly, Whole
from flight.sequences.record import (
    MAX_RUN_MS,
    VERSION,
    CommandStep,
    Sequence,
    SequenceError,
    WaitStep,
    decode,
    encode,
)
from flight.sequences.validate import review
from telemetry_defs.areas import sequences as area
from telemetry_defs.areas.sequences import MAX_BYTES, MAX_PARTS, PART_BYTES
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import MAX_TC_DATA
from tests.flight.sequence_bench import CHECKS

BYTE = st.integers(0, 255)
TIMES = st.integers(0, MAX_RUN_MS)
COMMANDS = st.builds(CommandStep, TIMES, st.integers(0, 0x7FE), BYTE, BYTE, st.binary(max_size=20))
LIMIT = st.none() | st.floats()
WAITS = st.builds(WaitStep, BYTE, BYTE, BYTE, LIMIT, LIMIT, TIMES)
SEQUENCES = st.builds(
    Sequence,
    sequence_id=st.integers(1, 127),
    name=st.text(max_size=40),
    modes=st.lists(st.sampled_from(Mode)).map(tuple),
    max_run_ms=TIMES,
    valid_from_gps_s=st.none() | st.integers(0, 2**62),
    valid_until_gps_s=st.none() | st.integers(0, 2**62),
    steps=st.lists(COMMANDS | WAITS, min_size=1, max_size=8).map(tuple),
    abort_steps=st.lists(COMMANDS, max_size=8).map(tuple),
)


@given(SEQUENCES)
def test_what_is_encoded_is_decoded_and_can_be_judged(sequence: Sequence) -> None:
    """Whatever is in it, the judgement is a list of problems and no exception: on board it stands in a vital row."""
    assert repr(decode(encode(sequence))) == repr(sequence)  # repr: a limit may be NaN
    for problem in review(sequence, CHECKS, DICTIONARY, armed=False).problems:
        assert 0 <= problem.step <= len(sequence.steps)


@given(st.binary(max_size=300))
def test_hostile_bytes_are_no_sequence_and_no_crash(data: bytes) -> None:
    with pytest.raises(SequenceError):
        decode(data)


@given(SEQUENCES, st.data())
def test_a_changed_byte_gives_another_sequence_or_none(sequence: Sequence, data: st.DataObject) -> None:
    """As would come of an attacker who makes the checksum fit."""
    encoded = bytearray(encode(sequence))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode(bytes(encoded))
    except SequenceError:
        return
    review(changed, CHECKS, DICTIONARY, armed=False)


def test_deep_nesting_is_no_sequence() -> None:
    for depth in (100, 8_000):
        with pytest.raises(SequenceError):
            decode(b"\x92\x01" + b"\x91" * depth + b"\x00")


def test_another_version_and_too_many_bytes_are_refused() -> None:
    body = msgspec.msgpack.encode((VERSION + 1, ()))
    with pytest.raises(SequenceError, match="version 2, not 1"):
        decode(body)
    with pytest.raises(SequenceError, match="at most 8192"):
        decode(bytes(MAX_BYTES + 1))


def test_every_part_fits_a_telecommand_and_all_parts_the_longest_sequence() -> None:
    assert Codecs().of(area.Load).max_size == MAX_TC_DATA
    assert MAX_PARTS * PART_BYTES >= MAX_BYTES > (MAX_PARTS - 1) * PART_BYTES


def made(data: bytes, parts: int, sequence_id: int = 64, *, hazardous: bool = False) -> list[area.Load]:
    size = -(-len(data) // parts)
    return [
        area.Load(
            sequence_id=sequence_id,
            part=place,
            parts=parts,
            crc32=binascii.crc32(data),
            hazardous=hazardous,
            data=data[place * size : (place + 1) * size],
        )
        for place in range(parts)
    ]


@given(st.binary(min_size=1, max_size=400), st.integers(1, 12), st.randoms(use_true_random=False))
def test_parts_in_any_order_and_repeated_make_the_whole_once(data: bytes, count: int, rng: random.Random) -> None:
    """Part 0 begins, the rest may come as it likes."""
    first, *rest = made(data, count)
    repeated = [part for part in rest for _ in range(rng.randint(1, 3))]
    rng.shuffle(repeated)
    assembly = Assembly()

    answers = [assembly.take(part, 0) for part in (first, *repeated)]

    whole = [answer for answer in answers if isinstance(answer, Whole)]
    assert whole == [Whole(data, armed=False)]
    late = answers[answers.index(whole[0]) + 1 :]
    assert all(answer is FailureCode.PRECONDITION for answer in late)
    assert assembly.count(0) == 0


def test_a_lost_part_leaves_the_load_open_until_its_patience_ends() -> None:
    parts = made(bytes(100), 4)
    assembly = Assembly()

    assert [assembly.take(part, 0) for part in (parts[0], parts[1], parts[3])] == [None] * 3
    assert assembly.count(PATIENCE_NS - 1) == 1
    assert assembly.take(parts[2], PATIENCE_NS) is FailureCode.PRECONDITION
    assert assembly.count(PATIENCE_NS) == 0


def test_a_new_part_0_drops_what_there_was() -> None:
    old, new = made(bytes(100), 4), made(b"\x01" * 100, 4)
    assembly = Assembly()
    for part in old[:3]:
        assembly.take(part, 0)

    assert assembly.take(new[0], 0) is None
    assert assembly.take(old[3], 0) is FailureCode.PRECONDITION
    assert [assembly.take(part, 0) for part in new[1:]][-1] == Whole(b"\x01" * 100, armed=False)


@pytest.mark.parametrize("change", [{"crc32": 1}, {"parts": 5}, {"sequence_id": 65}])
def test_a_foreign_part_is_refused_and_harms_nothing(change: dict[str, int]) -> None:
    parts = made(bytes(100), 4)
    assembly = Assembly()
    assembly.take(parts[0], 0)

    assert assembly.take(msgspec.structs.replace(parts[1], **change), 0) is FailureCode.PRECONDITION
    assert isinstance([assembly.take(part, 0) for part in parts[1:]][-1], Whole)


def test_a_part_that_comes_again_with_other_data_is_refused() -> None:
    parts = made(bytes(100), 4)
    assembly = Assembly()
    for part in parts[:2]:
        assembly.take(part, 0)

    other = msgspec.structs.replace(parts[1], data=b"x" * 25)
    assert assembly.take(other, 0) is FailureCode.DUPLICATE
    assert assembly.take(parts[1], 0) is None


def test_a_wrong_checksum_is_found_when_all_parts_are_there() -> None:
    parts = [msgspec.structs.replace(part, crc32=7) for part in made(bytes(100), 3)]
    assembly = Assembly()

    assert [assembly.take(part, 0) for part in parts] == [None, None, FailureCode.REFUSED]
    assert assembly.count(0) == 0


def test_no_more_than_two_loads_are_open() -> None:
    assembly = Assembly()
    for sequence_id in range(64, 64 + MAX_OPEN):
        assert assembly.take(made(bytes(100), 4, sequence_id)[0], 0) is None

    assert assembly.take(made(bytes(100), 4, 100)[0], 0) is FailureCode.LIMIT
    assert assembly.count(0) == MAX_OPEN
