"""`rahi wiring`: what a rover file says is wired where, as tables or as a picture."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("wiring", short_help="What is wired where on a rover, as tables or a picture.")
@click.argument("rover", default="open_source_rover")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw the picture into this file.")
def command(rover: str, out: Path | None) -> int:
    """Say what section [hardware] of ROVER, a shipped name or a file, wires where; with --out draw it."""
    if out is not None and out.suffix.lower() != ".svg":
        raise click.UsageError(f"--out = {out}: expected a file name that ends in .svg")

    from flight.rover_file import load_rover
    from hal.api.config import ConfigError, one_line
    from sil.docs.wiring import rover_tables
    from sil.wiring.diagram import wiring_svg

    loaded = load_rover(rover)
    if not loaded.hardware.buses:
        raise ConfigError(rover, "has no [hardware.buses]: nothing is wired")
    if out is None:
        click.echo("\n".join(map(one_line, rover_tables(loaded))).rstrip())
        return 0
    try:
        out.write_text(wiring_svg(loaded), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"--out = {out}: cannot be written: {error.strerror or error}") from None
    click.echo(f"wrote {out}")
    return 0
