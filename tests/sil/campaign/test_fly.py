"""One seed in a worker: a row that repeats, that `rahi sil` repeats too, and that says what failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from sil.campaign import fly as module
from sil.campaign.fly import WrongWorker, fly
from sil.campaign.plan import make_plan, replayable
from sil.campaign.rows import Flown
from sil.loader import load_scenario
from sil.mission import Mission
from sil.properties.catalogue import PROPERTIES
from sil.run import run
from tests.sil.campaign.rig import TEXT, plan, tiny


def _timeless(flown: Flown) -> Flown:
    return msgspec.structs.replace(flown, wall_s=0.0, worker="")


def test_a_row_repeats() -> None:
    """All of it but the wall time."""
    task = plan(wanted="all").task(4)
    first = fly(task)
    assert _timeless(first) == _timeless(fly(task))
    assert first.row.cycles == 200
    assert first.row.sim_s == pytest.approx(20.0, abs=0.2)
    assert first.wall_s > 0.0
    assert {item.property for item in first.margins} <= set(PROPERTIES)


def test_rows_differ_by_seed_and_by_what_broke() -> None:
    """The jam comes to half of the seeds, and with it the expectation that nothing stalls fails."""
    rows = [fly(plan().task(seed)).row for seed in range(8)]
    assert len({row.downlink_sha256 for row in rows}) == 8
    assert 0 < sum(row.faults or 0 for row in rows) < 8
    assert {row.verdict for row in rows} == {"passed", "failed"}
    assert all((row.unmet > 0) <= (row.faults == 1) for row in rows)


def test_energy_is_that_of_the_truth(tmp_path: Path) -> None:
    """Drawn by the loads over 20 s: tens of watts; and the charge never lies below its least."""
    row = fly(plan().task(1)).row
    assert row.load_wh is not None
    assert 5.0 < row.load_wh / (20.0 / 3600.0) < 200.0
    assert 0.0 < (row.min_soc or 0.0) <= (row.soc or 0.0) <= 1.0


@pytest.mark.parametrize("wanted", ["all", "stop_acts_in_its_cycle", "none"])
def test_the_folders_scenario_replays_to_the_same_packets(wanted: str, tmp_path: Path) -> None:
    """As `rahi sil OUT/scenario.toml --seed N` reads it."""
    file = tmp_path / "scenario.toml"
    file.write_text(replayable(tiny(), plan(wanted=wanted)), encoding="utf-8")
    row = fly(plan(wanted=wanted).task(9)).row
    again = run(load_scenario(str(file)), seed=9)
    assert again.downlink_sha256 == row.downlink_sha256
    assert again.passed == (row.verdict == "passed")


def test_a_property_that_breaks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first to break, though the last in the catalogue; it fails the run although the expectations hold."""

    def judge_all(run: Any, properties: Any) -> Any:
        from sil.properties.judging import Judgement

        names = [prop.name for prop in properties]
        times = [9.0] * (len(names) - 1) + [4.0]
        return {name: Judgement(margin=-0.5, t_s=t_s, text="x") for name, t_s in zip(names, times, strict=True)}

    monkeypatch.setattr(module, "judge_all", judge_all)
    flown = fly(make_plan(tiny(TEXT.split("[[expect]]", maxsplit=1)[0]), 1, 1, "all").task(1))
    assert (flown.row.verdict, flown.row.unmet) == ("failed", 0)
    assert flown.row.broken == list(PROPERTIES)[-1]


def test_what_fails_in_rahi_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its text and its place, and no folder of this machine."""

    class Broken(Mission):
        def run(self, *_: object) -> None:
            raise ZeroDivisionError("float division <by> zero")

    monkeypatch.setattr(module, "Mission", Broken)
    row = fly(plan().task(3)).row
    assert (row.seed, row.verdict, row.cycles) == (3, "error", None)
    assert row.error is not None
    assert row.error.startswith("ZeroDivisionError: float division <by> zero (fly.py:")
    assert "/" not in row.error


def test_too_little_memory_is_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says something of the machine, nothing of the scenario."""

    class Broken(Mission):
        def run(self, *_: object) -> None:
            raise MemoryError

    monkeypatch.setattr(module, "Mission", Broken)
    with pytest.raises(MemoryError):
        fly(plan().task(3))


@pytest.mark.parametrize("name", ["version", "code", "python", "math_id", "files"])
def test_another_rahi_refuses_to_fly(name: str) -> None:
    """Whatever it is that differs."""
    task = plan().task(1)
    other = msgspec.structs.replace(task.identity, **{name: "another"})
    with pytest.raises(WrongWorker, match=name):
        fly(msgspec.structs.replace(task, identity=other))


def test_a_world_that_is_not_there_is_no_row(tmp_path: Path) -> None:
    """A worker that runs in another folder cannot read the campaign's own files."""
    task = plan().task(1)
    text = task.scenario.replace('"flat"', '"own/gone.toml"')
    with pytest.raises(WrongWorker, match=r"own/gone\.toml"):
        fly(msgspec.structs.replace(task, scenario=text))
