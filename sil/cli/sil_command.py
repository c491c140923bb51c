"""`rahi sil`: fly a scenario and say whether all it expects held."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from hal.api.config import ConfigError
from sil.cli.failure import guarded
from sil.cli.names import complete_scenario
from sil.scenario import Scenario

HELD: Final = 0
NOT_HELD: Final = 1


@click.command("sil", short_help="Fly a scenario and judge it.")
@click.argument("scenario", default="first_drive", shell_complete=complete_scenario)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Other noise than the scenario's own.")
@click.option("--out", type=click.Path(path_type=Path), help="Result folder; default runs/NAME-SEED-N.")
@click.option("--duration", type=float, metavar="S", help="Simulated seconds, instead of the scenario's.")
@click.option("--json", "as_json", is_flag=True, help="Print result.json to standard output and nothing else.")
@click.option("--pictures/--no-pictures", default=True, help="Draw overview.png and report.html (the default).")
def command(
    scenario: str, seed: int | None, out: Path | None, duration: float | None, as_json: bool, pictures: bool
) -> int:
    """Fly SCENARIO, a shipped name or a file; the default is first_drive.

    Exit code 0: all expectations held; 1: one did not; 2: bad input; 3: Rahi itself failed.
    """
    from sil.folder import default_folder  # these load the simulation, which `--help` does not need
    from sil.loader import load_scenario

    loaded = shortened(load_scenario(scenario), duration)
    folder = out or default_folder(loaded.name, loaded.seed if seed is None else seed)
    return guarded(lambda: _fly(loaded, folder, seed, as_json, pictures), folder)


def shortened(scenario: Scenario, duration_s: float | None) -> Scenario:
    """The scenario with another duration.

    Raises:
        ConfigError: not a duration, or something in the scenario comes after its end.
    """
    from sil.checks import problems

    if duration_s is None:
        return scenario
    if not (math.isfinite(duration_s) and 0.0 < duration_s <= 1.0e8):
        raise click.BadParameter(f"{duration_s:g} s is outside 0..1e8 s (more than 0)", param_hint="--duration")
    changed = msgspec.structs.replace(scenario, duration_s=duration_s)
    for problem in problems(changed):
        raise ConfigError(f"{scenario.name} with --duration {duration_s:g}", problem)
    return changed


def _fly(scenario: Scenario, folder: Path, seed: int | None, as_json: bool, pictures: bool) -> int:
    from sil.display import Display, Lines, Panel, Silent
    from sil.run import run

    display: Display = Silent() if as_json else Panel() if sys.stdout.isatty() else Lines(sys.stdout)
    with display:
        result = run(scenario, out=folder, seed=seed, progress=display, pictures=pictures)
    if as_json:
        click.echo(result.to_json(), nl=False)
        return HELD if result.passed else NOT_HELD
    for verdict in result.expectations:
        click.echo(f"{'held' if verdict.passed else 'FAILED':<7} {verdict.text}: {verdict.measured}")
    click.echo(
        f"{'passed' if result.passed else 'FAILED'}: {result.scenario}, seed {result.seed}, {result.sim_s:g} s "
        f"in {result.wall_s:.1f} s ({result.speed_factor:.0f} x), results in {folder}"
    )
    return HELD if result.passed else NOT_HELD
