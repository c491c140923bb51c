"""The `rahi` command: one file a subcommand, loaded when it is asked for."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Entry point; a Ctrl-C while it is still loading ends it as quietly as any later one."""
    try:
        from sil.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()
