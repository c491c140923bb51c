"""Simulated GPIO lines: levels that the world reads, with the pull resistors that hold them without a computer."""

from __future__ import annotations

from collections.abc import Callable

from hal.buses.api import BusLost
from sim_hal.plug import Plug

Watch = Callable[[bool], None]


class GpioPins:
    """The lines of one chip as physical levels; outlives a reset of the computer."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.unplugged = False
        self._levels: dict[int, bool] = {}
        self._pulled: dict[int, bool] = {}
        self._watches: dict[int, Watch] = {}
        self._stuck: dict[int, bool] = {}
        self._wanted: dict[int, bool] = {}

    def connect(self, line: int, pulled_high: bool, watch: Watch) -> None:
        """What hangs on a line: `watch` is told every level, also the one that the pull resistor gives."""
        self._pulled[line] = self._levels[line] = pulled_high
        self._watches[line] = watch

    def drive(self, line: int, high: bool) -> None:
        """The computer drives a line."""
        self._wanted[line] = high
        high = self._stuck.get(line, high)
        if self._levels.get(line) is not high:
            self._levels[line] = high
            if line in self._watches:
                self._watches[line](high)

    def stick(self, line: int, level: bool | None) -> None:
        """Hold a line at a level whoever drives it; None: it follows again."""
        wanted = self._wanted.get(line, self._pulled.get(line, False))
        self._stuck.pop(line, None)
        if level is not None:
            self._stuck[line] = level
        self.drive(line, wanted)

    def level(self, line: int) -> bool:
        """True is high."""
        return self._levels.get(line, False)

    def levels(self) -> dict[int, bool]:
        """Every line that something hangs on or that was driven; True is high."""
        return dict(sorted(self._levels.items()))

    def release(self) -> None:
        """The computer is gone: every line floats to its pull resistor."""
        for line, high in self._pulled.items():
            self.drive(line, high)


class GpioPort:
    """The lines as one life of flight sees them; implements `hal.buses.api.GpioBus`."""

    def __init__(self, plug: Plug, pins: GpioPins) -> None:
        self._plug = plug
        self._pins = pins
        self._inverted: dict[int, bool] = {}
        self.name = pins.name

    def claim(self, line: int, value: bool, *, active_low: bool = False) -> None:
        self._inverted[line] = active_low
        self.set(line, value)

    def set(self, line: int, value: bool) -> None:
        self._need(line)
        self._pins.drive(line, value is not self._inverted[line])

    def get(self, line: int) -> bool:
        self._need(line)
        return self._pins.level(line) is not self._inverted[line]

    def _need(self, line: int) -> None:
        self._plug.now_ns()
        if self._pins.unplugged or line not in self._inverted:
            raise BusLost(self.name, f"line {line} is not there")
