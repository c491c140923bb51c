"""What the rows of a campaign come to: spreads of what was measured, and failures by what broke."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec

from sil.campaign.plan import Plan
from sil.campaign.rows import ERROR, PASSED, Row
from sil.campaign.store import Store

MEASURED: Final = (
    ("distance_m", "distance driven, m"),
    ("soc", "state of charge at the end"),
    ("min_soc", "least state of charge"),
    ("load_wh", "energy drawn by the loads, Wh"),
    ("array_wh", "energy from the array, Wh"),
)


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How one quantity is distributed."""

    name: str
    title: str
    values: tuple[float, ...]
    """In rising order."""

    def at(self, share: float) -> float:
        """The value below which this share of the runs lies (nearest rank)."""
        return self.values[max(0, math.ceil(share * len(self.values)) - 1)]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A property or an expectation that broke, and in which runs, the worst first."""

    kind: str
    name: str
    seeds: tuple[int, ...]
    text: str
    """Of the worst run."""


class Margins(msgspec.Struct, frozen=True, kw_only=True):
    """How near the runs came to breaking one property."""

    spread: Spread
    seed: int
    """The run that came nearest."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the page shows."""

    plan: Plan
    rows: tuple[Row, ...]
    spreads: tuple[Spread, ...]
    margins: tuple[Margins, ...]
    """The nearest property first."""
    failures: tuple[Failure, ...]
    """What broke most often first."""

    def count(self, verdict: str) -> int:
        """Runs of that verdict."""
        return sum(row.verdict == verdict for row in self.rows)

    @property
    def whole(self) -> bool:
        """Every seed has its row."""
        return len(self.rows) == self.plan.n

    @property
    def all_passed(self) -> bool:
        """Every seed has its row, and every row passed."""
        return self.whole and self.count(PASSED) == len(self.rows)


def figures_of(plan: Plan, store: Store) -> Figures:
    """From the tables."""
    rows = tuple(store.rows())
    margins, broken = _margins(store)
    failures = [*broken, *_unmet(store), *_errors(rows)]
    failures.sort(key=lambda failure: -len(failure.seeds))
    least: dict[int, float] = {}
    for seed, _, margin, _, _ in store.margins():
        least[seed] = min(margin, least.get(seed, margin))
    spreads = [_spread(name, title, [getattr(row, name) for row in rows]) for name, title in MEASURED]
    spreads.append(_spread("margin", "least margin of any property", least.values()))
    return Figures(
        plan=plan,
        rows=rows,
        spreads=tuple(spread for spread in spreads if spread.values),
        margins=margins,
        failures=tuple(failures),
    )


def _spread(name: str, title: str, values: Iterable[float | None]) -> Spread:
    return Spread(name=name, title=title, values=tuple(sorted(value for value in values if value is not None)))


def _margins(store: Store) -> tuple[tuple[Margins, ...], list[Failure]]:
    found, broken = [], []
    for name, group in groupby(store.margins(), key=itemgetter(1)):
        items = sorted((margin, seed, text) for seed, _, margin, _, text in group)
        spread = _spread(name, name, [margin for margin, _, _ in items])
        found.append(Margins(spread=spread, seed=items[0][1]))
        below = [item for item in items if item[0] < 0.0]
        if below:
            seeds = tuple(seed for _, seed, _ in below)
            broken.append(Failure(kind="property", name=name, seeds=seeds, text=below[0][2]))
    found.sort(key=lambda item: item.spread.values[0])
    return tuple(found), broken


def _unmet(store: Store) -> list[Failure]:
    found = []
    for number, group in groupby(store.unmet(), key=itemgetter(1)):
        items: Sequence[tuple[int, int, str, str]] = list(group)
        seeds = tuple(seed for seed, *_ in items)
        name = f"expect#{number}: {items[0][2]}"
        found.append(Failure(kind="expectation", name=name, seeds=seeds, text=items[0][3]))
    return found


def _errors(rows: Sequence[Row]) -> list[Failure]:
    errors = sorted((row.error or "", row.seed) for row in rows if row.verdict == ERROR)
    return [
        Failure(kind="Rahi itself", name=text, seeds=tuple(seed for _, seed in group), text="")
        for text, group in groupby(errors, key=itemgetter(0))
    ]
