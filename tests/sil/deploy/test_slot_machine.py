"""Slots under anything in any order: updates good and bad, power cuts, damage, going back; always something starts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sil.deploy.target.errors import SlotError
from sil.deploy.target.state import TRIES
from tests.sil.deploy.memory_disk import MemoryDisk, PowerCut
from tests.sil.deploy.slot_bench import FACTORY_VERSION, Bench

MOMENTS = st.none() | st.integers(0, 60)
"""Operations until the power goes, if it does."""


class Slots(RuleBasedStateMachine):
    """A rover with a factory copy, as an image makes it."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = MemoryDisk()
        self.bench = Bench(self.disk, Path("/rover"))
        self.bench.install_factory()
        self.versions = 0
        self.starts: dict[str, int] = {}
        """Of versions that have never been good."""
        self.good = {FACTORY_VERSION}
        self.newest: str | None = FACTORY_VERSION
        """What an undamaged rover would start if nothing were on trial; None: it depends."""

    def _cut(self, seed: int) -> None:
        self.disk.cut(Random(seed).randrange, self.bench.places.run)

    @rule(moment=MOMENTS, seed=st.integers(0, 9))
    def deploy(self, moment: int | None, seed: int) -> None:
        """A new version, uploaded and put on trial."""
        self.versions += 1
        self.disk.operations_left = moment
        try:
            self.bench.deploy(str(self.versions))
        except SlotError as error:
            assert "on trial" in str(error)
        except PowerCut:
            self._cut(seed)
        self.disk.operations_left = None

    @rule(outcome=st.sampled_from(["good", "crash", "halt", "hang"]), moment=MOMENTS, seed=st.integers(0, 9))
    def start(self, outcome: str, moment: int | None, seed: int) -> None:
        """One start of the unit, to its end."""
        self.disk.operations_left = moment
        try:
            version = self._started()
            if outcome == "good":
                self.good.add(version)  # READY was sent; what the tool makes of it may be cut
                self.newest = None
                self.bench.slots.good()
                self.newest = version if self.bench.slots.state().active == self.bench.slots.running() else None
            elif outcome != "hang":
                self.bench.slots.stopped("exited", "72" if outcome == "halt" else "3")
        except PowerCut:
            self._cut(seed)
        self.disk.operations_left = None

    def _started(self) -> str:
        version = self.bench.version(self.bench.slots.select())
        if version not in self.good:
            self.starts[version] = self.starts.get(version, 0) + 1
        assert self.starts.get(version, 0) <= TRIES
        return version

    @rule(name=st.sampled_from("ab"), what=st.sampled_from(["lib/flight/main.py", "manifest.json", "good"]))
    def damage(self, name: str, what: str) -> None:
        """A file is cut short."""
        path = self.bench.slots.folder(name) / what
        if self.disk.size(path) is not None:
            self.disk.write(path, b"?")
            self.newest = None

    @rule(text=st.binary(max_size=20))
    def lose_slots_json(self, text: bytes) -> None:
        """It cannot be read any more."""
        self.disk.write(self.bench.places.base / "slots.json", text)
        self.disk.sync_all()
        self.newest = None

    @rule()
    def go_back(self) -> None:
        """By the operator, with the restart; with damage on top there may be nothing to go back to."""
        try:
            self.bench.slots.back()
            self._started()
        except SlotError as error:
            assert "nothing to go back to" in str(error)
        self.newest = None

    @rule(seed=st.integers(0, 9))
    def cut_between(self, seed: int) -> None:
        """The power goes while nothing happens."""
        self._cut(seed)

    @invariant()
    def what_would_start_is_whole_and_was_good(self) -> None:
        """Apart from what is on trial and has starts left."""
        slots = self.bench.slots
        version = self.bench.version(slots.fallback())
        assert version in self.good
        assert self.newest is None or version == self.newest

    @invariant()
    def the_running_slot_is_never_free(self) -> None:
        """An update does not pull the ground away, and waits for nothing but the end of a trial."""
        try:
            assert self.bench.slots.free() != self.bench.slots.running()
        except SlotError:
            assert self.bench.slots.state().pending == self.bench.slots.running()


Slots.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestSlots = Slots.TestCase


@pytest.mark.soak
def test_slots_for_long() -> None:
    run_state_machine_as_test(Slots, settings=settings(max_examples=1500, stateful_step_count=50, deadline=None))
