"""Kept files: two copies, whatever happens to one of them; and what waits for a sync."""

from __future__ import annotations

import msgspec
from hypothesis import given, strategies as st

from flight.durable import LIMIT_NS, Durable
from flight.kept_file import COPIES, KeptFile, copy_name, encode_copy
from tests.fakes.context import FakeClock
from tests.fakes.storage import FakeStorage


class Note(msgspec.Struct, frozen=True):
    """A record."""

    number: int
    words: dict[int, list[int]] = {}


def kept(storage: FakeStorage, version: int = 1) -> KeptFile[Note]:
    return KeptFile(storage, "note", version, Note, plausible=lambda note: note.number >= 0)


def test_nothing_there_is_neither_found_nor_lost() -> None:
    """A rover that was never switched on."""
    file = kept(FakeStorage())
    assert file.read() is None
    assert not file.lost
    assert not file.copy_bad


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8), st.integers(0, 1), st.binary(max_size=80))
def test_the_newest_good_copy_counts_whatever_is_in_the_other(numbers: list[int], copy: int, rubbish: bytes) -> None:
    """After any number of writes one damaged copy costs at most the last record."""
    storage = FakeStorage()
    writer = kept(storage)
    for number in numbers:
        writer.write(Note(number=number))
    reader = kept(storage)
    assert reader.read() == Note(number=numbers[-1])
    storage.replace(copy_name("note", COPIES[copy]), rubbish)
    damaged = kept(storage)
    found = damaged.read()
    wanted = [Note(number=number) for number in numbers[-2:]]
    if found is None:
        assert len(numbers) == 1
        assert damaged.lost
    else:
        assert found in wanted
        assert damaged.copy_bad


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=6), st.integers(0, 1000))
def test_a_synced_record_survives_a_cut_in_the_next_write(numbers: list[int], last: int) -> None:
    """The copy that is being written is never the one that holds what was acknowledged."""
    storage = FakeStorage()
    writer = kept(storage)
    for number in numbers:
        writer.write(Note(number=number))
    storage.request_sync()
    writer.write(Note(number=last))
    storage.power_cut()
    assert kept(storage).read() in (Note(number=numbers[-1]), Note(number=last))
    reader = kept(storage)
    reader.read()
    reader.write(Note(number=7))
    assert kept(storage).read() == Note(number=7)


def test_another_version_and_an_impossible_value_are_not_taken() -> None:
    """Both count as unreadable, and are told apart from nothing."""
    storage = FakeStorage()
    kept(storage, version=2).write(Note(number=1))
    other = kept(storage, version=1)
    assert other.read() is None
    assert other.lost
    storage.replace("note.a", encode_copy(1, 9, Note(number=-1)))
    assert kept(storage).read() is None


def test_completion_waits_for_the_sync_and_gives_up_after_a_while() -> None:
    """True once durable, False when storage does not answer."""
    clock, storage = FakeClock(), FakeStorage()
    durable = Durable(storage, clock)
    answers: list[bool] = []
    durable.when_synced(storage.append("x", b"1"), answers.append)
    assert answers == []
    durable.tick(clock.now_ns())
    assert answers == [True]
    storage.broken = True
    durable.when_synced(99, answers.append)
    durable.tick(clock.now_ns())
    assert answers == [True]
    durable.tick(clock.now_ns() + LIMIT_NS)
    assert answers == [True, False]
