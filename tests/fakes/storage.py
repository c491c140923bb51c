"""Storage in memory: writes are durable once a sync has been asked for and let through; faults on demand."""

from __future__ import annotations

from hal.api.errors import DeviceTimeout, NotReady


class FakeStorage:
    """Implements `hal.api.storage.Storage`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._durable: dict[str, bytes] = {}
        self._ticket = 0
        self._synced = 0
        self.broken = False
        """Every operation times out."""
        self.full = False
        """Appends and replaces are refused."""
        self.never_syncs = False
        self.unreadable: dict[str, None] = {}
        """Files on bad blocks."""
        self.largest_append = 0

    def append(self, name: str, data: bytes) -> int:
        self.largest_append = max(self.largest_append, len(data))
        return self._write(name, self.files.get(name, b"") + data)

    def replace(self, name: str, data: bytes) -> int:
        return self._write(name, data)

    def remove(self, name: str) -> int:
        self._answer()
        self.files.pop(name, None)
        return self._next()

    def request_sync(self) -> None:
        self._answer()
        if not self.never_syncs:
            self._synced = self._ticket
            self._durable = dict(self.files)

    def synced_through(self) -> int:
        self._answer()
        return self._synced

    def list(self) -> tuple[str, ...]:
        self._answer()
        return tuple(sorted(self.files))

    def read(self, name: str) -> bytes:
        self._answer()
        if name not in self.files or name in self.unreadable:
            raise NotReady("storage", name)
        return self.files[name]

    def power_cut(self) -> None:
        """Everything since the last sync is gone."""
        self.files = dict(self._durable)

    def _write(self, name: str, data: bytes) -> int:
        self._answer()
        if self.full:
            raise NotReady("storage", "full")
        self.files[name] = data
        return self._next()

    def _next(self) -> int:
        self._ticket += 1
        return self._ticket

    def _answer(self) -> None:
        if self.broken:
            raise DeviceTimeout("storage", "no answer")
