"""`rahi hunt`: search for a way to break a safety property."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from sil.cli.names import SEED, Number

if TYPE_CHECKING:  # loads the simulation, which `--help` does not need
    from sil.hunt.search import Find, Plan
    from sil.hunt.team import Progress
    from sil.properties.judging import Property

NOTHING: Final = 0
FOUND: Final = 1
FAILED: Final = 3
INTERRUPTED: Final = 130
LINE_S: Final = 10.0
USUAL_MINUTES: Final = 2.0


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    minutes: float | None
    examples: int | None
    seed: int | None
    workers: int | None
    names: tuple[str, ...]
    duration_s: float
    rover: str
    wire: bool
    out: Path
    corpus: Path

    @property
    def limit_s(self) -> float | None:
        """Seconds to search; None: until the examples are used up."""
        if self.minutes is None and self.examples is not None:
            return None
        return 60.0 * (self.minutes or USUAL_MINUTES)


@click.command("hunt", short_help="Search for a way to break a safety property.")
@click.option("--minutes", type=Number(float, 0.0, 100_000.0, above=True), metavar="M", help="How long; default 2.")
@click.option("--examples", type=Number(int, 1, 100_000_000), metavar="N", help="How many examples, instead of a time.")
@click.option("--seed", type=SEED, metavar="N", help="Of the search; default: drawn, and told.")
@click.option("--workers", type=Number(int, 1, 256), metavar="W", help="Processes; default: one for each core.")
@click.option("--property", "names", multiple=True, metavar="NAME", help="Only this one; may be given again.")
@click.option(
    "--long",
    "duration_s",
    type=Number(float, 30.0, 1.0e6),
    default=60.0,
    metavar="S",
    help="Simulated seconds of a mission; default 60.",
)
@click.option("--rover", default="south_pole", metavar="NAME", help="Rover file; default south_pole.")
@click.option("--wire", is_flag=True, help="Real drivers against emulated chips, and faults of their wires.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("found"), help="Where finds go; default found/.")
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    default=Path(".hunt"),
    help="What is kept between hunts; default .hunt/.",
)
def command(**options: Any) -> int:
    """Search missions, worlds and faults for a way to break a safety property (docs/fault-bench.md).

    Exit code 0: nothing found; 1: a find, shrunk, is in the --out folder; 2: bad input; 3: Rahi itself failed;
    130: interrupted.
    """
    return _hunt(Options(**options))


def _hunt(options: Options) -> int:
    from sil.hunt.search import Plan
    from sil.hunt.team import Team

    plan = Plan(
        properties=_properties(options.names),
        seed=int.from_bytes(os.urandom(3), "big") if options.seed is None else options.seed,
        duration_s=options.duration_s,
        depth="wire" if options.wire else "device",
        rover=_rover(options.rover, options.wire),
        corpus=str(_folder("--corpus", options.corpus)),
        examples=options.examples,
    )
    _folder("--out", options.out)
    workers = options.workers or os.cpu_count() or 1
    click.echo(f"hunting with seed {plan.seed}, {workers} workers, missions of {plan.duration_s:g} s", err=True)
    team = Team(plan, workers, options.limit_s)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the workers too, as Ctrl-C does
    try:
        team.run(_Lines(plan).show)
    except KeyboardInterrupt:
        _conclude(team.progress, plan, options.out)
        return INTERRUPTED
    return _conclude(team.progress, plan, options.out)


def _conclude(progress: Progress, plan: Plan, out: Path) -> int:
    """Say it all before anything is written, for that may fail."""
    from sil.hunt.found import figures, write_figures

    _tell(progress, plan)
    file = None if progress.best is None else _written(progress.best, out)
    write_figures(out, figures(progress, plan, file))
    if progress.error is not None:
        click.echo(f"rahi: a worker failed:\n{progress.error}", err=True)
    return FOUND if file is not None else NOTHING if progress.error is None else FAILED


def _written(find: Find, out: Path) -> Path:
    """The scenario's file; where none can be written, its text on standard output."""
    from hal.api.config import ConfigError
    from sil.hunt.found import as_text, write

    try:
        file = write(find, out)
    except ConfigError:
        click.echo(as_text(find))
        raise
    click.echo(f"  {file} and {file.with_suffix('.png').name}; replay: rahi sil {file}")
    return file


def _tell(progress: Progress, plan: Plan) -> None:
    from sil.hunt.table import table

    for text in table(progress.coverage, plan):
        click.echo(text)
    rate = progress.coverage.examples / max(progress.seconds, 0.1)
    click.echo(
        f"{progress.coverage.examples} examples in {progress.seconds:.0f} s ({rate:.1f} a second), seed {plan.seed}: "
        + ("nothing found" if progress.best is None else f"{progress.best.broken} is broken")
    )
    if progress.best is not None:
        click.echo(f"  {progress.best.text}" + ("" if progress.find else " (not shrunk to the end)"))


class _Lines:
    """A line of progress every few seconds."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._told_s = time.monotonic()

    def show(self, progress: Progress) -> None:
        """Where it stands, not too often."""
        from sil.hunt.table import line

        now_s = time.monotonic()
        if now_s - self._told_s >= (LINE_S / 2 if sys.stderr.isatty() else LINE_S):
            self._told_s = now_s
            click.echo(line(progress, self._plan), err=True)


def _properties(names: tuple[str, ...]) -> tuple[Property, ...]:
    from sil.hints import near_or_all
    from sil.properties.catalogue import PROPERTIES

    for name in names:
        if name not in PROPERTIES:
            raise click.BadParameter(
                f"{name!r} is no property{near_or_all(name, PROPERTIES, 'docs/properties.md')}", param_hint="--property"
            )
    return tuple(PROPERTIES[name] for name in dict.fromkeys(names)) or tuple(PROPERTIES.values())


def _rover(name: str, wire: bool) -> str:
    from flight.rover_file import load_rover
    from hal.api.config import ConfigError
    from sim_hal.world.vehicle_file import load_vehicle

    rover = load_rover(name)
    load_vehicle(rover.name)
    if wire and not rover.hardware.buses:
        raise ConfigError(name, "names no buses in [hardware], so there is nothing to fly with --wire")
    return name


def _folder(option: str, path: Path) -> Path:
    from hal.api.config import ConfigError

    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:  # better now than after the search
            probe.write(bytes(4096))
    except OSError as error:
        raise ConfigError(str(path), f"{option}: expected a folder that can be written to ({error.strerror})") from None
    return path
