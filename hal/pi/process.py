"""The process around one boot of flight: real-time settings, garbage, journal, and letting go in the right order."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hal.api.process import BoardOptions, Level, Purpose
from hal.pi.attempt import attempt
from hal.pi.clock import RealClock
from hal.pi.collector import Collector
from hal.pi.guard import Guard
from hal.pi.journal import Journal
from hal.pi.notify import Notifier
from hal.pi.realtime import take_up
from hal.pi.watchdog import ClosableWatchdog

UNWATCHED: Final = (0, 2)
"""After these nobody waits for flight to come back: a stop that was asked for; bad input, with which it never flew."""

SWITCH_S: Final = 0.0005
"""How long the main loop waits at most when it wakes while a helper thread computes; the interpreter's own is 5 ms."""


class PiProcess:
    """Implements `hal.api.process.Process`."""

    def __init__(
        self,
        *,
        options: BoardOptions,
        clock: RealClock,
        journal: Journal,
        notifier: Notifier,
        guard: Guard,
        watchdog: ClosableWatchdog,
        finish: Callable[[int], None],
    ) -> None:
        """`finish` gets the exit status once all else is closed: it keeps it for the next start."""
        self._options = options
        self._clock = clock
        self._journal = journal
        self._notifier = notifier
        self._guard = guard
        self._watchdog = watchdog
        self._finish = finish
        self._collector = Collector()
        self._closers: list[Callable[[], object]] = []
        self._switch_s = sys.getswitchinterval()

    def on_close(self, closer: Callable[[], object]) -> None:
        """Call this at the end; what was given last is called first."""
        self._closers.append(closer)

    def settle(self) -> None:
        for refused in take_up(self._options):
            self.journal(Level.WARNING, refused)
        sys.setswitchinterval(SWITCH_S)
        self._collector.begin()
        self._notifier.send("STATUS=proving itself")

    def slack(self, until_ns: int) -> None:
        self._clock.watch_wake(until_ns)
        self._collector.run(until_ns - self._clock.now_ns())

    def journal(self, level: Level, text: str) -> None:
        self._journal.write(level, text)

    def ended(self, exit_status: int) -> None:
        self._notifier.send("STOPPING=1", f"STATUS=ended with {exit_status}")
        self._guard.close()
        for closer in reversed(self._closers):
            self._attempt(closer)
        self._attempt(lambda: self._finish(exit_status))
        self._attempt(lambda: self._watchdog.close(exit_status in UNWATCHED))
        self._collector.end()
        sys.setswitchinterval(self._switch_s)
        if self._options.latencies is not None:
            path = self._options.latencies
            self._attempt(lambda: self._write_latencies(path))
        if self._options.purpose is Purpose.FLY:
            self.journal(Level.NOTICE, f"flight ended with {exit_status}; {self._figures()}")
        self._journal.close()

    def _figures(self) -> str:
        longest_ms = self._collector.longest_ns / 1e6
        return (
            f"guard failures {self._guard.failures}, lines dropped {self._journal.dropped}, "
            f"collections {self._collector.passes}, the longest {longest_ms:.1f} ms"
        )

    def _write_latencies(self, path: Path) -> None:
        """One line for each cycle, oldest first: how late it began, us."""
        path.write_text("".join(f"{late_us}\n" for late_us in self._clock.latencies_us()))

    def _attempt(self, action: Callable[[], object]) -> None:
        error = attempt(action)
        if error is not None:
            self.journal(Level.ERROR, f"at the end: {type(error).__name__}: {error}")
