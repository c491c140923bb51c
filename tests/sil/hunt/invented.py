"""Invented properties and a flight that is none, so that a search can be watched without flying."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sil.hunt.examine import Coverage, Examined
from sil.hunt.search import Plan, Searcher
from sil.properties.judging import Judgement, Property
from sil.scenario import Scenario

Margin = Callable[[Scenario], float]


def invented(name: str, *, aim: bool = False) -> Property:
    """A property by name only: who examines knows what it means."""
    return Property(
        name=name,
        promise="an invented promise",
        reason="an invented reason",
        judge=lambda run: Judgement(margin=1.0),
        aim=aim,
    )


class Examiner:
    """Stands in for `examine`: judges the scenario itself and remembers what it was shown."""

    def __init__(self, **margins: Margin) -> None:
        self._margins = margins
        self.shown: list[Scenario] = []

    def __call__(self, scenario: Scenario, properties: Sequence[Property], tick: object = None) -> Examined:
        self.shown.append(scenario)
        judgements = {prop.name: self._judge(prop.name, scenario) for prop in properties}
        return Examined(judgements=judgements, run=None, sim_s=scenario.duration_s)

    def _judge(self, name: str, scenario: Scenario) -> Judgement:
        return Judgement(margin=self._margins[name](scenario), t_s=1.0, text=f"{name} broke")


def plan(*names: str, examples: int | None = 100, corpus: str | None = None, seed: int = 1, aim: bool = False) -> Plan:
    """A plan for missions of a minute."""
    return Plan(
        properties=tuple(invented(name, aim=aim) for name in names),
        seed=seed,
        duration_s=60.0,
        depth="device",
        rover="south_pole",
        corpus=corpus,
        examples=examples,
    )


def searcher(wanted: Plan, clock_s: Callable[[], float] = lambda: 0.0) -> Searcher:
    """One that is never out of time."""
    return Searcher(wanted, lambda: False, _ignore, clock_s)


def _ignore(coverage: Coverage) -> None:
    del coverage


def no_arc(scenario: Scenario) -> float:
    """Broken by any arc."""
    return -1.0 if any(command.name == "mobility.arc" for command in scenario.command) else 1.0
