"""`rahi report`: draw the pictures of a result folder again, or record a link for a while and draw that."""

from __future__ import annotations

from pathlib import Path

import click

from sil.cli.names import link_option
from sil.cli.record import FOR, record
from sil.live.link_url import LinkUrl
from sil.live.ports import DEFAULT_HOST, DEFAULT_PORT


@click.command("report", short_help="Draw the pictures of a result folder again.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@link_option
@click.option("--for", "limit_s", type=FOR, metavar="S", help="With --link: record for so long.")
@click.option("--out", type=click.Path(path_type=Path), help="With --link: result folder; default runs/recording-N.")
def command(folder: Path | None, link: LinkUrl | None, limit_s: float | None, out: Path | None) -> int:
    """Make overview.png and report.html of a result FOLDER again, or record --link for a while and draw that."""
    if link is not None:
        if folder is not None:
            raise click.UsageError(f"{folder} and --link: a report is of a folder or of a link; --out names a new one")
        if limit_s is None:
            raise click.UsageError("--link needs --for S, how long to record before the report")
        return record(link, DEFAULT_HOST, DEFAULT_PORT, out=out, limit_s=limit_s)
    if limit_s is not None or out is not None:
        raise click.UsageError("--for and --out go with --link")
    if folder is None:
        raise click.UsageError("of which FOLDER, or of which --link?")
    _draw_again(folder)
    return 0


def _draw_again(folder: Path) -> None:
    from ground.run_data import OVERVIEW_FILE, REPORT_FILE, RESULT_FILE, TELEMETRY_FILE
    from sil.folder import SCENARIO_FILE, draw, roll_back

    if not (folder / TELEMETRY_FILE).is_file():
        raise click.UsageError(f"{folder} is no result folder: it has no {TELEMETRY_FILE}")
    if not (folder / RESULT_FILE).is_file():
        again = f"rahi sil {folder / SCENARIO_FILE}"
        raise click.UsageError(f"{folder} holds a run that did not end (no {RESULT_FILE}); fly it again with: {again}")
    roll_back(folder)
    draw(folder)
    click.echo(f"{folder / OVERVIEW_FILE}\n{folder / REPORT_FILE}")
