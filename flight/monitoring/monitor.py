"""One monitor: a check, how often it has failed in a row, and whether that makes a violation."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from flight.context import Parameters
from flight.monitoring.actions import TOLERANCE_NS
from flight.monitoring.checks import Judged, judge_delta, judge_expected, judge_limits
from flight.monitoring.config import Limit, MonitorConfig, modes_of
from flight.telemetry.current import Sample
from hal.api.clock import NS_PER_S
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.monitor_reports import (
    MODE_BITS,
    CheckKind,
    CheckResult,
    MonitorDefinition,
    MonitorReport,
    MonitorState,
    MonitorStatus,
)
from telemetry_defs.points import Validity, find_point

MOST_FAILURES: Final = 0xFFFE
"""Counting stops here; persistence is far below."""
_RESULTS: Final = ((Validity.NO_VALUE, CheckResult.INVALID), (Validity.STALE, CheckResult.STALE))


class Turn(Enum):
    """What a check changed."""

    NONE = 0
    FIRED = 1
    CLEARED = 2


class Monitor:
    """State of one definition."""

    def __init__(self, config: MonitorConfig, parameters: Parameters) -> None:
        """The configuration has been checked."""
        self.config = config
        self.point = find_point(config.value, DICTIONARY)
        self.event = DICTIONARY.event(config.event)
        self.state = MonitorState[config.state]
        self.violations = 0
        """Since boot; a number for each."""
        self._modes = modes_of(config)
        self._low, self._high = _limit(config.low, parameters), _limit(config.high, parameters)
        self._kind = CheckKind[config.kind.upper()]
        self.forget()

    def forget(self) -> None:
        """Start afresh."""
        self._judged = Judged(CheckResult.UNCHECKED, None)
        self.failures = 0
        self.violated = False
        self._before: float | None = None
        self._looked_ns: int | None = None

    @property
    def result(self) -> CheckResult:
        """What the last check came to."""
        return self._judged.result

    @property
    def acts(self) -> bool:
        """Whether actions may start."""
        return self.violated and self.state is MonitorState.ENABLED

    def applies(self, mode: Mode) -> bool:
        """Whether it is checked in this mode; one that is not starts afresh when it is again."""
        if self.state is not MonitorState.DISABLED and mode in self._modes:
            return True
        if self._looked_ns is not None:
            self.forget()
        return False

    def is_due(self, now_ns: int) -> bool:
        """Whether its time has come."""
        return self._looked_ns is None or now_ns - self._looked_ns >= self.config.every_s * NS_PER_S - TOLERANCE_NS

    def look(self, sample: Sample, now_ns: int) -> Turn:
        """Judge a value."""
        self._looked_ns = now_ns
        self._judged = judged = self._judge(sample)
        self._before = sample.value if judged.result is not CheckResult.INVALID else None
        invalid = judged.result in (CheckResult.INVALID, CheckResult.STALE)
        if judged.missed or (invalid and self.config.fail_when_invalid):
            return self._failed()
        if judged.result is not CheckResult.GOOD:
            return Turn.NONE
        self.failures = 0
        cleared, self.violated = self.violated, False
        return Turn.CLEARED if cleared else Turn.NONE

    def _failed(self) -> Turn:
        self.failures = min(self.failures + 1, MOST_FAILURES)
        if self.violated or self.failures < self.config.persistence:
            return Turn.NONE
        self.violated = True
        self.violations += 1
        return Turn.FIRED

    def _judge(self, sample: Sample) -> Judged:
        for validity, result in _RESULTS:
            if sample.validity is validity:
                return Judged(result, None)
        if sample.value is None:
            return Judged(CheckResult.INVALID, None)
        if self._kind is CheckKind.EXPECTED:
            return judge_expected(sample.value, float(self.config.expected or 0.0), self.config.mask)
        if self._kind is CheckKind.DELTA:
            return judge_delta(sample.value, self._before, self._low(), self._high())
        return judge_limits(sample.value, self._low(), self._high(), self.config.ease if self.violated else 0.0)

    def report(self) -> MonitorReport:
        """Fields of its events."""
        return MonitorReport(
            monitor=self.config.id,
            result=self.result,
            value=self._judged.value,
            limit=self._judged.limit,
            passive=self.state is MonitorState.PASSIVE,
        )

    def status(self) -> MonitorStatus:
        """How it stands."""
        return MonitorStatus(
            monitor=self.config.id,
            state=self.state,
            result=self.result,
            value=self._judged.value,
            failures=self.failures,
            violated=self.violated,
        )

    def definition(self) -> MonitorDefinition:
        """What it is; limits as they are in force."""
        config, expected = self.config, self.config.expected
        return MonitorDefinition(
            monitor=config.id,
            structure=self.point.structure_id,
            field=self.point.field,
            element=self.point.element,
            kind=self._kind,
            low=self._low() if expected is None else float(expected),
            high=self._high() if expected is None else float(expected),
            mask=config.mask,
            persistence=config.persistence,
            every_s=config.every_s,
            modes=sum(1 << bit for bit, mode in enumerate(MODE_BITS) if mode in self._modes),
            event=self.event.event_id,
            fail_when_invalid=config.fail_when_invalid,
            protects=config.protects,
            name=config.name.encode(),
        )


def _limit(limit: Limit, parameters: Parameters) -> Callable[[], float | None]:
    """Reads the limit as it is now."""
    if not isinstance(limit, str):
        return lambda: limit
    parameter = DICTIONARY.parameter(limit)
    return lambda: parameters.get(parameter)
