"""One example: fly a scenario, judge every property, note what it covered."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence

import msgspec

from sil.hunt.wall_limit import TooLong, wall_limit
from sil.mission import Mission
from sil.properties.catalogue import judge_all
from sil.properties.judging import Judgement, Property
from sil.properties.record import Run
from sil.properties.witness import Witness
from sil.scenario import Scenario

CRASH = "simulation_runs"
"""Stands for the promise that Rahi itself does not fail."""
START_S = 30.0
"""A mission that takes this and its own length of wall time will not end."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one example."""

    judgements: dict[str, Judgement]
    run: Run | None
    """None if Rahi itself failed."""
    sim_s: float

    @property
    def broken(self) -> str | None:
        """The property that was missed by most, None if all hold."""
        name = min(self.judgements, key=lambda key: self.judgements[key].margin)
        return None if self.judgements[name].holds else name


def examine(scenario: Scenario, properties: Sequence[Property], tick: Callable[[], None] = lambda: None) -> Examined:
    """Fly and judge; never raises for what the mission does.  `tick` is called every cycle and may raise to end it."""
    mission = Mission(scenario)
    witness = Witness(mission)

    def look(now_ns: int) -> None:
        witness.look(now_ns)
        tick()

    try:
        with wall_limit(START_S + scenario.duration_s):
            mission.run(look)
        run = witness.finish()
        judgements = judge_all(run, properties)
    except (Exception, TooLong):  # noqa: BLE001 - a simulation that fails, or does not end, is a find too
        text = traceback.format_exc(limit=-3).strip().splitlines()
        failed = Judgement(margin=-1.0, t_s=mission.elapsed_s, text=" | ".join(text[-3:]))
        return Examined(judgements={CRASH: failed}, run=None, sim_s=mission.elapsed_s)
    return Examined(judgements=judgements, run=run, sim_s=mission.elapsed_s)


class Coverage(msgspec.Struct, kw_only=True):
    """What a hunt has touched so far; sums of several workers add up."""

    examples: int = 0
    sim_s: float = 0.0
    pairs: dict[str, int] = {}
    modes: dict[str, int] = {}
    transitions: dict[str, int] = {}
    commands: dict[str, int] = {}
    events: dict[str, int] = {}
    tested: dict[str, int] = {}
    nearest: dict[str, float] = {}

    def note(self, examined: Examined) -> None:
        """One more example."""
        self.examples += 1
        self.sim_s += examined.sim_s
        for name, judgement in examined.judgements.items():
            if judgement.margin <= 1.0:
                _count(self.tested, name)
                self.nearest[name] = min(self.nearest.get(name, 1.0), judgement.margin)
        if examined.run is not None:
            self._run(examined.run)

    def _run(self, run: Run) -> None:
        for pair in run.broken:
            _count(self.pairs, pair)
        for mode in {look.mode for look in run.looks if look.mode is not None}:
            _count(self.modes, mode.name)
        for way in {f"{entry.old.name} -> {entry.new.name}" for entry in run.modes}:
            _count(self.transitions, way)
        stopped = {"system.stop"} if any(look.stops for look in run.looks) else set()  # passes no queue
        for name in {item.name for item in run.taken} | stopped:
            _count(self.commands, name)
        for name in {name for _, name in run.events}:
            _count(self.events, name)

    def add(self, other: Coverage) -> None:
        """What another worker has touched."""
        self.examples += other.examples
        self.sim_s += other.sim_s
        for name in ("pairs", "modes", "transitions", "commands", "events", "tested"):
            mine, theirs = getattr(self, name), getattr(other, name)
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        for key, margin in other.nearest.items():
            self.nearest[key] = min(self.nearest.get(key, 1.0), margin)


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1
