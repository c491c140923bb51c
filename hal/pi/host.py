"""The computer looked at every ten seconds by a thread of its own, since some of these files ask the firmware."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread
from typing import Final

from hal.api.clock import Clock
from hal.api.values import HostReading
from hal.pi.attempt import attempt

PERIOD_S: Final = 10.0
JOIN_S: Final = 1.0
TEMPERATURE: Final = "sys/class/thermal/thermal_zone0/temp"
"""Thousandths of a degree (Documentation/driver-api/thermal/sysfs-api.rst)."""
THROTTLED: Final = "sys/devices/platform/soc/soc:firmware/get_throttled"
"""Hexadecimal, only with the Raspberry Pi kernel."""


class HostWatch:
    """Implements `hal.api.devices.Host`; `read` gives the newest look."""

    def __init__(self, clock: Clock, folder: Path, root: Path = Path("/"), period_s: float = PERIOD_S) -> None:
        """`folder`: where storage lies.  `root` stands before the kernel's files."""
        self._clock = clock
        self._folder = folder
        self._root = root
        self._period_s = period_s
        self._stop = Event()
        self._reading = HostReading(
            time_ns=clock.now_ns(), cpu_temperature_c=None, throttle_flags=None, disk_free_bytes=None
        )
        self._thread = Thread(target=self._run, name="host", daemon=True)
        self._thread.start()

    def read(self) -> HostReading:
        return self._reading

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(JOIN_S)

    def look(self) -> None:
        """Take a new reading now."""
        millidegrees = self._number(TEMPERATURE, 10)
        self._reading = HostReading(
            time_ns=self._clock.now_ns(),
            cpu_temperature_c=None if millidegrees is None else millidegrees / 1000.0,
            throttle_flags=self._number(THROTTLED, 16),
            disk_free_bytes=self._free_bytes(),
        )

    def _run(self) -> None:
        attempt(self.look)
        while not self._stop.wait(self._period_s):
            attempt(self.look)

    def _number(self, name: str, base: int) -> int | None:
        try:
            return int((self._root / name).read_text()[:32], base)
        except (OSError, ValueError):
            return None

    def _free_bytes(self) -> int | None:
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return None
        return found.f_bavail * found.f_frsize
