"""All of a Raspberry Pi board that is not wired to it: clock, storage, watchdog, process, and why it came up.

A board is this and its wired devices::

    computer = open_computer(settings, options)
    computer.guard.watch(heaters)               # banks that must fall back while flight hangs
    computer.process.on_close(camera.close)     # what the end of the process must let go
    hal = Hal(**computer.parts(), wheels=wheels, ...)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hal.api.errors import NotReady
from hal.api.process import BoardOptions, Level, Purpose
from hal.api.storage import Storage
from hal.api.values import ResetCause
from hal.drivers.system_rtc import SystemRtc
from hal.files import CAPACITY_BYTES, FileStorage
from hal.pi.clock import LATENCIES_KEPT, RealClock
from hal.pi.guard import Guard
from hal.pi.host import HostWatch
from hal.pi.journal import Journal
from hal.pi.life import Life, note_result, read_life, write_life
from hal.pi.notify import Notifier
from hal.pi.process import PiProcess
from hal.pi.reset_cause import gather, reset_cause
from hal.pi.storage import NoStorage, lock_folder
from hal.pi.watchdog import ClosableWatchdog, DeviceWatchdog, NoWatchdog, SystemdWatchdog

ROOT: Final = Path("/")


@dataclass(frozen=True, kw_only=True)
class ComputerSettings:
    """What the rover file says of the computer itself."""

    folder: Path
    """Where storage lies."""
    capacity_bytes: int = CAPACITY_BYTES
    watchdog: str | None = None
    """Path of the computer's watchdog if it is flight's own; None: systemd has it."""


@dataclass(frozen=True, kw_only=True)
class Computer:
    """Everything open."""

    clock: RealClock
    storage: Storage
    watchdog: ClosableWatchdog
    rtc: SystemRtc
    host: HostWatch | None
    reset_cause: ResetCause
    process: PiProcess
    guard: Guard

    def parts(self) -> dict[str, Any]:
        """The fields of `hal.api.board.Hal` that come from here."""
        names = ("clock", "storage", "watchdog", "rtc", "host", "reset_cause", "process")
        return {name: getattr(self, name) for name in names}


def open_computer(
    settings: ComputerSettings,
    options: BoardOptions,
    environment: Mapping[str, str] = os.environ,
    root: Path = ROOT,
) -> Computer:
    """Open it for the purpose that `options` names; `root` stands before the files of the kernel.

    Whoever cannot go on after this calls `process.ended`, for a watchdog may be running.

    Raises:
        NotReady: the storage folder cannot be used, or another flight process has it.
    """
    if options.purpose is Purpose.MAKE_SAFE:
        return _open_to_make_safe(settings, options, environment)
    lock = lock_folder(settings.folder)
    try:
        storage = FileStorage(settings.folder, settings.capacity_bytes)
    except NotReady:
        os.close(lock)
        raise
    clock = RealClock(LATENCIES_KEPT if options.latencies is not None else 0)
    journal = Journal.from_environment(environment)
    evidence = gather(root)
    cause = reset_cause(read_life(settings.folder), evidence)
    host = HostWatch(clock, settings.folder, root)
    flies = options.purpose is Purpose.FLY
    notifier = Notifier.from_environment(environment) if flies else Notifier(None)
    watchdog = _open_watchdog(settings, notifier, environment, journal) if flies else NoWatchdog()
    life = _Lifetime(settings.folder, evidence.boot_id, lock)
    if flies:
        life.begin(journal)
        journal.write(Level.NOTICE, f"flight begins, reset cause {cause.name}, storage in {settings.folder}")
    guard = Guard()
    process = PiProcess(
        options=options,
        clock=clock,
        journal=journal,
        notifier=notifier,
        guard=guard,
        watchdog=watchdog,
        finish=life.end if flies else life.pass_over,
    )
    process.on_close(storage.close)
    process.on_close(host.close)
    return Computer(
        clock=clock,
        storage=storage,
        watchdog=watchdog,
        rtc=SystemRtc(),
        host=host,
        reset_cause=cause,
        process=process,
        guard=guard,
    )


def _open_to_make_safe(settings: ComputerSettings, options: BoardOptions, environment: Mapping[str, str]) -> Computer:
    """After a process that may have been killed: its storage is left alone, but for the note of how it ended."""
    clock, journal, guard, watchdog = RealClock(), Journal.from_environment(environment), Guard(), NoWatchdog()
    try:
        note_result(settings.folder, environment.get("SERVICE_RESULT"))
    except OSError as error:
        journal.write(Level.WARNING, f"how the process ended could not be noted: {error.strerror or error}")
    process = PiProcess(
        options=options,
        clock=clock,
        journal=journal,
        notifier=Notifier(None),
        guard=guard,
        watchdog=watchdog,
        finish=_nothing,
    )
    return Computer(
        clock=clock,
        storage=NoStorage(),
        watchdog=watchdog,
        rtc=SystemRtc(),
        host=None,
        reset_cause=ResetCause.UNKNOWN,
        process=process,
        guard=guard,
    )


def _open_watchdog(
    settings: ComputerSettings, notifier: Notifier, environment: Mapping[str, str], journal: Journal
) -> ClosableWatchdog:
    """A rover without its hardware watchdog still flies."""
    folder = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    systemd = SystemdWatchdog(notifier, Path(folder) if folder else None)
    if settings.watchdog is None:
        return systemd
    try:
        return DeviceWatchdog(settings.watchdog, systemd)
    except NotReady as error:
        journal.write(Level.ERROR, f"without the computer's watchdog: {error.detail}")
        return systemd


class _Lifetime:
    """The record of this process, and the lock on the folder from before it is begun until after it is ended."""

    def __init__(self, folder: Path, boot_id: str, lock: int) -> None:
        self._folder = folder
        self._boot_id = boot_id
        self._lock = lock

    def begin(self, journal: Journal) -> None:
        try:
            write_life(self._folder, Life(boot_id=self._boot_id))
        except OSError as error:
            journal.write(Level.WARNING, f"the next reset cause will be a guess: {error.strerror or error}")

    def end(self, exit_status: int) -> None:
        try:
            write_life(self._folder, Life(boot_id=self._boot_id, exit_status=exit_status))
        finally:
            os.close(self._lock)

    def pass_over(self, exit_status: int) -> None:
        """For a process that did not fly."""
        os.close(self._lock)


def _nothing(exit_status: int) -> None:
    pass
