"""The watchdog over flight: systemd's, and where the rover file says so the computer's own (/dev/watchdog).

Numbers: ioctl codes of linux/watchdog.h; 1 to 15 s on the Raspberry Pi (bcm2835_wdt.c); writing `V` before closing
disarms it ("magic close", Documentation/watchdog/watchdog-api.rst).  Opening the device starts it.
"""

from __future__ import annotations

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from hal.api.devices import Watchdog
from hal.api.errors import DeviceTimeout, NotReady
from hal.pi.notify import Notifier

SETTIMEOUT: Final = 0xC0045706
TIMEOUT_S: Final = 15
MAGIC_CLOSE: Final = b"V"
MINIMAL_MARK: Final = "minimal"
"""File in the unit's run-time folder while a boot with the minimal set of rows is the healthy one: it proves nothing of
the version that it belongs to, so the slot tool must not commit it.
"""


class ClosableWatchdog(Watchdog, Protocol):
    """A watchdog that the board lets go of."""

    def close(self, clean: bool) -> None:
        """Let go; only after a clean stop may nobody be watched any more."""
        ...


class SystemdWatchdog:
    """Implements `hal.api.devices.Watchdog` with WATCHDOG=1 and READY=1; silent where systemd does not ask for it."""

    def __init__(self, notifier: Notifier, run_folder: Path | None) -> None:
        """`run_folder`: RUNTIME_DIRECTORY of the unit, if it has one."""
        self._notifier = notifier
        self._mark = None if run_folder is None else run_folder / MINIMAL_MARK

    def stroke(self) -> None:
        self._send("WATCHDOG=1")

    def ready(self, minimal: bool) -> None:
        if self._mark is not None:
            self._set_mark(self._mark, minimal)
        self._send(
            "READY=1",
            "STATUS="
            + (
                "ready, but approves no version: minimal set of rows, or a driver with a defect"
                if minimal
                else "healthy"
            ),
        )

    def close(self, clean: bool) -> None:
        self._notifier.close()

    def _set_mark(self, mark: Path, minimal: bool) -> None:
        try:
            if minimal:
                mark.touch()
            else:
                mark.unlink(missing_ok=True)
        except OSError as error:
            raise NotReady("watchdog", f"{mark}: {error.strerror}") from None

    def _send(self, *assignments: str) -> None:
        if not self._notifier.send(*assignments):
            raise DeviceTimeout("watchdog", "systemd does not take notifications")


class DeviceWatchdog:
    """The computer's watchdog besides systemd's notifications: it resets the computer, not just the process."""

    def __init__(self, path: str, systemd: SystemdWatchdog, timeout_s: int = TIMEOUT_S) -> None:
        """Open and start it.

        Raises:
            NotReady: it is not there, or somebody else (systemd with RuntimeWatchdogSec) holds it.
        """
        self._systemd = systemd
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except OSError as error:
            raise NotReady("watchdog", f"{path}: {error.strerror}") from None
        with suppress(OSError):  # a chip with a fixed timeout keeps its own
            fcntl.ioctl(self._fd, SETTIMEOUT, struct.pack("i", timeout_s))

    def stroke(self) -> None:
        try:
            os.write(self._fd, b"\0")
        except OSError as error:
            raise DeviceTimeout("watchdog", str(error.strerror)) from None
        self._systemd.stroke()

    def ready(self, minimal: bool) -> None:
        self._systemd.ready(minimal)

    def close(self, clean: bool) -> None:
        with suppress(OSError):
            if clean:
                os.write(self._fd, MAGIC_CLOSE)
            os.close(self._fd)
        self._systemd.close(clean)


class NoWatchdog:
    """For a board that is built to be looked at: nobody is watched, nothing is approved."""

    def stroke(self) -> None:
        pass

    def ready(self, minimal: bool) -> None:
        pass

    def close(self, clean: bool) -> None:
        pass
