"""Telecommands of the area `health`.  What changes kept state completes once the change survives a power cut."""

from __future__ import annotations

from collections.abc import Mapping

from flight.context import Execution, Handler
from flight.health.recovery import Recovery
from flight.health.registry import DeviceRecord, DeviceRegistry
from hal.api.clock import Clock
from telemetry_defs.areas import health as area
from telemetry_defs.definitions import FailureCode, NoArguments


class HealthServices:
    """What ground can ask of recovery.  A device that this rover does not carry is NOT_AVAILABLE."""

    def __init__(self, registry: DeviceRegistry, recovery: Recovery, clock: Clock) -> None:
        self._registry = registry
        self._recovery = recovery
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {
            area.REVIVE.name: self._revive,
            area.DECLARE_DEAD.name: self._declare_dead,
            area.POWER_CYCLE.name: self._power_cycle,
            area.RESET_COUNTS.name: self._reset_counts,
            area.PROBE_DEVICES.name: lambda _, execution: self._recovery.probing.begin(execution),
        }

    def _revive(self, arguments: area.WhichDevice, execution: Execution) -> None:
        record = self._find(arguments, execution)
        if record is None:
            return
        record.cycles_used = 0
        if record.dead:
            self._recovery.revive(record)

    def _declare_dead(self, arguments: area.WhichDevice, execution: Execution) -> None:
        record = self._find(arguments, execution)
        if record is None:
            return
        if record.facts.critical:
            execution.fail(FailureCode.REFUSED, record.device)
        elif not self._recovery.may_die(record):
            execution.fail(FailureCode.PRECONDITION, record.device)
        elif not record.dead:
            self._recovery.declare_dead(record, self._clock.now_ns())

    def _power_cycle(self, arguments: area.WhichDevice, execution: Execution) -> None:
        record = self._find(arguments, execution)
        if record is None:
            return
        line = self._recovery.line(record)
        now_ns = self._clock.now_ns()
        if line is None:
            execution.fail(FailureCode.REFUSED, record.device)
        elif self._recovery.busy:
            execution.fail(FailureCode.BUSY, record.device)
        elif self._recovery.must_stay_on(line, now_ns):
            execution.fail(FailureCode.PRECONDITION, record.device)
        else:
            execution.start()
            self._recovery.power_cycle(
                record, line, now_ns, lambda ok: execution.complete() if ok else execution.fail(FailureCode.ABORTED)
            )

    def _reset_counts(self, arguments: NoArguments, execution: Execution) -> None:
        for record in self._registry.records.values():
            record.errors = record.cycles_used = 0

    def _find(self, arguments: area.WhichDevice, execution: Execution) -> DeviceRecord | None:
        record = self._registry.records[arguments.device]
        if record.probe is None:
            execution.fail(FailureCode.NOT_AVAILABLE, arguments.device)
            return None
        return record
