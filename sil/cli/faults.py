"""`rahi faults`: what a scenario can break."""

from __future__ import annotations

import click


@click.command("faults", short_help="List the faults that a scenario can inject.")
def command() -> None:
    """List the faults that a [[fault]] of a scenario can inject: device, kind, meaning."""
    from sil.faults.registry import REGISTRY  # loads the simulation, which `--help` does not need

    for (device, kind), fault in REGISTRY.items():
        click.echo(f"{device:<22} {kind:<10} {fault.meaning}")
