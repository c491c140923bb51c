"""The command line of `rahi-flight`, and the boards that it can name."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from flight.rover_file import RoverFile
from hal.api.board import BuildHal
from hal.api.config import ConfigError
from hal.api.process import BoardOptions, Purpose


@dataclass(frozen=True, kw_only=True)
class CommandLine:
    """What was asked for."""

    rover: str
    """A shipped rover's name or a file."""
    hal: str | None
    """Board; None: the one that the rover file needs."""
    options: BoardOptions


def parse(argv: list[str] | None) -> CommandLine:
    """Read it; what is wrong ends the process with status 2 and one message, as argparse does."""
    given = _parser().parse_args(argv)
    purpose = Purpose.MAKE_SAFE if given.make_safe else Purpose.CHECK if given.check else Purpose.FLY
    rover = given.rover if given.config is None else given.config
    return CommandLine(
        rover=rover,
        hal=given.hal,
        options=BoardOptions(
            purpose=purpose,
            source=rover,
            trace=given.trace,
            latencies=given.latencies,
            priority=given.priority,
            pin=given.pin,
            lock_memory=given.lock_memory,
        ),
    )


def find_board(name: str) -> BuildHal:
    """The builder that entry point `name` of group `rahi.hal` stands for.

    Raises:
        ConfigError: there is no such board, or what it needs is not installed.
    """
    boards = {entry.name: entry for entry in entry_points(group="rahi.hal")}
    if name not in boards:
        raise ConfigError(f"--hal {name}", f"no such board, have {', '.join(sorted(boards)) or 'none'}")
    try:
        build: BuildHal = boards[name].load()
    except ImportError as error:
        raise ConfigError(f"--hal {name}", f"this board needs {error.name}, which is not installed") from None
    return build


def default_board(rover: RoverFile) -> str:
    """The one that the rover file names."""
    return rover.board


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rahi-flight", description="Run the Rahi flight software on a board.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rover", default="south_pole", help="rover file: a shipped name or a path")
    which.add_argument("--config", metavar="FILE", help="the same, as units write it")
    parser.add_argument(
        "--hal", help="board, an entry point of group rahi.hal (default: the one that the rover file names)"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--make-safe", action="store_true", help="instead of flying: open outputs only and make them safe"
    )
    instead.add_argument("--check", action="store_true", help="instead of flying: build the board and say what answers")
    parser.add_argument("--trace", metavar="FILE", type=Path, help="record the traffic of every bus")
    parser.add_argument("--latencies", metavar="FILE", type=Path, help="at the end: how late each cycle began, us")
    parser.add_argument("--priority", metavar="N", type=_Range(1, 99), help="real-time priority 1 to 99 (SCHED_FIFO)")
    parser.add_argument("--pin", metavar="CPU", type=_Range(0, 1023), help="run on this CPU only")
    parser.add_argument("--lock-memory", action="store_true", help="keep the process out of swap")
    return parser


class _Range:
    """A whole number within limits; argparse puts the option's name before the message."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self._low - 1
        if not self._low <= number <= self._high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {self._low} to {self._high}")
        return number
