"""The guard thread: while flight hangs, heaters and loads still fall back to their safe values when their hold ends.

It touches switches only, never a serial bus, which a hung driver may hold.  Motors are stopped by their own chips.
"""

from __future__ import annotations

from threading import Event, Thread
from typing import Final, Protocol

from hal.pi.attempt import attempt

PERIOD_S: Final = 0.5
JOIN_S: Final = 2.0


class Expiring(Protocol):
    """A bank of outputs with holds; `expire` is called from another thread than the rest of it."""

    def expire(self) -> None:
        """Put every output whose hold has ended to its safe value."""
        ...


class Guard:
    """Looks after banks from its making until `close`."""

    def __init__(self, period_s: float = PERIOD_S) -> None:
        self._period_s = period_s
        self._banks: tuple[Expiring, ...] = ()
        self._stop = Event()
        self.failures = 0
        """Exceptions that a bank raised; each was tried again at the next look."""
        self.rounds = 0
        self._thread = Thread(target=self._run, name="guard", daemon=True)
        self._thread.start()

    def watch(self, bank: Expiring) -> None:
        """From now on look after this bank too."""
        self._banks = (*self._banks, bank)

    def close(self) -> None:
        """End the thread; outputs stay as they are."""
        self._stop.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._stop.wait(self._period_s):
            for bank in self._banks:
                if attempt(bank.expire) is not None:
                    self.failures += 1
            self.rounds += 1
