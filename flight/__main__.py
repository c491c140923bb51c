"""Start flight on a board: `rahi-flight --config rover.toml`."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from types import MappingProxyType
from typing import Final

from flight.app import build_flight
from flight.check import ask_all
from flight.command_line import default_board, find_board, parse
from flight.executive import ExitReason
from flight.rover_file import RoverFile, load_rover
from flight.stop_signals import StopSignals
from hal.api.board import Hal
from hal.api.config import ConfigError
from hal.api.errors import ComputerStopped, DeviceError
from hal.api.process import Purpose

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
EXIT_FAILED: Final = 1
"""The board could not be built, an output not be made safe, a device did not answer."""
EXIT_BAD_INPUT: Final = 2


def main(argv: list[str] | None = None) -> int:
    """Build board and flight, run until something ends it; returns the exit status."""
    given = parse(argv)
    flies = given.options.purpose is Purpose.FLY
    signals = StopSignals()
    with signals if flies else nullcontext():  # a look that takes too long may be broken off
        try:
            rover = load_rover(given.rover)
            hal = find_board(given.hal or default_board(rover))(rover, None, given.options)
        except ConfigError as error:
            return _refuse(str(error), EXIT_BAD_INPUT)
        except DeviceError as error:
            return _refuse(str(error), EXIT_FAILED)
        if flies:
            return fly(hal, rover, signals)
        return _look(hal) if given.options.purpose is Purpose.CHECK else _make_safe(hal)


def fly(hal: Hal, rover: RoverFile, signals: StopSignals) -> int:
    """One boot.  Whatever ends it, outputs are made safe first and the board is told the status last."""
    status = EXIT_CODES[ExitReason.CRASHED]
    try:
        with hal:
            flight = build_flight(hal, rover)
            signals.call(lambda: flight.executive.end(ExitReason.STOPPED))
            if hal.process is not None:
                hal.process.settle()
            status = EXIT_CODES[flight.run()]
    except ComputerStopped as stopped:
        _refuse(f"the computer stopped: {stopped.cause}", status)
    finally:
        _end(hal, status)
    return status


def _look(hal: Hal) -> int:
    status = EXIT_FAILED
    try:
        with hal:
            answers = tuple(ask_all(hal))
        sys.stdout.write("".join(f"{answer.device:<20}{answer.text}\n" for answer in answers))
        status = EXIT_FAILED if any(answer.fault for answer in answers) else 0
    finally:
        _end(hal, status)
    return status


def _make_safe(hal: Hal) -> int:
    status = EXIT_FAILED
    try:
        failed = hal.make_safe()
        for error in failed:
            _refuse(f"not made safe: {type(error).__name__}: {error}", EXIT_FAILED)
        status = EXIT_FAILED if failed else 0
    finally:
        _end(hal, status)
    return status


def _end(hal: Hal, status: int) -> None:
    if hal.process is not None:
        hal.process.ended(status)


def _refuse(problem: str, status: int) -> int:
    sys.stderr.write(f"rahi-flight: {problem}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
