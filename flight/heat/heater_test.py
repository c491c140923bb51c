"""The heater test of SERVICE: one heater on for some seconds, its switch read back both ways."""

from __future__ import annotations

from flight.context import Execution
from hal.api.clock import seconds
from telemetry_defs.areas.heaters import Heater, TestHeater
from telemetry_defs.definitions import FailureCode


class HeaterTest:
    """Runs at most one test; ends by itself, whatever the switch does."""

    def __init__(self) -> None:
        self._execution: Execution | None = None
        self._heater = Heater.BATTERY
        self._until_ns = 0
        self._was_on = False

    @property
    def active(self) -> bool:
        """A test is on."""
        return self._execution is not None

    def begin(self, arguments: TestHeater, execution: Execution, now_ns: int) -> None:
        """Ask for a heater."""
        if self.active:
            execution.fail(FailureCode.BUSY)
            return
        self._execution, self._heater = execution, arguments.heater
        self._until_ns = now_ns + seconds(arguments.duration_s)
        self._was_on = False
        execution.start()

    def wishes(self, thermostat: tuple[bool, ...], now_ns: int) -> tuple[bool, ...]:
        """What the thermostats ask for and, while it lasts, the heater of the test."""
        if not self.active or now_ns >= self._until_ns:
            return thermostat
        return tuple(wish or number == self._heater for number, wish in enumerate(thermostat))

    def settle(self, on: tuple[bool, ...], reads_on: tuple[bool, ...], now_ns: int) -> None:
        """Compare what was granted with what the switch reads back, once the switches have been driven."""
        execution = self._execution
        if execution is None:
            return
        granted, reads = on[self._heater], reads_on[self._heater]
        over = now_ns >= self._until_ns
        if reads is not granted:
            self._fail(FailureCode.DEVICE)
        elif not over and not granted:  # no power to spare for it, or it was judged to be without effect
            self._fail(FailureCode.PRECONDITION)
        elif over and not self._was_on:
            self._fail(FailureCode.TIMEOUT)
        elif over:
            self._execution = None
            execution.complete()
        self._was_on = self._was_on or reads

    def end(self, code: FailureCode) -> None:
        """Give a running test up."""
        if self.active:
            self._fail(code)

    def _fail(self, code: FailureCode) -> None:
        execution, self._execution = self._execution, None
        if execution is not None:
            execution.fail(code, float(self._heater))
