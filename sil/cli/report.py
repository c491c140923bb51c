"""`rahi report`: draw the pictures of a result folder again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report", short_help="Draw the pictures of a result folder again.")
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make overview.png and report.html of a result FOLDER again."""
    from ground.run_data import OVERVIEW_FILE, REPORT_FILE, RESULT_FILE, TELEMETRY_FILE
    from sil.folder import SCENARIO_FILE, draw

    if not (folder / TELEMETRY_FILE).is_file():
        raise click.UsageError(f"{folder} is no result folder: it has no {TELEMETRY_FILE}")
    if not (folder / RESULT_FILE).is_file():
        again = f"rahi sil {folder / SCENARIO_FILE}"
        raise click.UsageError(f"{folder} holds a run that did not end (no {RESULT_FILE}); fly it again with: {again}")
    draw(folder)
    click.echo(f"{folder / OVERVIEW_FILE}\n{folder / REPORT_FILE}")
