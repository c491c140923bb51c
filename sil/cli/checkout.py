"""`rahi checkout`: the first power-up of a rover, step by step, by telecommands to its flight software."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from sil.cli.names import check_link, host_option, link_option, port_option
from sil.live.link_url import LinkUrl

if TYPE_CHECKING:
    from flight.rover_file import RoverFile
    from sil.checkout.operator import Operator
    from sil.checkout.record import Record

PASSED: Final = 0
NOT_PASSED: Final = 1
INTERRUPTED: Final = 130
STEPS: Final = ("radio", "motors", "devices", "heaters", "wheels", "steering")
"""As `sil.checkout.run` has them, which need not be loaded to answer `--help`."""


@click.command("checkout", short_help="Walk through the first power-up of a rover.")
@click.option("--rover", default="open_source_rover", show_default=True, metavar="FILE", help="Rover file or name.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Report folder; default: runs/checkout-N.")
@click.option("--yes", is_flag=True, help="Ask nothing: everything may move and heat, and nobody looks.")
@click.option("--only", type=click.Choice(STEPS), multiple=True, metavar="STEP", help=f"Of {', '.join(STEPS)}.")
@click.option("--skip", type=click.Choice(STEPS), multiple=True, metavar="STEP", help="Leave a step out.")
@link_option
@host_option
@port_option
def command(  # each is an option of the command line
    rover: str,
    out: Path | None,
    yes: bool,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    link: LinkUrl | None,
    host: str,
    port: int,
) -> int:
    """Walk through the first power-up of a rover: radio, devices, heaters, wheels and steering, in SERVICE.

    It asks before anything moves or heats. Steering centres and motor signs that are found wrong go into the rover
    file (the old one is kept as FILE.bak; a shipped rover gets a new file NAME-calibrated.toml here).

    Exit code 0: all passed; 1: something failed or was declined; 2: bad input or no rover.
    """
    check_link(link)
    steps = tuple(step for step in STEPS if (not only or step in only) and step not in skip)
    if not steps:
        raise click.UsageError("--only and --skip leave no step")
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("rahi checkout needs a terminal to ask at, or --yes")

    from flight.rover_file import load_rover
    from sil.checkout.operator import Assent, Terminal
    from sil.checkout.record import Record
    from sil.checkout.run import run_checkout
    from sil.live.desk import desk_at

    operator: Operator = Assent() if yes else Terminal()
    believed = load_rover(rover)
    record = Record(rover=rover, steps=steps, began_utc=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    with desk_at(link, host, port) as desk, _ended_like_ctrl_c():
        folder = _folder(out)
        run_checkout(desk, operator, believed, record)
    _conclude(record, folder, operator, believed)
    return INTERRUPTED if record.interrupted else PASSED if record.passed else NOT_PASSED


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """A closed terminal or a polite kill must not leave the motors' supply on either."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def _folder(out: Path | None) -> Path:
    """Where the report goes; made before anything moves, so that it is not lost afterwards."""
    from sil.folder import numbered_folder, prepare_folder

    if out is None:
        return numbered_folder("checkout")
    prepare_folder(out)
    return out


def _conclude(record: Record, folder: Path, operator: Operator, rover: RoverFile) -> None:
    """Report first, then the rover file, which may be refused, then the report again with it."""
    from rich.console import Console

    from sil.checkout.report import table_of, write_report

    write_report(record, folder)
    if record.findings and not record.interrupted:
        _write_rover(record, operator, rover)
        write_report(record, folder)
    Console().print(table_of(record))
    click.echo(f"report in {folder}")


def _write_rover(record: Record, operator: Operator, rover: RoverFile) -> None:
    from hal.api.config import ConfigError
    from sil.checkout.correction import write_findings

    if not operator.confirm(f"Write steering centres and motor signs for {record.rover}?"):
        return
    try:
        record.written = str(write_findings(record.rover, rover, record.findings))
    except ConfigError as error:
        click.echo(f"rahi: {error}", err=True)
        return
    click.echo(f"wrote {record.written}; start rahi-flight again with --rover {record.written}, and check out again")
