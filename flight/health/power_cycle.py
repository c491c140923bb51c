"""One power cycle: a line off for a while, whoever wants it on, then time for what hangs on it to start."""

from __future__ import annotations

from collections.abc import Callable

from flight.health.config import HealthConfig
from flight.health.registry import DeviceRecord
from flight.loads import Loads
from hal.api.clock import seconds


class PowerCycle:
    """Begins when it is built.  Until its end nobody reaches the devices on the line."""

    def __init__(
        self,
        loads: Loads,
        line: str,
        devices: list[DeviceRecord],
        config: HealthConfig,
        now_ns: int,
        done: Callable[[bool], None],
    ) -> None:
        """`done` is told at the end whether it went through."""
        self._loads = loads
        self._line = line
        self._devices = devices
        self._on_ns = now_ns + seconds(config.off_s)
        self._end_ns = self._on_ns + seconds(config.settle_s)
        self._done = done
        loads.cut(line, True)
        for record in devices:
            record.cycling = True

    def over(self, now_ns: int) -> bool:
        """Take the next step if it is time; True once all is as before."""
        if now_ns >= self._on_ns:
            self._loads.cut(self._line, False)
        if now_ns < self._end_ns:
            return False
        self.end(True)
        return True

    def end(self, complete: bool) -> None:
        """Give the line back and let the devices be used; the next errors count anew."""
        self._loads.cut(self._line, False)
        for record in self._devices:
            record.cycling = False
            record.errors_in_row = 0
        self._done(complete)
