"""Handlers of PUS services 12 and 19.  What changes a state completes once the change survives a power cut."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import msgspec

from flight.commanding.completion import end
from flight.commanding.rules import Rule
from flight.context import Execution, Handler
from flight.monitoring.monitor import Monitor
from flight.monitoring.monitoring import Monitoring
from flight.telemetry.outbox import Outbox, Priority
from telemetry_defs.areas import monitors as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command, FailureCode, NoArguments
from telemetry_defs.monitor_reports import MonitorState
from telemetry_defs.reports import (
    ACTION_REPORT_SUBTYPE,
    ACTION_SERVICE,
    MONITOR_DEFINITION_SUBTYPE,
    MONITOR_SERVICE,
    MONITOR_STATUS_SUBTYPE,
)


class MonitorServices:
    """What ground can ask of monitors and actions."""

    def __init__(self, monitoring: Monitoring, outbox: Outbox, codecs: Codecs) -> None:
        self._monitoring = monitoring
        self._outbox = outbox
        self._codecs = codecs

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {
            area.ENABLE.name: partial(self._set_state, MonitorState.ENABLED),
            area.DISABLE.name: partial(self._set_state, MonitorState.DISABLED),
            area.PASSIVE.name: partial(self._set_state, MonitorState.PASSIVE),
            area.REPORT.name: self._report,
            area.STATUS.name: self._status,
            area.ENABLE_ACTION.name: partial(self._enable_action, True),
            area.DISABLE_ACTION.name: partial(self._enable_action, False),
            area.REPORT_ACTIONS.name: self._report_actions,
        }

    def _set_state(self, state: MonitorState, arguments: area.MonitorId, execution: Execution) -> None:
        monitor = self._monitoring.monitors.get(arguments.monitor)
        if monitor is None:
            execution.fail(FailureCode.UNKNOWN_ID, arguments.monitor)
            return
        self._monitoring.set_state(monitor, state)
        self._keep(execution)

    def _enable_action(self, on: bool, arguments: area.ActionId, execution: Execution) -> None:
        action = self._monitoring.actions.get(arguments.action)
        if action is None:
            execution.fail(FailureCode.UNKNOWN_ID, arguments.action)
            return
        action.enabled = on
        self._keep(execution)

    def _keep(self, execution: Execution) -> None:
        execution.start()
        self._monitoring.keep(partial(end, execution))

    def _report(self, arguments: NoArguments, execution: Execution) -> None:
        for monitor in self._monitoring.monitors.values():
            self._put(MONITOR_SERVICE, MONITOR_DEFINITION_SUBTYPE, monitor.definition())

    def _status(self, arguments: NoArguments, execution: Execution) -> None:
        for monitor in self._monitoring.monitors.values():
            self._put(MONITOR_SERVICE, MONITOR_STATUS_SUBTYPE, monitor.status())

    def _report_actions(self, arguments: NoArguments, execution: Execution) -> None:
        for action in self._monitoring.actions.values():
            monitor = self._monitoring.monitor_of(action)
            report = action.status(None if monitor is None else monitor.config.id)
            self._put(ACTION_SERVICE, ACTION_REPORT_SUBTYPE, report)

    def _put(self, service: int, subtype: int, report: msgspec.Struct) -> None:
        self._outbox.put(Priority.REPORT, area.AREA.apid, service, subtype, self._codecs.pack(report))


class SilenceMonitor(Rule):
    """Armed if the monitor protects."""

    def __init__(self, monitoring: Monitoring) -> None:
        self._monitoring = monitoring

    def hazard(self, command: Command, arguments: area.MonitorId) -> int:
        return _hazard(self._monitoring.monitors.get(arguments.monitor))


class SilenceAction(SilenceMonitor):
    """Armed if the action's monitor protects."""

    def hazard(self, command: Command, arguments: area.ActionId) -> int:  # type: ignore[override]  # its own command's
        action = self._monitoring.actions.get(arguments.action)
        return 0 if action is None else _hazard(self._monitoring.monitor_of(action))


def monitor_rules(monitoring: Monitoring) -> Mapping[str, Rule]:
    """Of the commands that can silence a protection."""
    return {
        area.DISABLE.name: SilenceMonitor(monitoring),
        area.PASSIVE.name: SilenceMonitor(monitoring),
        area.DISABLE_ACTION.name: SilenceAction(monitoring),
    }


def _hazard(monitor: Monitor | None) -> int:
    return area.PROTECTION_ARM_CODE if monitor is not None and monitor.config.protects else 0
