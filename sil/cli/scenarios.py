"""`rahi scenarios`: what can be flown."""

from __future__ import annotations

import click

from sil.cli.names import duration_text
from sil.loader import load_scenario, shipped_scenarios


@click.command("scenarios", short_help="List what can be flown.")
def command() -> None:
    """List the shipped scenarios: duration, world, purpose."""
    for name in shipped_scenarios():
        scenario = load_scenario(name)
        click.echo(
            f"{name:<18} {duration_text(scenario.duration_s):>7}  {scenario.world:<14} {scenario.purpose}".rstrip()
        )
