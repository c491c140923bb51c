"""What ties flight's device objects to one life of the flight computer.

Devices, bus contents and the world outlive a reset; the objects flight was handed do not.  Each of them asks its
plug for the time first, and a pulled plug raises, so a computer without power can neither read nor change anything.
"""

from __future__ import annotations

from hal.api.errors import ComputerStopped
from sim_hal.clock import SimClock


class Plug:
    """One life of the flight computer; implements `hal.api.clock.Clock` for it."""

    __slots__ = ("_clock", "cause")

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self.cause: str | None = None
        """Why this life ended; None while it lasts."""

    def now_ns(self) -> int:
        """Monotonic time, ns.  Raises `ComputerStopped` once this life has ended."""
        if self.cause is not None:
            raise ComputerStopped(self.cause)
        return self._clock.time_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        """Let the world run up to `deadline_ns`.  Raises `ComputerStopped` as soon as this life ends."""
        if self.cause is not None:
            raise ComputerStopped(self.cause)
        self._clock.sleep_until_ns(deadline_ns)

    def pull(self, cause: str) -> None:
        """End this life; the first cause stays."""
        if self.cause is None:
            self.cause = cause
