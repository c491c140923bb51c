"""A campaign from its plan to its summary; what was flown before is not flown again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from hal.api.config import ConfigError
from sil.campaign.crews import Crew
from sil.campaign.figures import Figures, figures_of
from sil.campaign.lead import Leader
from sil.campaign.listing import CSV_FILE, write_csv
from sil.campaign.page import SUMMARY_FILE, page
from sil.campaign.plan import Plan, held
from sil.campaign.progress import Shown
from sil.campaign.rows import Flown
from sil.campaign.store import RESULTS_FILE, Store


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    figures: Figures
    given_up: tuple[int, ...]
    """Seeds without a row: their worker died each time."""


def campaign(
    plan: Plan, out: Path, crew: Crew, show: Callable[[int, dict[str, int]], Shown], replay: str, *, as_csv: bool
) -> Outcome:
    """Fly what is missing, keep each row as it arrives, write the summary, however it ends.

    Raises:
        ConfigError: `out` is another campaign's or damaged, or no executor can be had.
        WrongWorker, CrewLost: as `Leader.run` says.
    """
    with held(out, plan, replay), Store(out / RESULTS_FILE, plan.seeds) as store:
        try:
            given_up = _fly(plan, store, crew, show)
        finally:
            store.commit(now=True)
            figures = figures_of(plan, store)
            _write(figures, store, out, as_csv=as_csv)
    return Outcome(figures=figures, given_up=given_up)


def _fly(plan: Plan, store: Store, crew: Crew, show: Callable[[int, dict[str, int]], Shown]) -> tuple[int, ...]:
    there = store.seeds()
    missing = [seed for seed in plan.seeds if seed not in there]
    if not missing:
        return ()
    with show(plan.n, store.counts()) as shown:

        def take(flown: Flown) -> None:
            store.add(flown)
            shown.count(flown.row.verdict)

        def tick() -> None:
            store.commit()
            shown.tick()

        leader = Leader(crew, take, tick, shown.note)
        leader.run(map(plan.task, missing))
    return tuple(leader.given_up)


def _write(figures: Figures, store: Store, out: Path, *, as_csv: bool) -> None:
    try:
        (out / SUMMARY_FILE).write_text(page(figures, out), encoding="utf-8")
        if as_csv:
            write_csv(store, out / CSV_FILE)
    except OSError as error:
        raise ConfigError(str(out), f"cannot be written: {error.strerror}") from None
