"""The crash record: what was raised and where, and what had happened before.  It survives and comes down at boot."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import msgspec

from flight.context import Execution, Handler
from flight.core import Core
from flight.kept_file import KeptFile
from flight.telemetry.events import REMEMBERED
from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError
from hal.api.storage import Storage
from telemetry_defs.areas import system
from telemetry_defs.areas.system.crash import ERROR_BYTES
from telemetry_defs.definitions import FailureCode, NoArguments

FILE: Final = "crash"
VERSION: Final = 1
PAUSE_NS: Final = 10 * NS_PER_S
"""A row that fails again and again must not wear out the storage."""
AGE_UNIT_NS: Final = NS_PER_S // 1000


class CrashRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One exception that left a row, or the executive itself."""

    error: str
    """Its type and text."""
    row: str | None
    """None: the executive."""
    cycle: int
    boot_count: int
    gps_ns: int
    events: tuple[tuple[int, int], ...]
    """Age (ms) and id of the events before it, oldest first."""
    told: bool = False
    """A boot report has been followed by it."""


def _is_plausible(record: CrashRecord) -> bool:
    numbers = (record.cycle, record.boot_count, *(number for event in record.events for number in event))
    return (
        len(record.events) <= REMEMBERED
        and len(record.error) <= ERROR_BYTES
        and min(numbers) >= 0
        and abs(record.gps_ns) < 1 << 63
    )


def crash_file(storage: Storage) -> KeptFile[CrashRecord]:
    """Where it is kept, in two copies."""
    return KeptFile(storage, FILE, VERSION, CrashRecord, _is_plausible)


class CrashKeeper:
    """Writes the record when something is raised, and tells that of an earlier boot."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._file = crash_file(core.hal.storage)
        self._record = self._file.read()
        self._noted_ns: int | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {system.REPORT_CRASH.name: self._report}

    def announce(self) -> None:
        """After the boot report: what has not been told yet, once; and whether it was lost."""
        if self._file.lost:
            self._core.events.emit(system.STATE_LOST, system.StateLost(name=FILE.encode()))
        record = self._record
        if record is not None and not record.told:
            self._core.events.emit(system.CRASH_RECORD, _report(record))
            self._write(msgspec.structs.replace(record, told=True))

    def note(self, error: Exception, row: str | None, cycle: int, last: bool) -> None:
        """Something was raised; the newest counts.  `last`: the row is struck out or the process ends, so write now."""
        now_ns = self._core.clock.now_ns()
        if not last and self._noted_ns is not None and now_ns - self._noted_ns < PAUSE_NS:
            return
        self._noted_ns = now_ns
        record = CrashRecord(
            error=f"{type(error).__name__}: {error}"[:ERROR_BYTES],
            row=row,
            cycle=cycle,
            boot_count=self._core.boot.image.boot_count,
            gps_ns=self._core.time.gps_ns(),
            events=tuple(((now_ns - t_ns) // AGE_UNIT_NS, event_id) for t_ns, event_id in self._core.events.recent),
        )
        self._write(record)

    def _write(self, record: CrashRecord) -> None:
        self._record = record
        with suppress(DeviceError):  # a rover without storage tells it for as long as it runs
            self._file.write(record)
            self._core.hal.storage.request_sync()

    def _report(self, arguments: NoArguments, execution: Execution) -> None:
        if self._record is None:
            execution.fail(FailureCode.PRECONDITION)
        else:
            self._core.events.emit(system.CRASH_RECORD, _report(self._record))


def _report(record: CrashRecord) -> system.CrashReport:
    padding = (None,) * (REMEMBERED - len(record.events))
    return system.CrashReport(
        boot_count=record.boot_count,
        gps_time_s=record.gps_ns / NS_PER_S,
        row=system.ROWS.index(record.row) if record.row in system.ROWS else None,
        cycle=record.cycle,
        event_ids=(*(event_id for _, event_id in record.events), *padding),
        event_ages_s=(*(age / 1e3 for age, _ in record.events), *padding),
        error=record.error.encode("ascii", "replace"),
    )
