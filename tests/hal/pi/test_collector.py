"""Garbage collection in the slack: due, fitting, measured, and handed back."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from hal.api.clock import NS_PER_S
from hal.pi.collector import GATHERED, PASSES_TO_ALL, Collector


class Node:
    """Half of a cycle."""

    def __init__(self) -> None:
        self.other: Node | None = None


def _make_cycle() -> weakref.ref[Node]:
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one)


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    collector.begin()
    yield collector
    collector.end()
    assert gc.isenabled()


def test_nothing_is_collected_within_a_cycle(collector: Collector) -> None:
    """However much garbage there is."""
    dead = _make_cycle()
    kept = [[n] for n in range(10 * GATHERED)]
    assert not gc.isenabled()
    assert dead() is not None
    assert kept


def test_garbage_goes_in_the_next_slack(collector: Collector) -> None:
    dead = _make_cycle()
    kept = [[n] for n in range(GATHERED)]
    collector.run(NS_PER_S)
    assert dead() is None
    assert collector.passes == 1
    assert collector.longest_ns > 0
    assert kept


def test_a_little_garbage_waits(collector: Collector) -> None:
    collector.run(NS_PER_S)
    passes = collector.passes
    collector.run(NS_PER_S)
    assert collector.passes == passes


def test_a_pass_that_does_not_fit_is_put_off_but_not_for_ever(collector: Collector) -> None:
    """In a slack of a hundred microseconds the guess shrinks until it is tried."""
    dead = _make_cycle()
    kept = [[n] for n in range(GATHERED)]
    collector.run(100_000)
    assert collector.put_off == 1
    assert dead() is not None
    for _ in range(100):
        collector.run(100_000)
    assert dead() is None
    assert kept


def test_what_was_built_before_is_not_looked_at_again(collector: Collector) -> None:
    """Frozen objects count in no generation."""
    assert gc.get_freeze_count() > 1000


def test_garbage_that_grew_old_goes_too(collector: Collector) -> None:
    """A cycle that survived young passes is found by a full one."""
    one, two = Node(), Node()
    one.other, two.other = two, one
    dead = weakref.ref(one)
    kept: list[list[int]] = []
    for number in range(PASSES_TO_ALL):
        if number == 20:
            del one, two
        assert number < 21 or dead() is not None
        kept += [[n] for n in range(GATHERED + 1)]
        collector.run(NS_PER_S)
    assert collector.passes == PASSES_TO_ALL
    assert dead() is None
