"""Start flight on a board: `rahi-flight --hal sim --rover south_pole`."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Final

from flight.app import build_flight
from flight.executive import ExitReason
from flight.rover_file import load_rover
from hal.api.board import BuildHal
from hal.api.config import ConfigError
from hal.api.errors import ComputerStopped

EXIT_CODES: Final = MappingProxyType(
    {
        ExitReason.STOPPED: 0,
        ExitReason.RESTART: 75,
        ExitReason.CRASHED: 70,
        ExitReason.FAULT: 71,
        ExitReason.HALTED: 72,
    }
)
"""For the supervisor: 75 asks for a restart (EX_TEMPFAIL), 70 and 71 for one that is counted, 72 for none."""


def main(argv: list[str] | None = None) -> int:
    """Build board and flight, run until something ends it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="rahi-flight", description="Run the Rahi flight software on a board.")
    parser.add_argument("--hal", default="sim", help="board, an entry point of group rahi.hal (default: sim)")
    parser.add_argument("--rover", default="south_pole", help="rover file: a shipped name or a path")
    arguments = parser.parse_args(argv)
    try:
        rover = load_rover(arguments.rover)
        build = _find_board(arguments.hal)
    except ConfigError as error:
        sys.stderr.write(f"rahi-flight: {error}\n")
        return 2
    try:
        with build(rover, None) as hal:
            reason = build_flight(hal, rover).run()
    except ComputerStopped as stopped:
        sys.stderr.write(f"rahi-flight: the computer stopped: {stopped.cause}\n")
        return EXIT_CODES[ExitReason.CRASHED]
    except KeyboardInterrupt:  # an operator at the keyboard; the board was made safe on the way out
        return EXIT_CODES[ExitReason.STOPPED]
    return EXIT_CODES[reason]


def _find_board(name: str) -> BuildHal:
    boards = {entry.name: entry for entry in entry_points(group="rahi.hal")}
    if name not in boards:
        raise ConfigError(f"--hal {name}", f"no such board, have {', '.join(sorted(boards)) or 'none'}")
    try:
        build: BuildHal = boards[name].load()
    except ImportError as error:
        raise ConfigError(f"--hal {name}", f"this board needs {error.name}, which is not installed") from None
    return build


if __name__ == "__main__":
    sys.exit(main())
