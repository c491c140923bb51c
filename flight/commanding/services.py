"""Handlers of the system area: services 3, 5, 9, 17 and the core's own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flight.commanding.queue import CommandQueue
from flight.context import EventSink, Execution, Handler, Refused
from flight.durable import Done
from flight.modes.machine import ModeMachine
from flight.onboard_time import OnboardTime
from flight.telemetry.events import EventReporter
from flight.telemetry.housekeeping import HousekeepingReports
from flight.telemetry.outbox import Outbox, Priority
from telemetry_defs.areas import system
from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.packets import TimeQuality


class SystemServices:
    """Everything ground can ask of the core; `keep` writes the state image and tells when it is durable."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        events: EventReporter,
        housekeeping: Callable[[], HousekeepingReports | None],
        modes: ModeMachine,
        time: OnboardTime,
        restart: Callable[[], None],
        stop_now: Callable[[], None],
        keep: Callable[[Done], None],
        queue: CommandQueue,
    ) -> None:
        self._outbox = outbox
        self._events = events
        self._housekeeping = housekeeping
        self._modes = modes
        self._time = time
        self._restart = restart
        self._stop_now = stop_now
        self._keep = keep
        self._queue = queue

    def handlers(self) -> Mapping[str, Handler]:
        """By command name.

        Arming is in force on acceptance; STOP from ground is done on reception, what comes here is from on board.
        """
        return {
            system.PING.name: self._ping,
            system.STOP.name: self._stop,
            system.ARM.name: lambda arguments, execution: execution.complete(),
            system.SET_MODE.name: self._set_mode,
            system.RESTART.name: self._do_restart,
            system.LEAVE_BOOT_LOOP.name: self._leave_boot_loop,
            system.HOLD_SAFE.name: self._hold_safe,
            system.ENABLE_HK.name: lambda a, e: self._hk(e, lambda hk: hk.set_enabled(a.structure_id, True)),
            system.DISABLE_HK.name: lambda a, e: self._hk(e, lambda hk: hk.set_enabled(a.structure_id, False)),
            system.REPORT_HK.name: lambda a, e: self._hk(e, lambda hk: hk.report_now(a.structure_id)),
            system.SET_HK_INTERVAL.name: lambda a, e: self._hk(
                e, lambda hk: hk.set_interval(a.structure_id, a.interval_s)
            ),
            system.ENABLE_EVENT.name: lambda a, e: self._switch_event(a, e, True),
            system.DISABLE_EVENT.name: lambda a, e: self._switch_event(a, e, False),
            system.SET_TIME.name: self._set_time,
            system.SLEW_TIME.name: self._slew_time,
        }

    def _ping(self, arguments: NoArguments, execution: Execution) -> None:
        execution.start()
        self._outbox.put(Priority.REPORT, system.AREA.apid, 17, 2, b"")
        execution.complete()

    def _stop(self, arguments: NoArguments, execution: Execution) -> None:
        self._stop_now()
        self._events.emit(system.STOPPED)

    def _set_mode(self, arguments: system.SetMode, execution: Execution) -> None:
        answer = self._modes.request(arguments.mode)
        if isinstance(answer, Refused):
            execution.fail(answer.code, arguments.mode)

    def _do_restart(self, arguments: NoArguments, execution: Execution) -> None:
        """Once what was accepted is kept, this command too: its replay must not restart the next boot again."""
        execution.start()
        self._queue.closed = True
        self._keep(lambda kept: self._end_for_restart(execution))

    def _end_for_restart(self, execution: Execution) -> None:
        execution.complete()
        self._events.emit(system.RESTARTING)
        self._restart()

    def _leave_boot_loop(self, arguments: NoArguments, execution: Execution) -> None:
        if not self._modes.flags.boot_loop:
            execution.fail(FailureCode.PRECONDITION)
            return
        self._modes.flags.boot_loop = False
        self._queue.closed = True
        execution.start()

        def done(kept: bool) -> None:
            if kept:
                self._end_for_restart(execution)
            else:
                self._modes.flags.boot_loop, self._queue.closed = True, False
                execution.fail(FailureCode.STORAGE)

        self._keep(done)

    def _hold_safe(self, arguments: system.HoldSafe, execution: Execution) -> None:
        self._modes.flags.safe_held = arguments.hold

    def _hk(self, execution: Execution, action: Callable[[HousekeepingReports], bool]) -> None:
        reports = self._housekeeping()
        if reports is None:
            execution.fail(FailureCode.NOT_AVAILABLE)
        elif not action(reports):
            execution.fail(FailureCode.UNKNOWN_ID)

    def _switch_event(self, arguments: system.EventId, execution: Execution, on: bool) -> None:
        if not self._events.set_enabled(arguments.event_id, on):
            execution.fail(FailureCode.UNKNOWN_ID, arguments.event_id)

    def _set_time(self, arguments: system.SetTime, execution: Execution) -> None:
        self._report_step(self._events, self._time.set_gps_ns(round(arguments.gps_time_s * 1e9)))

    def _slew_time(self, arguments: system.SlewTime, execution: Execution) -> None:
        if self._time.quality == TimeQuality.UNSET:
            execution.fail(FailureCode.PRECONDITION)
            return
        self._time.slew(arguments.offset_s)
        self._report_step(self._events, arguments.offset_s)

    def _report_step(self, events: EventSink, step_s: float) -> None:
        events.emit(system.TIME_CHANGED, system.TimeStep(step_s=step_s, quality=self._time.quality))
