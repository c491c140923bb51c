"""The `rahi` command: one file a subcommand, loaded when it is asked for."""

from sil.cli.app import main

__all__ = ["main"]
