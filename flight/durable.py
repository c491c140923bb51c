"""What waits until storage has made a write durable, so that "completed" can mean "survives a power cut"."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError
from hal.api.storage import Storage

LIMIT_NS: Final = 10 * NS_PER_S
"""A sync that takes longer will not come."""

Done = Callable[[bool], None]


class Durable:
    """Calls back once a ticket is synced (True) or has not been for too long (False)."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._waiting: list[tuple[int, int, Done]] = []

    def keep(self, write: Callable[[], int | None], done: Done) -> None:
        """Write something and call `done` once it is durable; with False at once if storage refuses the write.

        Args:
            write: gives the ticket of the write; refused is `DeviceError`, or None from who has dealt with that.
        """
        try:
            ticket = write()
        except DeviceError:
            ticket = None
        if ticket is None:
            done(False)
        else:
            self.when_synced(ticket, done)

    def when_synced(self, ticket: int, done: Done) -> None:
        """Ask for the sync of everything up to `ticket` and call `done` in a later cycle."""
        self._waiting.append((ticket, self._clock.now_ns() + LIMIT_NS, done))
        with suppress(DeviceError):  # seen again as a sync that does not come
            self._storage.request_sync()

    def tick(self, now_ns: int) -> None:
        """Call back those whose time has come; free when nobody waits."""
        if not self._waiting:
            return
        try:
            through = self._storage.synced_through()
        except DeviceError:
            through = -1
        waiting, self._waiting = self._waiting, []
        for ticket, limit_ns, done in waiting:
            if ticket <= through:
                done(True)
            elif now_ns >= limit_ns:
                done(False)
            else:
                self._waiting.append((ticket, limit_ns, done))
