"""When a boot has proved healthy: told to the board, which may then approve a new version of the software.

It takes no peer on the ground and no device that flight can do without.  What it does take: a hundred cycles, every
critical row running, a write that has become durable, and a radio whose port answers.  A minimal boot, or one in which
a driver has shown a defect, is ready too, but approves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from flight.core import Core
from flight.executive import Executive
from hal.api.errors import DeviceError

CYCLES: Final = 100
"""Ten seconds, in which a row of one hertz runs ten times; also from one failed look to the next."""


class Readiness:
    """Told once by whoever looks; a rebuilt row tells it again, which changes nothing."""

    def __init__(self, core: Core, executive: Executive, saved: Callable[[], bool]) -> None:
        """`saved`: whether what this boot has written last is durable."""
        self._hal = core.hal
        self._devices = core.devices
        self._minimal = core.boot.minimal
        self._executive = executive
        self._saved = saved
        self._look_at = CYCLES
        self.told = False

    def look(self) -> None:
        """Tell the board as soon as all is well; cheap at any other time."""
        if self.told or self._executive.cycles < self._look_at or not (self._executive.all_running() and self._saved()):
            return
        self._look_at = self._executive.cycles + CYCLES  # a dead radio must not be asked more than its owner asks it
        if self._has_radio():
            with suppress(DeviceError):  # told again at the next look
                self._hal.watchdog.ready(self._minimal or self._devices.has_defects())
                self.told = True

    def _has_radio(self) -> bool:
        for radio in (self._hal.radio_local, self._hal.radio_relay):
            with suppress(DeviceError):
                radio.status()
                return True
        return False
