"""Actions: a command, a stored sequence or a mode request, started by a monitor or an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flight.commanding.onboard import OnboardCommands
from flight.context import EventSink, Modes, Refused
from flight.monitoring.config import ActionConfig
from hal.api.clock import NS_PER_S, seconds
from telemetry_defs.areas import monitors as area
from telemetry_defs.arguments import build_arguments
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.monitor_reports import ActionStatus, Effect

TOLERANCE_NS: Final = NS_PER_S // 2
"""What is due comes this early: the row's ticks do not come to the nanosecond."""
StartSequence = Callable[[int], FailureCode | None]
"""Starts a stored sequence by its id; answers why not."""


class Action:
    """One definition and what came of it."""

    def __init__(self, config: ActionConfig) -> None:
        """The configuration has been checked."""
        self.config = config
        self.enabled = config.enabled
        self.command: Command | None = None
        self.arguments: Any = None
        if config.command is not None:
            self.command = DICTIONARY.command(config.command)
            self.arguments = build_arguments(DICTIONARY, config.command, config.args)
        self.event = None if config.event is None else DICTIONARY.event(config.event)
        self.mode = None if config.mode is None else Mode[config.mode]
        self.pending = False
        """Its event has come since the last tick."""
        self.runs = self.failed = 0
        self._repeat_ns = seconds(config.repeat_s)
        self._ran_ns: int | None = None
        self._served = 0

    def due_for_event(self, now_ns: int) -> bool:
        """Whether its event has come; asked once a tick, for an old event starts nothing later."""
        pending, self.pending = self.pending, False
        return pending and self.enabled and self._is_cool(now_ns)

    def due_for_violation(self, number: int, now_ns: int) -> bool:
        """Whether violation `number`, which lasts, has to start it now."""
        wanted = number != self._served or self._repeat_ns > 0
        if not (wanted and self.enabled and self._is_cool(now_ns)):
            return False
        self._served = number
        return True

    def _is_cool(self, now_ns: int) -> bool:
        return self._ran_ns is None or now_ns - self._ran_ns >= self._repeat_ns - TOLERANCE_NS

    def ran(self, now_ns: int) -> None:
        """Note a start."""
        self._ran_ns = now_ns
        self.runs += 1

    def status(self, monitor_id: int | None) -> ActionStatus:
        """What it is and what came of it."""
        return ActionStatus(
            action=self.config.id,
            monitor=monitor_id,
            event=None if self.event is None else self.event.event_id,
            effect=self._effect,
            number=self._number,
            enabled=self.enabled,
            repeat_s=self.config.repeat_s,
            runs=self.runs,
            failed=self.failed,
            name=self.config.name.encode(),
        )

    @property
    def _effect(self) -> Effect:
        if self.command is not None:
            return Effect.COMMAND
        return Effect.SEQUENCE if self.mode is None else Effect.MODE

    @property
    def _number(self) -> int | None:
        if self.command is not None:
            function_id = self.command.function_id
            return self.command.service << 8 | self.command.subtype if function_id is None else function_id
        return self.config.sequence if self.mode is None else self.mode


class ActionRunner:
    """Starts actions and tells what came of them."""

    def __init__(
        self,
        onboard: OnboardCommands,
        modes: Modes,
        events: EventSink,
        start_sequence: StartSequence,
        *,
        minimal: bool,
    ) -> None:
        """In the minimal set of rows a rover only asks for modes by itself."""
        self._onboard = onboard
        self._modes = modes
        self._events = events
        self._minimal: Final = minimal
        self._start_sequence = start_sequence

    def run(self, action: Action, now_ns: int) -> None:
        """Start one."""
        action.ran(now_ns)
        code = self._start(action)
        if code is None:
            self._events.emit(area.ACTION_STARTED, area.ActionStarted(action=action.config.id))
        else:
            self._fail(action, code)

    def _start(self, action: Action) -> FailureCode | None:
        if action.mode is not None:
            answer = self._modes.request(action.mode)
            return answer.code if isinstance(answer, Refused) else None
        if self._minimal:
            return FailureCode.NOT_AVAILABLE
        if action.command is not None:
            return self._onboard.submit(action.command, action.arguments, lambda code: self._ended(action, code))
        assert action.config.sequence is not None  # its configuration has one of the three
        return self._start_sequence(action.config.sequence)

    def _ended(self, action: Action, code: FailureCode | None) -> None:
        if code is not None:
            self._fail(action, code)

    def _fail(self, action: Action, code: FailureCode) -> None:
        action.failed += 1
        self._events.emit(area.ACTION_FAILED, area.ActionFailed(action=action.config.id, code=code))
