"""The simulated disk: what a power cut may and may not do."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import NotReady
from sim_hal.clock import SimClock
from sim_hal.disk import FLUSH_NS, SYNC_NS, Disk
from sim_hal.noise import Noise


def _disk(seed: int = 1, capacity: int = 10_000) -> tuple[SimClock, Disk]:
    clock = SimClock()
    return clock, Disk(clock, Noise(seed, "disk"), capacity)


def test_a_write_is_seen_at_once_and_acknowledged_after_its_sync() -> None:
    """Flight reads back what it wrote; the ticket is durable only after the sync it asked for."""
    clock, disk = _disk()
    ticket = disk.write("state", b"one", append=False)
    assert disk.content("state") == b"one"
    assert disk.synced_ticket < ticket

    disk.request_sync()
    clock.sleep_until_ns(SYNC_NS - 1)
    assert disk.synced_ticket < ticket
    clock.sleep_until_ns(SYNC_NS)
    assert disk.synced_ticket == ticket


def test_a_sync_covers_only_what_was_written_before_it() -> None:
    """A write after the request waits for the next sync."""
    clock, disk = _disk()
    first = disk.write("a", b"1", append=True)
    disk.request_sync()
    second = disk.write("a", b"2", append=True)
    clock.sleep_until_ns(SYNC_NS)

    assert disk.synced_ticket == first < second


def test_the_system_syncs_by_itself_in_the_end() -> None:
    """Nobody asks, and yet it is durable after a while."""
    clock, disk = _disk()
    ticket = disk.write("a", b"1", append=True)
    clock.sleep_until_ns(FLUSH_NS)
    assert disk.synced_ticket == ticket


names = st.sampled_from(["log", "state"])
writes = st.lists(st.tuples(names, st.binary(min_size=1, max_size=8), st.booleans()), max_size=12)


@given(writes, writes, st.integers(0, 1000))
def test_a_cut_never_harms_what_was_synced(
    before: list[tuple[str, bytes, bool]], after: list[tuple[str, bytes, bool]], seed: int
) -> None:
    """Appends synced before the cut survive as a prefix unless a later replace took the file's place."""
    clock, disk = _disk(seed)
    for name, data, append in before:
        disk.write(name, data, append=append)
    disk.request_sync()
    clock.sleep_until_ns(SYNC_NS)
    synced = {name: disk.content(name) for name in disk.names()}
    possible = {name: {data} for name, data in synced.items()}
    for name, data, append in after:
        disk.write(name, data, append=append)
        if not append and name in possible:
            possible[name].add(data)

    disk.cut()

    for name, contents in possible.items():
        found = disk.content(name)
        assert any(found[: len(content)] == content for content in contents)


def test_a_cut_can_lose_tear_and_reorder() -> None:
    """Over many seeds each kind of harm is seen, or the fault bench would test nothing."""
    outcomes = set()
    for seed in range(200):
        _, disk = _disk(seed)
        disk.write("log", b"aaaa", append=True)
        disk.write("log", b"bbbb", append=True)
        disk.cut()
        outcomes.add(disk.content("log") if "log" in disk.names() else None)

    assert None in outcomes  # both lost
    assert b"aaaa" in outcomes
    assert b"aaaabbbb" in outcomes
    assert b"\0\0\0\0bbbb" in outcomes  # the later one kept, the earlier one lost
    assert any(found is not None and 0 < len(found) < 4 for found in outcomes)  # torn


def test_a_replace_is_atomic() -> None:
    """After a cut the file is the old one or the new one, never a mixture."""
    for seed in range(100):
        _, disk = _disk(seed)
        disk.preload("state", b"old!")
        disk.write("state", b"newer", append=False)
        disk.cut()
        assert disk.content("state") in {b"old!", b"newer"}


def test_tickets_from_before_a_cut_mean_nothing_after_it() -> None:
    """A sync still under way when the power goes does not bring lost writes back."""
    clock, disk = _disk(3)
    disk.write("log", b"x", append=True)
    disk.request_sync()
    disk.cut()
    left = disk.names()
    clock.sleep_until_ns(SYNC_NS)
    assert disk.names() == left


def test_a_full_disk_says_so_and_keeps_what_it_has() -> None:
    """A write that does not fit is refused whole; room that is given back can be used again."""
    _, disk = _disk(capacity=10)
    disk.write("a", b"12345678", append=True)
    with pytest.raises(NotReady, match="full"):
        disk.write("b", b"123", append=True)
    assert disk.names() == ("a",)

    disk.write("a", None, append=False)
    disk.write("b", b"1234567890", append=False)
    assert disk.content("b") == b"1234567890"


def test_a_missing_file_is_not_ready() -> None:
    """Reading what is not there raises a device error, removing it is no error."""
    _, disk = _disk()
    with pytest.raises(NotReady, match="nothing"):
        disk.content("nothing")
    disk.write("nothing", None, append=False)
