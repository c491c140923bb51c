"""Named byte files that survive a power cut, with the honest semantics of a disk.

An operation returns its ticket.  It is only acknowledged once `synced_through()` has reached that ticket; until
then a power cut may lose it, tear it, or keep a later one instead.
"""

from __future__ import annotations

from typing import Protocol


class Storage(Protocol):
    """Small named files.  Methods never block for longer than a memory copy; syncing happens behind them."""

    def append(self, name: str, data: bytes) -> int:
        """Append to a file, creating it.  Returns the ticket of this operation."""
        ...

    def replace(self, name: str, data: bytes) -> int:
        """Replace a whole file atomically.  Returns the ticket."""
        ...

    def remove(self, name: str) -> int:
        """Remove a file; a missing one is no error.  Returns the ticket."""
        ...

    def request_sync(self) -> None:
        """Ask that everything so far becomes durable."""
        ...

    def synced_through(self) -> int:
        """The highest ticket that is durable with all before it."""
        ...

    def list(self) -> tuple[str, ...]:
        """Names of all files, sorted."""
        ...

    def read(self, name: str) -> bytes:
        """Whole content.  Raises `NotReady` if there is no such file."""
        ...
