"""Lines for whoever looks after the computer, on standard error: to the journal with a priority, or to a terminal.

A thread writes them, so that a terminal that is held up or a full pipe costs lines and never a cycle.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from threading import Event, Thread
from typing import Final

from hal.api.process import Level

ROOM: Final = 200
LONGEST: Final = 400
CLOSE_S: Final = 1.0
STDERR: Final = 2


class Journal:
    """One writer thread from making to `close`."""

    def __init__(self, fd: int = STDERR, *, with_priority: bool = False) -> None:
        """`with_priority`: lead each line with `<N>`, which journald takes off again (sd-daemon(3))."""
        self._fd = fd
        self._with_priority = with_priority
        self._lines: deque[bytes] = deque()
        self._wake = Event()
        self._closing = False
        self.dropped = 0
        self._thread = Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Journal:
        """With priorities if systemd has connected standard error to its journal, and nobody has redirected it since.

        JOURNAL_STREAM names that stream by device and inode (systemd.exec(5)).
        """
        try:
            found = os.fstat(STDERR)
        except OSError:  # closed
            return cls()
        return cls(with_priority=environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}")

    def write(self, level: Level, text: str) -> None:
        """Hand over one line; dropped and counted when too many wait."""
        if len(self._lines) >= ROOM:
            self.dropped += 1
            return
        lead = f"<{level.value}>" if self._with_priority else "rahi-flight: "
        printable = "".join(char if char.isprintable() else "?" for char in text[:LONGEST])
        self._lines.append(f"{lead}{printable}\n".encode("utf-8", "replace"))
        self._wake.set()

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Write what waits, but not for longer than this."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._lines:
                self._put(self._lines.popleft())
            if self._closing:
                return

    def _put(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._fd, line) :]
        except OSError:  # nobody reads any more
            self.dropped += 1
