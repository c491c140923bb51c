"""How many missions of 60 s the hunt flies and judges a second and core, drawing them included."""

from __future__ import annotations

from statistics import median

from benchmarks.figures import Figure, Timer, spread
from sil.hunt.examine import Coverage
from sil.hunt.search import Plan, Searcher
from sil.properties.catalogue import PROPERTIES

EXAMPLES = 60


def hunt_figures(runs: int, timer: Timer) -> list[Figure]:
    """One worker without a corpus, other missions in each run, each found to be clean."""
    rates = [_rate(number, timer) for number in range(runs)]
    note = f"{spread(rates)}, {EXAMPLES} examples each"
    what = "hunt, missions of 60 s a second and core"
    return [Figure(what, median(rates), "", hold=4.0, aim=8.0, more_is_better=True, note=note)]


def _rate(number: int, timer: Timer) -> float:
    plan = Plan(
        properties=tuple(PROPERTIES.values()),
        seed=7000 + number,
        duration_s=60.0,
        depth="device",
        rover="south_pole",
        corpus=None,
        examples=EXAMPLES,
    )
    searcher = Searcher(plan, lambda: False, _ignore)
    began_ns = timer()
    searcher.run()
    return searcher.coverage.examples / ((timer() - began_ns) / 1e9)


def _ignore(_: Coverage) -> None:
    """Nobody looks on."""
