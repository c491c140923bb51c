"""Requests for warm motors: mobility's, ground's for a time, and the telecommand that waits for the outcome."""

from __future__ import annotations

from typing import Final

from flight.context import Execution
from telemetry_defs.definitions import FailureCode

STEP_K: Final = 10.0
"""Progress is reported for every such rise of the coldest motor."""
MOST_STEPS: Final = 254


class WarmUp:
    """Who wants the motors warm, and since when."""

    def __init__(self) -> None:
        self._hold_until_ns = 0
        self._execution: Execution | None = None
        self._from_c: float | None = None
        self._steps = 0
        self._since_ns: int | None = None
        self.requested = False
        """Another subsystem wants warm motors."""

    def order(self, now_ns: int, hold_ns: int, execution: Execution) -> None:
        """Ground wants them warm for `hold_ns` from now, 0 to end it."""
        if self._execution is not None:
            self._execution.fail(FailureCode.SUPERSEDED)
            self._execution = None
        self._hold_until_ns = now_ns + hold_ns
        if hold_ns == 0:
            execution.complete()
            return
        execution.start()
        self._execution = execution
        self._from_c = None
        self._steps = 0

    def wanted(self, now_ns: int) -> bool:
        """Whether anybody wants them warm."""
        return self.requested or now_ns < self._hold_until_ns

    def settle(self, now_ns: int, warm: bool, coldest_c: float | None) -> None:
        """Report on the waiting telecommand."""
        execution = self._execution
        if execution is None:
            return
        if warm:
            execution.complete()
        elif now_ns >= self._hold_until_ns:
            execution.fail(FailureCode.TIMEOUT, coldest_c if coldest_c is not None else 0.0)
        else:
            self._report_progress(execution, coldest_c)
            return
        self._execution = None

    def _report_progress(self, execution: Execution, coldest_c: float | None) -> None:
        if coldest_c is None:
            return
        if self._from_c is None:
            self._from_c = coldest_c
        if self._steps < MOST_STEPS and coldest_c >= self._from_c + STEP_K * (self._steps + 1):
            self._steps += 1
            execution.progress(self._steps)

    def slow(self, now_ns: int, wanted: bool, warm: bool, limit_ns: int) -> bool:
        """Whether the motors have been wanted warm, and were not, for longer than `limit_ns`."""
        if warm or not wanted:
            self._since_ns = None
            return False
        if self._since_ns is None:
            self._since_ns = now_ns
        return now_ns - self._since_ns > limit_ns
