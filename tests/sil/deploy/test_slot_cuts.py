"""The slot tool: the power cut at every storage operation."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from sil.deploy.target.state import TRIES
from tests.sil.deploy.memory_disk import MemoryDisk, PowerCut
from tests.sil.deploy.slot_bench import Bench, proven


def scenario(bench: Bench) -> None:
    """A good update, a broken one, and another good one into the slot that was dropped."""
    proven(bench, "2")
    bench.deploy("3")
    for _ in range(TRIES + 1):
        bench.slots.select()
    proven(bench, "4")


def fresh(with_factory: bool) -> Bench:
    """A rover that runs version 1."""
    bench = Bench(MemoryDisk(), Path("/rover"))
    if with_factory:
        bench.install_factory()
    proven(bench, "1")
    assert isinstance(bench.disk, MemoryDisk)
    bench.disk.sync_all()
    bench.disk.operations = 0
    return bench


def operations_of_scenario(with_factory: bool) -> int:
    bench = fresh(with_factory)
    scenario(bench)
    assert isinstance(bench.disk, MemoryDisk)
    return bench.disk.operations


def check_cuts(with_factory: bool, ways: int) -> None:
    """At each operation, in so many ways of losing what was not synced; and the next update works, whatever is left."""
    total = operations_of_scenario(with_factory)
    assert total > 140
    for operation in range(total):
        for way in range(ways):
            bench = fresh(with_factory)
            disk = bench.disk
            assert isinstance(disk, MemoryDisk)
            disk.operations_left = operation
            with pytest.raises(PowerCut):
                scenario(bench)
            random = Random(f"{operation}/{way}")
            disk.cut((lambda _: 0) if way == 0 else random.randrange, bench.places.run)

            versions = [bench.version(bench.slots.select()) for _ in range(TRIES + 2)]
            assert versions[-1] in {"1", "2", "4"}, (operation, way)
            proven(bench, "5")
            assert bench.version(bench.slots.select()) == "5"


@pytest.mark.parametrize("with_factory", [True, False])
def test_a_power_cut_at_any_operation_leaves_a_slot_that_starts(with_factory: bool) -> None:
    """Nothing unsynced survives, and a random part of it."""
    check_cuts(with_factory, ways=2)


def test_a_cut_update_is_nobodys_fallback_in_part() -> None:
    """Cut while a slot that was good is written over, and then the other one is damaged too."""
    for operation in range(operations_of_scenario(with_factory=True)):
        bench = fresh(with_factory=True)
        proven(bench, "2")
        disk = bench.disk
        assert isinstance(disk, MemoryDisk)
        disk.sync_all()
        disk.operations_left = operation
        try:
            bench.deploy("3")
        except PowerCut:
            disk.cut(lambda below: below - 1, bench.places.run)
        disk.operations_left = None
        disk.write(bench.slots.folder("b") / "manifest.json", b"?")

        assert bench.version(bench.slots.select()) in {"0", "1", "3"}


@pytest.mark.soak
@pytest.mark.parametrize("with_factory", [True, False])
def test_a_power_cut_at_any_operation_in_many_ways(with_factory: bool) -> None:
    check_cuts(with_factory, ways=25)


def test_a_cut_after_good_has_returned_loses_nothing() -> None:
    for seed in range(50):
        bench = fresh(with_factory=False)
        proven(bench, "2")
        assert isinstance(bench.disk, MemoryDisk)
        bench.disk.cut(Random(seed).randrange, bench.places.run)

        assert bench.version(bench.slots.select()) == "2"
