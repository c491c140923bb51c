"""Whole flights on a simulated board of which single devices are replaced, and a process that notes what it is told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from flight.app import Flight, build_flight
from flight.rover_file import RoverFile, load_rover
from hal.api.board import Hal
from hal.api.errors import DeviceTimeout
from hal.api.process import Level
from tests.contract.rigs import sim_bench


class NotedProcess:
    """Implements `hal.api.process.Process`; `on_slack` is called in each cycle's slack."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.lines: list[tuple[Level, str]] = []
        self.slacks: list[int] = []
        self.on_slack: Callable[[], None] = lambda: None
        self.on_ended: Callable[[], None] = lambda: None

    def settle(self) -> None:
        self.told.append("settle")

    def slack(self, until_ns: int) -> None:
        self.slacks.append(until_ns)
        self.on_slack()

    def journal(self, level: Level, text: str) -> None:
        self.lines.append((level, text))

    def ended(self, exit_status: int) -> None:
        self.told.append(f"ended {exit_status}")
        self.on_ended()


class NotedWatchdog:
    """Implements `hal.api.devices.Watchdog`."""

    def __init__(self) -> None:
        self.strokes = 0
        self.ready_told: list[bool] = []
        """The argument of every `ready` that was taken."""
        self.deaf = False
        """Takes no `ready`."""

    def stroke(self) -> None:
        self.strokes += 1

    def ready(self, minimal: bool) -> None:
        if self.deaf:
            raise DeviceTimeout("watchdog")
        self.ready_told.append(minimal)


def rover() -> RoverFile:
    """What the simulated rover believes of itself."""
    return load_rover("south_pole")


def board(**devices: Any) -> Hal:
    """A booted board with these devices in place of its own."""
    return dataclasses.replace(sim_bench().hal, **devices)


def flight_on(hal: Hal, cycles: int = 0) -> Flight:
    """A flight that has run this long."""
    flight = build_flight(hal, rover())
    run(flight, cycles)
    return flight


def run(flight: Flight, cycles: int) -> None:
    """Go on for so many cycles."""
    for _ in range(cycles):
        assert flight.cycle()
