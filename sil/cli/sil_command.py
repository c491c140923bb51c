"""`rahi sil`: fly a scenario and say whether all it expects held."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from sil.cli.failure import guarded
from sil.cli.names import SEED, Number, complete_scenario

if TYPE_CHECKING:  # loads the simulation, which `--help` does not need
    from sil.display import Display
    from sil.mission import Mission
    from sil.scenario import Scenario

HELD: Final = 0
NOT_HELD: Final = 1
INTERRUPTED: Final = 130


@click.command("sil", short_help="Fly a scenario and judge it.")
@click.argument("scenario", default="first_drive", shell_complete=complete_scenario)
@click.option("--seed", type=SEED, metavar="N", help="Other noise than the scenario's own.")
@click.option("--out", type=click.Path(path_type=Path), help="Result folder; default runs/NAME-SEED-N.")
@click.option(
    "--duration",
    type=Number(float, 0.0, 1.0e8, above=True),
    metavar="S",
    help="Simulated seconds, instead of the scenario's.",
)
@click.option("--wire", is_flag=True, help="Fly the real drivers against emulated chips on simulated wires.")
@click.option("--json", "as_json", is_flag=True, help="Print result.json to standard output and nothing else.")
@click.option("--pictures/--no-pictures", default=True, help="Draw overview.png and report.html (the default).")
def command(
    scenario: str,
    seed: int | None,
    out: Path | None,
    duration: float | None,
    wire: bool,
    as_json: bool,
    pictures: bool,
) -> int:
    """Fly SCENARIO, a shipped name or a file; the default is first_drive.

    Exit code 0: all expectations held; 1: one did not; 2: bad input; 3: Rahi itself failed; 130: interrupted.
    """
    from sil.folder import default_folder  # these load the simulation, which `--help` does not need
    from sil.loader import at_depth, load_scenario

    loaded = at_depth(shortened(load_scenario(scenario), duration), wire)
    folder = out or default_folder(loaded.name, loaded.seed if seed is None else seed)
    return guarded(lambda: _fly(loaded, folder, seed, as_json, pictures), folder)


def shortened(scenario: Scenario, duration_s: float | None) -> Scenario:
    """The scenario with another duration.

    Raises:
        ConfigError: something in the scenario comes after its new end.
    """
    from sil.loader import checked

    if duration_s is None:
        return scenario
    changed = msgspec.structs.replace(scenario, duration_s=duration_s)
    return checked(changed, f"{scenario.name} with --duration {duration_s:g}")


class _Followed:
    """A display that remembers how far the mission came."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self.elapsed_s = 0.0

    def update(self, mission: Mission) -> None:
        """Passed on."""
        self.elapsed_s = mission.elapsed_s
        self._display.update(mission)


def _fly(scenario: Scenario, folder: Path, seed: int | None, as_json: bool, pictures: bool) -> int:
    from sil.display import Lines, Panel, Silent
    from sil.run import run

    display: Display = Silent() if as_json else Panel() if sys.stdout.isatty() else Lines(sys.stdout)
    followed = _Followed(display)
    try:
        with display:
            result = run(scenario, out=folder, seed=seed, progress=followed, pictures=pictures)
    except KeyboardInterrupt:
        return _interrupted(followed.elapsed_s, folder)
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


def _interrupted(elapsed_s: float, folder: Path) -> int:
    """Ctrl-C: say how far it came and what is left of it."""
    from ground.run_data import RESULT_FILE
    from sil.display import clock_text

    if (folder / RESULT_FILE).exists():
        left = f"while drawing; all else is in {folder}, draw again with: rahi report {folder}"
    else:
        left = f"at {clock_text(elapsed_s)} (simulated), partial results in {folder}"
    click.echo(f"rahi: interrupted {left}", err=True)
    return INTERRUPTED
