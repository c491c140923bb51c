"""`rahi sequence`: check a sequence file, try it after a run, put it on board of a live rover, start it there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sil.cli.failure import guarded
from sil.cli.names import Number, host_option, port_option, radio_option

if TYPE_CHECKING:  # these load flight, which `--help` does not need
    from sil.dry_run import DryRun
    from sil.sequence_check import Judged

GOOD: Final = 0
REFUSED: Final = 1
MARGIN_S: Final = 120.0
"""How long a sequence is watched beyond its longest run, unless --for says otherwise."""
_FILE = click.Path(path_type=Path)
_TIMEOUT = click.option("--timeout", type=Number(float, 0.0, 1.0e6), metavar="S", help="Give up waiting after this.")


@click.group("sequence", short_help="Stored sequences: check, dry-run, load, start.")
def command() -> None:
    """Stored sequences of commands (PUS 21); docs/sequences.md has the format of their files.

    Exit code 0: good, completed; 1: refused, aborted, failed or not answered; 2: bad input or no rover.
    """


@command.command("check")
@click.argument("file", type=_FILE)
def check(file: Path) -> int:
    """Validate FILE as the rover will, and print its steps with the modes that it can be in at each.

    Exit code 0: good; 1: the rover would refuse it, one line for each problem; 2: FILE is no sequence file.
    """
    from sil.sequence_check import judge_file, listing
    from telemetry_defs.areas.sequences import FIRST_LOADED_ID

    judged = judge_file(file)
    for line in listing(judged):
        click.echo(line)
    ships = judged.file.id < FIRST_LOADED_ID
    return _verdict(
        file, judged, f"good, as one that ships; ground loads {FIRST_LOADED_ID} to 127" if ships else "good"
    )


@command.command("load")
@click.argument("file", type=_FILE)
@click.option("--arm", is_flag=True, help="Arm the load first, as one with hazardous commands needs.")
@_TIMEOUT
@host_option
@port_option
@radio_option
def load(file: Path, arm: bool, timeout: float | None, host: str, port: int, radio: str) -> int:
    """Check FILE and put it on board of a live rover, where it waits to be started."""
    from flight.sequences.record import encode
    from ground.sequence_load import load_arguments
    from sil.sequence_check import judge_file
    from telemetry_defs.areas.sequences import FIRST_LOADED_ID, LAST_ID

    judged = judge_file(file)
    if _verdict(file, judged) != GOOD:
        return REFUSED
    sequence, hazardous = judged.sequence, judged.review.hazardous
    if sequence.sequence_id < FIRST_LOADED_ID:
        raise click.UsageError(f"{file}: id = {sequence.sequence_id}: ground loads {FIRST_LOADED_ID}..{LAST_ID}")
    if hazardous and not arm:
        raise click.UsageError(f"{file} holds hazardous commands: its load needs --arm")
    parts = load_arguments(sequence.sequence_id, encode(sequence), hazardous=hazardous)
    orders: list[tuple[str, dict[str, object]]] = [("sequences.load", part) for part in parts]
    if hazardous:
        orders.insert(0, ("system.arm", {"target": "sequences.load"}))
    return _send(orders, timeout, host, port, radio)


@command.command("start")
@click.argument("sequence")
@_TIMEOUT
@host_option
@port_option
@radio_option
def start(sequence: str, timeout: float | None, host: str, port: int, radio: str) -> int:
    """Start SEQUENCE, an id or a sequence file, that a live rover has on board."""
    from flight.sequences.file import load_sequence

    sequence_id = int(sequence) if sequence.isascii() and sequence.isdigit() else load_sequence(sequence).id
    return _send([("sequences.start", {"sequence_id": sequence_id})], timeout, host, port, radio)


@command.command("dry-run")
@click.argument("file", type=_FILE)
@click.option("--from", "run", type=_FILE, required=True, metavar="RUN", help="Result folder to go on from.")
@click.option("--out", type=_FILE, help="Keep the results of the longer run in this folder.")
@click.option(
    "--for",
    "limit_s",
    type=Number(float, 0.0, 1.0e7, above=True),
    metavar="S",
    help=f"Watch the sequence for this long; default its longest run and {MARGIN_S:g} s.",
)
def dry_run(file: Path, run: Path, out: Path | None, limit_s: float | None) -> int:
    """Fly RUN again to its end, go on from there with the sequence in FILE, and tell what happens.

    Exit code 0: it completed; 1: it was refused or aborted, or did not end in time; 2: bad input.
    """
    from sil.folder import prepare_folder
    from sil.sequence_check import judge_file

    judged = judge_file(file)
    if _verdict(file, judged) != GOOD:
        return REFUSED
    if out is not None:
        prepare_folder(out)
    watched_s = judged.file.max_run_s + MARGIN_S if limit_s is None else limit_s
    return guarded(lambda: _dry_run(judged, run, out, watched_s), out or Path())


def _verdict(file: Path, judged: Judged, good: str = "") -> int:
    for problem in judged.problems:
        click.echo(f"{file}: {problem}")
    if good and not judged.problems:
        click.echo(good)
    return REFUSED if judged.problems else GOOD


def _send(
    orders: list[tuple[str, dict[str, object]]], timeout_s: float | None, host: str, port: int, radio: str
) -> int:
    """Telecommands one after the other, each once the one before has completed."""
    from sil.cli.send import follow
    from sil.live.desk import Desk

    with Desk(host, port) as desk:
        for name, args in orders:
            record = desk.station.send_command(name, args, desk.now_ns(), radio)
            if not follow(desk, record, timeout_s):
                return REFUSED
    return GOOD


def _dry_run(judged: Judged, run: Path, out: Path | None, watched_s: float) -> int:
    from ground.archive import Archive
    from ground.run_data import TELEMETRY_FILE
    from sil.dry_run import DryRun, flown
    from sil.folder import write_folder
    from sil.mission import Mission, start_gps_ns
    from sil.run import conclude, fly

    scenario, replay = flown(run)
    with Archive(None if out is None else out / TELEMETRY_FILE, start_gps_ns=start_gps_ns(scenario)) as archive:
        mission = Mission(scenario, None, archive)
        trial = DryRun(mission, replay, judged, watched_s, lambda t_s, text: click.echo(f"{t_s:10.1f} s  {text}"))
        wall_s = fly(mission, trial.pace)
        _compare(run, trial)
        if out is not None:
            write_folder(out, mission, conclude(mission, wall_s, out), pictures=False)
            click.echo(f"results in {out}")
    return GOOD if trial.completed else REFUSED


def _compare(run: Path, trial: DryRun) -> None:
    """Say whether it went on from what RUN was."""
    from sil.folder import recorded_sha256

    recorded = recorded_sha256(run)
    if recorded is None:
        click.echo(f"{run} has no result to compare with: its run did not end")
    elif recorded != trial.sha256:
        click.echo(f"up to its end the downlink DIFFERS from that of {run}: another Rahi, machine or scenario flew it")
    else:
        click.echo(f"up to its end the downlink is byte for byte that of {run}")
