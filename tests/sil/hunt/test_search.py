"""The search of one worker: finds, shrinks, keeps to its limits, aims, and begins with what it found before."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis.errors import InvalidArgument

from sil.hunt import search
from sil.hunt.examine import examine
from sil.hunt.search import SHRINK_S, Searcher, size
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.record import Run
from sil.scenario import Scenario
from sil.strategies.commands import DRIVES
from tests.sil.hunt.invented import Examiner, invented, no_arc, plan, searcher

NO_ARC = "arcs_are_never_ordered"


def _examined_by(monkeypatch: pytest.MonkeyPatch, examiner: Examiner) -> Examiner:
    monkeypatch.setattr(search, "examine", examiner)
    return examiner


def test_an_easy_condition_is_found_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a hundred examples; what is left is the one command that matters."""
    examiner = _examined_by(monkeypatch, Examiner(arcs_are_never_ordered=no_arc))
    hunt = searcher(plan(NO_ARC))

    find = hunt.run()

    assert find is not None
    assert find.broken == NO_ARC
    assert find.text == f"{NO_ARC} broke"
    assert [command.name for command in find.scenario.command] == ["mobility.arc"]
    assert (find.scenario.fault, find.scenario.uplink, find.scenario.link_gap) == ((), (), ())
    first = next(number for number, shown in enumerate(examiner.shown) if no_arc(shown) < 0.0)
    assert first <= 100
    assert hunt.found_s == 0.0


def test_without_time_to_shrink_it_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that runs fast: the first find, or a smaller one met in those few moments."""
    examiner = _examined_by(monkeypatch, Examiner(arcs_are_never_ordered=no_arc))
    seconds = count(0.0, SHRINK_S / 4.0)
    hunt = searcher(plan(NO_ARC), lambda: next(seconds))

    find = hunt.run()

    assert find is not None
    broken = [shown for shown in examiner.shown if no_arc(shown) < 0.0]
    assert len(broken) <= 6
    assert find.scenario in broken
    assert size(find.scenario) <= size(broken[0])


def test_nothing_is_found_where_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with its examples, flies none twice, and has counted them."""
    examiner = _examined_by(monkeypatch, Examiner(holds=lambda scenario: 1.0))
    hunt = searcher(plan("holds", examples=60))

    assert hunt.run() is None
    assert len(examiner.shown) == hunt.coverage.examples == 60
    assert len({repr(scenario) for scenario in examiner.shown}) == 60
    assert hunt.coverage.sim_s == 60 * 60.0
    assert hunt.coverage.tested == {"holds": 60}
    assert hunt.found_s is None


def test_it_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the midst of a round."""
    examiner = _examined_by(monkeypatch, Examiner(holds=lambda scenario: 1.0))
    hunt = search.Searcher(plan("holds", examples=None), lambda: len(examiner.shown) >= 17, lambda coverage: None)

    assert hunt.run() is None
    assert len(examiner.shown) == 17


def test_equal_seeds_search_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """And others do not."""
    shown = []
    for seed in (1, 1, 2):
        examiner = _examined_by(monkeypatch, Examiner(holds=lambda scenario: 1.0))
        searcher(plan("holds", examples=30, seed=seed)).run()
        shown.append(examiner.shown)

    assert shown[0] == shown[1]
    assert shown[0] != shown[2]


def test_shrinking_does_not_slip_to_another_property(monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks one property in the large may break another in the small."""

    def two_commands(scenario: Scenario) -> float:
        return -2.0 if len(scenario.command) > 1 else 1.0

    def one_command(scenario: Scenario) -> float:
        return -1.0 if len(scenario.command) == 1 else 1.0

    examiner = _examined_by(monkeypatch, Examiner(two=two_commands, one=one_command))
    find = searcher(plan("two", "one")).run()

    assert find is not None
    first = next(shown for shown in examiner.shown if min(two_commands(shown), one_command(shown)) < 0.0)
    assert find.broken == ("two" if len(first.command) > 1 else "one")
    assert len(find.scenario.command) == (2 if find.broken == "two" else 1)


def test_it_climbs_toward_small_margins(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its rounds of aiming it is told the margins of what can be climbed along, and of nothing else."""
    told: list[float] = []
    monkeypatch.setattr(search, "target", lambda value, label: told.append(value))
    monkeypatch.setattr(search, "_climbs", lambda number: True)
    _examined_by(monkeypatch, Examiner(near=lambda scenario: 0.25, far=lambda scenario: 0.125))
    both = plan("near", "far", examples=8)
    aimed = msgspec.structs.replace(both, properties=(invented("near", aim=True), invented("far")))

    searcher(aimed).run()

    assert set(told) == {-0.25}


def test_the_corpus_is_tried_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What one hunt has found the next one, with another seed, meets among its first examples."""
    examiner = _examined_by(monkeypatch, Examiner(arcs_are_never_ordered=no_arc))
    searcher(plan(NO_ARC, corpus=str(tmp_path))).run()
    examiner.shown.clear()

    assert searcher(plan(NO_ARC, corpus=str(tmp_path), seed=77)).run() is not None

    assert any(no_arc(scenario) < 0.0 for scenario in examiner.shown[:2])


def test_a_strategy_that_cannot_draw_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the search would go on for ever without one example."""

    def wrong(*_: object) -> object:
        raise InvalidArgument("nothing to draw from")

    monkeypatch.setattr(search, "missions", wrong)
    with pytest.raises(InvalidArgument):
        searcher(plan("holds")).run()


def test_a_real_flight_is_searched() -> None:
    """With the rover flying: the promise that nothing ever moves is broken by the first mission with a good drive."""

    def never(run: Run) -> Judgement:
        nearest = Nearest()
        for item in run.taken:
            if item.name in DRIVES:
                nearest.fail(item.t_ns, "a drive was taken")
        return nearest.judgement()

    prop = Property(name="nothing_moves", promise="no drive is ever taken", reason="none", judge=never)
    wanted = msgspec.structs.replace(plan("x", examples=40), properties=(prop,), duration_s=40.0)
    ticks = count(0.0, SHRINK_S / 3.0)
    hunt = searcher(wanted, lambda: next(ticks))

    find = hunt.run()

    assert find is not None
    assert find.text == "a drive was taken"
    assert examine(find.scenario, (prop,)).broken == "nothing_moves"
    assert set(DRIVES) & set(hunt.coverage.commands)


def test_a_long_mission_does_not_outlast_the_hunt() -> None:
    """A day's mission is broken off when the time is over."""
    looks = count()
    wanted = msgspec.structs.replace(plan("x", examples=None), properties=(), duration_s=86_400.0)
    hunt = Searcher(wanted, lambda: next(looks) > 5, lambda coverage: None)

    assert hunt.run() is None
    assert hunt.coverage.examples == 0


def test_an_error_of_the_bench_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis would call it a flaky example and go on for ever."""

    def ill(*_: object) -> object:
        raise RuntimeError("ill")

    monkeypatch.setattr(search, "examine", ill)

    with pytest.raises(RuntimeError, match="ill"):
        searcher(plan("holds")).run()
