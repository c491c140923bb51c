"""`rahi campaign`: one scenario with many seeds, on this machine or on a Dask cluster."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from sil.cli.failure import RAHI_FAILED, guarded
from sil.cli.names import SEED, Number, complete_scenario

if TYPE_CHECKING:  # loads the simulation, which `--help` does not need
    from sil.campaign.crews import Crew
    from sil.campaign.plan import Plan
    from sil.campaign.run import Outcome
    from sil.scenario import Scenario

PASSED: Final = 0
NOT_PASSED: Final = 1
INTERRUPTED: Final = 130
MOST_SEED: Final = 2**63 - 1
MOST_TOLD: Final = 10


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    scenario: str
    n: int
    workers: int | None
    scheduler: str | None
    seed: int | None
    out: Path | None
    as_csv: bool
    prop: str | None
    wire: bool


@click.command("campaign", short_help="Fly a scenario with many seeds and judge every run.")
@click.argument("scenario", shell_complete=complete_scenario)
@click.option("--n", "n", type=Number(int, 1, 10_000_000), required=True, metavar="N", help="How many runs.")
@click.option("--workers", type=Number(int, 1, 256), metavar="W", help="Processes; default: one for each core.")
@click.option("--scheduler", metavar="ADDRESS", help="Fly on the Dask cluster of this scheduler instead.")
@click.option(
    "--seed", type=SEED, metavar="S", help="Of the first run; default: the scenario's. Others follow by ones."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default runs/campaign-NAME-SEED-N.")
@click.option("--csv", "as_csv", is_flag=True, help="Write results.csv too.")
@click.option(
    "--property",
    "prop",
    metavar="NAME",
    help="Judge by this safety property, by all, or by none; default: all, for runs of up to six hours.",
)
@click.option("--wire", is_flag=True, help="Fly the real drivers against emulated chips on simulated wires.")
def command(**options: Any) -> int:
    """Fly SCENARIO with N seeds and judge every run; the same command goes on where it was ended (docs/campaign.md).

    Exit code 0: all passed; 1: some failed; 2: bad input; 3: Rahi itself failed in some; 130: interrupted.
    """
    given = Options(**options)
    if given.scheduler is not None and given.workers is not None:
        raise click.UsageError("--workers and --scheduler: a cluster has its own workers")
    return _campaign(given)


def _campaign(given: Options) -> int:
    from sil.campaign.plan import make_plan, replayable
    from sil.loader import at_depth, load_scenario

    scenario = at_depth(load_scenario(given.scenario), given.wire)
    plan = make_plan(scenario, given.n, _first(given, scenario), _known(given.prop))
    if given.prop is None and not plan.properties:
        click.echo("runs of over six hours: judged by the expectations alone (--property all asks for more)", err=True)
    out = given.out or Path("runs") / f"campaign-{plan.name}-{plan.seed}-{plan.n}"
    return guarded(lambda: _flown(plan, out, replayable(scenario, plan), given), out)


def _flown(plan: Plan, out: Path, replay: str, given: Options) -> int:
    from sil.campaign.fly import WrongWorker
    from sil.campaign.lead import CrewLost
    from sil.campaign.progress import Shown
    from sil.campaign.run import campaign

    try:
        outcome = campaign(
            plan, out, _crew(given), lambda n, counts: Shown(sys.stderr, n, counts), replay, as_csv=given.as_csv
        )
    except KeyboardInterrupt:
        click.echo(f"rahi: interrupted; the rows so far are in {out}, the same command flies the rest", err=True)
        return INTERRUPTED
    except WrongWorker as error:
        click.echo(f"rahi: {error}: its rows would not belong to this campaign", err=True)
        return RAHI_FAILED
    except CrewLost as error:
        click.echo(
            f"rahi: workers die again and again, the last time with {error}; the rows so far are in {out}, "
            "the same command flies the rest",
            err=True,
        )
        return RAHI_FAILED
    return _told(outcome, out)


def _told(outcome: Outcome, out: Path) -> int:
    from sil.campaign.page import SUMMARY_FILE, replay
    from sil.campaign.rows import ERROR

    figures = outcome.figures
    for failure in figures.failures[:MOST_TOLD]:
        click.echo(f"{len(failure.seeds):>6} x {failure.kind} {failure.name}: {replay(out, failure.seeds[0])}")
    counts = ", ".join(f"{figures.count(verdict)} {verdict}" for verdict in ("passed", "failed", ERROR))
    click.echo(
        f"campaign {figures.plan.name}: {len(figures.rows)} of {figures.plan.n} runs, {counts}; {out / SUMMARY_FILE}"
    )
    for seed in outcome.given_up:
        click.echo(
            f"rahi: seed {seed} has no row: each worker that flew it died; the same command tries it again", err=True
        )
    if outcome.given_up or figures.count(ERROR):
        return RAHI_FAILED
    return PASSED if figures.all_passed else NOT_PASSED


def _first(given: Options, scenario: Scenario) -> int:
    first = scenario.seed if given.seed is None else given.seed
    if first + given.n - 1 > MOST_SEED:
        raise click.UsageError(f"--seed {first} and --n {given.n}: the last seed would be above {MOST_SEED}")
    return first


def _known(name: str | None) -> str | None:
    from sil.campaign.plan import NONE
    from sil.hints import PROPERTIES_PAGE, near_or_all
    from sil.properties.catalogue import ALL, PROPERTIES

    if name is not None and name not in (ALL, NONE, *PROPERTIES):
        hint = near_or_all(name, (ALL, NONE, *PROPERTIES), PROPERTIES_PAGE)
        raise click.BadParameter(f"{name!r} is no property{hint}", param_hint="--property")
    return name


def _crew(given: Options) -> Crew:
    from sil.campaign.crews import DaskCrew, LocalCrew

    if given.scheduler is not None:
        crew = DaskCrew(given.scheduler)
        crew.reach()
        return crew
    return LocalCrew(min(given.n, given.workers or os.cpu_count() or 1))
