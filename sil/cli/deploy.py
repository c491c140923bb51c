"""`rahi deploy`: the flight software onto a rover computer, over ssh, into the slot that does not run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from sil.cli.names import Number

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2


@click.command("deploy", short_help="Install or update the flight software on a rover computer.")
@click.argument("host", metavar="[USER@]HOST")
@click.option("--rover", metavar="FILE|NAME", help="Rover file to install; an update keeps the one that is there.")
@click.option("--with-sim", is_flag=True, help="Install the simulated hardware too.")
@click.option("--setup-board", is_flag=True, help="Write UART, I2C and console settings of a Raspberry Pi.")
@click.option("--dry-run", is_flag=True, help="Say every step and change nothing there.")
@click.option("--status", is_flag=True, help="Show slots, versions and the state of the unit.")
@click.option("--rollback", is_flag=True, help="Go back to the version that was good before.")
@click.option("--port", type=Number(int, 1, 65_535), metavar="PORT", help="Port of the ssh server.")
@click.option("--identity", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Private key for ssh.")
@click.option(
    "--ssh-option", multiple=True, metavar="KEY=VALUE", help="Option for ssh, as in ssh_config(5); repeatable."
)
@click.option(
    "--wheels",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Take packages of others from this folder only, without internet.",
)
@click.option("--prefix", default="", hidden=True, help="Install below this folder there.")
def command(host: str, **wishes: Any) -> int:
    """Install or update the flight software on a rover computer, over ssh.

    It needs Debian or Raspberry Pi OS, Bookworm or newer, 64 bit, and a user who may log in and become root; it needs
    no internet. What is new goes into the slot that does not run, is verified there, and has three starts to get ready;
    otherwise the old version runs again. Exit code 0: it is good; 1: rolled back or failed; 2: bad input.
    """
    from sil.deploy.errors import BadRequest, DeployError  # a refusal of bad options loads nothing

    if wishes["status"] + wishes["rollback"] + wishes["dry_run"] > 1:
        raise click.UsageError("--status, --rollback and --dry-run exclude each other")
    if wishes["prefix"] and not wishes["prefix"].startswith("/"):
        raise click.UsageError("--prefix: expected an absolute path")
    try:
        return _run(host, wishes)
    except DeployError as error:
        click.echo(f"rahi: {error}", err=True)
        return BAD_INPUT if isinstance(error, BadRequest) else FAILED


def _run(host: str, wishes: dict[str, Any]) -> int:
    from sil.deploy.inspection import roll_back, status_lines
    from sil.deploy.layout import Layout
    from sil.deploy.rover_text import read_rover
    from sil.deploy.transport import Ssh

    layout = Layout(wishes["prefix"].rstrip("/"))
    rover = None if wishes["rover"] is None else read_rover(wishes["rover"], wishes["with_sim"])
    with Ssh(host, wishes["port"], wishes["identity"], wishes["ssh_option"]) as target:
        if wishes["status"] or wishes["rollback"]:
            for line in (status_lines if wishes["status"] else roll_back)(target, layout):
                click.echo(line)
            return DONE
        return _deploy(target, layout, rover, wishes)


def _deploy(target: Any, layout: Any, rover: Any, wishes: dict[str, Any]) -> int:
    from sil.deploy.bundle import Sources, default_cache
    from sil.deploy.deployment import Deployment, Desk, Wishes
    from sil.deploy.verdict import Clock

    sources = Sources(wishes["with_sim"], wishes["wheels"])
    wanted = Wishes(sources, rover, wishes["setup_board"], wishes["dry_run"])
    desk = Desk(click.echo, bar, Clock(time.monotonic, time.sleep), default_cache())
    return DONE if Deployment(target, layout, wanted, desk).run() else FAILED


@contextmanager
def bar(total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar in bytes, on a terminal; a log gets nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("upload", total=total)
        yield lambda size: progress.advance(task, size)
