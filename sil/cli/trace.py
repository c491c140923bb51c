"""`rahi trace`: what went over the buses of a rover, as text."""

from __future__ import annotations

from pathlib import Path

import click

from flight.rover_file import load_hardware
from hal.api.clock import seconds
from sil.bus_trace.reading import read_trace
from sil.bus_trace.text import TraceText
from sil.cli.names import Number

_SECONDS = Number(float, 0.0, 1.0e9)


@click.command("trace", short_help="Show what went over the buses, from a trace file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--bus", metavar="NAME", help="Of this bus only.")
@click.option("--from", "from_s", type=_SECONDS, metavar="S", default=0.0, help="From this time of the trace on.")
@click.option("--to", "to_s", type=_SECONDS, metavar="S", default=1.0e9, help="Up to this time of the trace.")
@click.option("--rover", metavar="ROVER", help="Rover (a shipped name or a file) that says which chip is where.")
def command(file: Path, bus: str | None, from_s: float, to_s: float, rover: str | None) -> None:
    """Show every transaction of a bus trace: time (s since the first), bus, direction, bytes, and what they mean.

    > sent, < received, = an I2C transfer, x stale bytes thrown away, . the end. Without --rover the chips are guessed.
    """
    if from_s > to_s:
        raise click.UsageError(f"--from = {from_s:g} is after --to = {to_s:g}")
    text = TraceText(None if rover is None else load_hardware(rover))
    buses: set[str] = set()
    first_ns: int | None = None
    for record in read_trace(file):
        first_ns = record.t_ns if first_ns is None else first_ns
        buses.add(record.bus)
        line = text.line(record, first_ns)  # in any case: it follows the lines' state
        if bus in (None, record.bus) and seconds(from_s) <= record.t_ns - first_ns <= seconds(to_s):
            click.echo(line)
    if bus is not None and bus not in buses:
        raise click.UsageError(f"--bus = {bus}: {file} has {', '.join(sorted(buses - {''})) or 'no bus at all'}")
