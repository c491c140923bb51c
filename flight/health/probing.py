"""Every device asked once, for ground: what each of them answered at that moment, good or bad."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from flight.context import Execution
from flight.health.registry import DeviceRecord, DeviceRegistry, kind_of
from hal.api.errors import DeviceError
from telemetry_defs.areas import health as area
from telemetry_defs.areas.health import DEVICES, DeviceFault, DeviceId, ProbeAnswer
from telemetry_defs.definitions import FailureCode

AT_ONCE: Final = 3
"""Devices asked in one tick: a silent one costs its timeout, and other rows want the bus too."""
_ANSWERS: Final[Mapping[DeviceFault, ProbeAnswer]] = MappingProxyType(
    {
        DeviceFault.TIMEOUT: ProbeAnswer.TIMEOUT,
        DeviceFault.BAD_READING: ProbeAnswer.BAD_READING,
        DeviceFault.NOT_READY: ProbeAnswer.NOT_READY,
        DeviceFault.DEFECT: ProbeAnswer.DEFECT,
    }
)


class Probing:
    """One round at a time; the newest round is kept for `health.probe`.

    A critical device has no question of its own, for its owner asks it every second: a round lasts longer than that,
    and it counts as answering if none of its owner's calls failed meanwhile.
    """

    def __init__(self, registry: DeviceRegistry) -> None:
        self._registry = registry
        self._execution: Execution | None = None
        self._left: Iterator[DeviceRecord] = iter(())
        self._errors: dict[DeviceId, int] = {}
        self._answers: dict[DeviceId, ProbeAnswer] = {}
        self._rounds = 0

    def begin(self, execution: Execution) -> None:
        """Ask every device, a few at each tick; complete when the last one has answered or failed."""
        if self._execution is not None:
            execution.fail(FailureCode.BUSY)
            return
        records = self._registry.records
        self._execution = execution
        self._errors = {device: record.errors for device, record in records.items()}
        self._answers = {}
        self._left = iter([record for record in records.values() if record.probe is not None])
        execution.start()

    def tick(self) -> None:
        """Go on with a round; the tick after the last question ends it."""
        execution = self._execution
        if execution is None:
            return
        asked = 0
        for record in self._left:
            if not record.facts.critical:
                self._answers[record.device] = self._ask(record)
                asked += 1
            if asked == AT_ONCE:
                return
        if asked == 0:  # else the owners of critical devices may not have had their turn yet
            self._judge_critical()
            self._execution = None
            self._rounds += 1
            execution.complete()

    def abandon(self) -> None:
        """The row failed in the middle of a round."""
        execution, self._execution = self._execution, None
        if execution is not None:
            execution.fail(FailureCode.INTERNAL)

    def housekeeping(self) -> area.HealthProbe:
        """The packet `health.probe`."""
        answers = tuple(self._answers.get(device, self._unasked(device)) for device in DEVICES)
        return area.HealthProbe(rounds=self._rounds, answer=answers)

    def _unasked(self, device: DeviceId) -> ProbeAnswer | None:
        return ProbeAnswer.ABSENT if self._registry.records[device].probe is None else None

    def _ask(self, record: DeviceRecord) -> ProbeAnswer:
        assert record.probe is not None  # `begin` took only those that can be asked
        try:
            record.probe()
        except DeviceError as error:
            return _ANSWERS[kind_of(error)]
        return ProbeAnswer.GOOD

    def _judge_critical(self) -> None:
        for record in self._registry.records.values():
            if record.probe is None or not record.facts.critical:
                continue
            failed = record.errors != self._errors[record.device] and record.fault is not None
            self._answers[record.device] = _ANSWERS[record.fault] if failed and record.fault else ProbeAnswer.GOOD
