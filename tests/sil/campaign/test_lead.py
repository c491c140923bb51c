"""The leader: every seed once, whoever dies; and it says so where it cannot go on."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool

import pytest

from sil.campaign import lead
from sil.campaign.fly import Task, WrongWorker
from sil.campaign.lead import CrewLost, Leader
from sil.campaign.rows import Flown, Row
from tests.sil.campaign.rig import FakeCrew, plan

PLAN = plan(n=8)
TASKS = [PLAN.task(seed) for seed in PLAN.seeds]


@pytest.fixture(autouse=True)
def _nobody_really_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead, "fly", lambda task: Flown(row=Row(seed=task.seed, verdict="passed")))


class Desk:
    """Keeps what the leader says."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.notes: list[str] = []

    def leader(self, crew: FakeCrew) -> Leader:
        return Leader(crew, lambda flown: self.seeds.append(flown.row.seed), lambda: None, self.notes.append)


def test_every_seed_is_flown_once() -> None:
    """And the crew is sent home."""
    desk, crew = Desk(), FakeCrew()
    desk.leader(crew).run(TASKS)
    assert sorted(desk.seeds) == list(PLAN.seeds)
    assert (crew.starts, crew.stops, desk.notes) == (1, 1, [])


def test_a_worker_that_dies_costs_no_row_and_doubles_none() -> None:
    """The fifth task that is handed out loses its worker."""

    def fate(task: Task, number: int) -> None:
        if number == 5:
            raise BrokenProcessPool("terminated abruptly")

    desk, crew = Desk(), FakeCrew(fate, room=3)
    leader = desk.leader(crew)
    leader.run(TASKS)
    assert sorted(desk.seeds) == list(PLAN.seeds)
    assert leader.given_up == []
    assert "terminated abruptly" in desk.notes[0]


def test_a_seed_that_kills_its_worker_is_given_up_and_the_rest_is_flown() -> None:
    """Found by flying those alone that were on their way."""

    def fate(task: Task, number: int) -> None:
        if task.seed == 3:
            raise BrokenProcessPool("out of memory")

    desk, crew = Desk(), FakeCrew(fate, room=4)
    leader = desk.leader(crew)
    leader.run(TASKS)
    assert sorted(desk.seeds) == [seed for seed in PLAN.seeds if seed != 3]
    assert leader.given_up == [3]


def test_workers_that_always_die_end_the_campaign() -> None:
    """Not after every seed has been tried: after a few."""

    def fate(task: Task, number: int) -> None:
        raise BrokenProcessPool("no such machine")

    desk, crew = Desk(), FakeCrew(fate)
    with pytest.raises(CrewLost, match="no such machine"):
        desk.leader(crew).run(PLAN.task(seed) for seed in range(1000))
    assert desk.seeds == []
    assert crew.starts < 10
    assert crew.stops >= crew.starts


def test_a_worker_of_another_rahi_ends_the_campaign_at_once() -> None:
    """Its rows would be wrong ones."""

    def fate(task: Task, number: int) -> None:
        raise WrongWorker("worker a:1 has code 12, not 34")

    desk, crew = Desk(), FakeCrew(fate)
    with pytest.raises(WrongWorker):
        desk.leader(crew).run(TASKS)
    assert (desk.seeds, crew.starts, crew.stops) == ([], 1, 1)


def test_an_interrupt_sends_the_crew_home() -> None:
    """Ctrl-C goes through."""

    def fate(task: Task, number: int) -> None:
        if number == 4:
            raise KeyboardInterrupt

    desk, crew = Desk(), FakeCrew(fate)
    with pytest.raises(KeyboardInterrupt):
        desk.leader(crew).run(TASKS)
    assert crew.stops == 1


def test_no_more_than_there_is_room_for_is_on_its_way() -> None:
    """A million seeds must not all be handed out at once."""
    seen: list[int] = []
    desk, crew = Desk(), FakeCrew(room=3)
    leader = Leader(crew, lambda flown: seen.append(len(crew.handed_out)), lambda: None, desk.notes.append)
    leader.run(TASKS)
    assert all(handed_out - taken <= 3 for taken, handed_out in enumerate(seen))
