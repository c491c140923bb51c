"""The search of one worker: Hypothesis generates missions, aims at small margins, and shrinks the first that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings, target
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import HypothesisException, InvalidArgument

from sil.hunt.examine import Coverage, Examined, examine
from sil.properties.judging import Property
from sil.scenario import Depth, Scenario
from sil.strategies.missions import missions

SPREAD: Final = 12
"""Examples of a round that spreads.  After ten good ones Hypothesis begins to vary what it has, which spreads less."""
CLIMB: Final = 60
"""Examples of a round that climbs toward small margins."""
SHRINK_S: Final = 10.0
"""After that the smallest so far goes to the reducer, which knows what a scenario is made of."""
CLIMBS_EVERY: Final = 12
"""Rounds: about a third of all examples are used for climbing."""


LOOK_EVERY: Final = 100
"""Cycles of a mission from one look at the time to the next."""


class TimeOver(BaseException):
    """Ends a round of Hypothesis at once; no error, so it must not be an `Exception`."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to search."""

    properties: tuple[Property, ...]
    seed: int
    duration_s: float
    depth: Depth
    rover: str
    corpus: str | None
    examples: int | None
    """Most examples of this worker."""


class Find(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that breaks a property."""

    scenario: Scenario
    broken: str
    text: str


class Searcher:
    """One worker; `run` returns the first find, shrunk by Hypothesis, or None when its time is over."""

    def __init__(
        self,
        plan: Plan,
        over: Callable[[], bool],
        report: Callable[[Coverage], None],
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._over = over
        self._report = report
        self._clock_s = clock_s
        self.coverage = Coverage()
        self.smallest: Find | None = None
        self._shrink_until_s = 0.0
        self._flown: set[int] = set()
        self._ticks = 0
        self._error: Exception | None = None
        self._aims = tuple(prop.name for prop in plan.properties if prop.aim)
        self.found_s: float | None = None
        """When the first failure was seen."""

    def run(self) -> Find | None:
        """Rounds of examples until something is found or the time is over."""
        batch = 0
        while self.smallest is None and not self._done():
            self._round(self._plan.seed * 10_000 + batch)
            batch += 1
            if self._error is not None:
                raise self._error
        return self.smallest

    def _done(self) -> bool:
        most = self._plan.examples
        return self._over() or (most is not None and self.coverage.examples >= most)

    def _round(self, number: int) -> None:
        plan = self._plan
        most = CLIMB if _climbs(number) else SPREAD
        left = most if plan.examples is None else min(most, plan.examples - self.coverage.examples)
        database = None if plan.corpus is None else DirectoryBasedExampleDatabase(plan.corpus)

        @settings(
            max_examples=left + 1,  # the first one has been flown before, in every round but the first
            database=database,
            deadline=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=_phases(number),
            suppress_health_check=list(HealthCheck),
        )
        @seed(number)  # below the settings: it takes away the database of those that it finds
        @given(missions(plan.duration_s, plan.depth, plan.rover))
        def hunt(scenario: Scenario) -> None:
            self._one(scenario)

        try:
            hunt()
        except InvalidArgument:
            raise  # a strategy that cannot draw: no example would ever be flown
        except (TimeOver, HypothesisException):
            return
        except Broken:
            return

    def _one(self, scenario: Scenario) -> None:
        self._check_time()
        if self.smallest is None and not self._new(scenario):
            return
        examined = self._examined(scenario)
        self.coverage.note(examined)
        broken = examined.broken
        if broken is None:
            self._aim(examined)
        else:
            self._keep(scenario, broken, examined)
        self._report(self.coverage)
        if broken is not None:
            raise BROKEN.setdefault(broken, _named(broken))

    def _examined(self, scenario: Scenario) -> Examined:
        """An error of the bench ends the search; left to Hypothesis it would be taken for a flaky example."""
        try:
            return examine(scenario, self._plan.properties, self._tick)
        except Exception as error:
            self._error = error
            raise TimeOver from error

    def _new(self, scenario: Scenario) -> bool:
        """Every round of Hypothesis begins with the simplest mission, which has been flown before."""
        key = hash(repr(scenario))
        known = key in self._flown
        self._flown.add(key)
        return not known

    def _tick(self) -> None:
        """A long mission must not outlast the hunt; not at every cycle, for the look at the time costs too."""
        self._ticks += 1
        if self._ticks % LOOK_EVERY == 0:
            self._check_time()

    def _check_time(self) -> None:
        if self.smallest is None:
            if self._done():
                raise TimeOver
        elif self._clock_s() > self._shrink_until_s:
            raise TimeOver

    def _keep(self, scenario: Scenario, broken: str, examined: Examined) -> None:
        """The smallest that breaks what the first one broke."""
        if self.smallest is None:
            self.found_s = self._clock_s()
            self._shrink_until_s = self.found_s + SHRINK_S
        elif broken != self.smallest.broken or size(scenario) > size(self.smallest.scenario):
            return
        self.smallest = Find(scenario=scenario, broken=broken, text=examined.judgements[broken].text)

    def _aim(self, examined: Examined) -> None:
        """Tell Hypothesis the smallest margin among those that one can climb down."""
        margins = [examined.judgements[name].margin for name in self._aims if name in examined.judgements]
        if min(margins, default=1.0) < 1.0:
            target(-min(margins), label="margin")


def _climbs(number: int) -> bool:
    return number % CLIMBS_EVERY == CLIMBS_EVERY - 1


def _phases(number: int) -> tuple[Phase, ...]:
    aimed = (Phase.target,) if _climbs(number) else ()
    return (Phase.reuse, Phase.generate, *aimed, Phase.shrink)


class Broken(Exception):
    """A property does not hold; a class of its own for each, so that shrinking does not slip to another one."""


BROKEN: dict[str, type[Broken]] = {}


def _named(name: str) -> type[Broken]:
    return type(f"Broken_{name}", (Broken,), {})


def size(scenario: Scenario) -> tuple[int, int]:
    """What there is to understand: parts, and letters in them."""
    parts = _parts(scenario)
    return len(parts), len(repr(parts))


def _parts(scenario: Scenario) -> Sequence[Any]:
    return (*scenario.command, *scenario.fault, *scenario.computer, *scenario.uplink, *scenario.link_gap)
