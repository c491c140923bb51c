"""Storage on a directory of real files, for boards with a Linux file system.

A write reaches the page cache in the caller, which is a memory copy; waiting for the medium is left to one thread.
A replaced file is written beside the old one and takes its name only once its content is on the medium, so a power
cut leaves the old file or the new one.  After a failed fsync the kernel may have dropped the pages that it could not
write, so nothing later can be called durable: the error stays until the storage is opened again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import Final

from hal.api.errors import NotReady

CAPACITY_BYTES: Final = 256_000_000
CLOSE_S: Final = 10.0
"""How long `close` waits for the medium."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_STAGED: Final = ".staged-"
"""Begins the names of replacements that have not taken their place yet."""


class FileStorage:
    """Implements `hal.api.storage.Storage`; one process at a time for a directory."""

    def __init__(
        self,
        directory: Path,
        capacity_bytes: int = CAPACITY_BYTES,
        fsync: Callable[[int], None] = os.fsync,
    ) -> None:
        """Open `directory`, made if missing, and clear away what an earlier process had not finished.

        Raises:
            NotReady: the directory cannot be used.
        """
        self._directory = directory
        self._capacity = capacity_bytes
        self._fsync = fsync
        self._changed = Condition()
        self._staged: dict[str, str] = {}
        """File name of the replacement that waits to take the place of a name."""
        self._syncing: dict[str, str] = {}
        """Those of them whose turn it is just now; a newer replacement of the same name lets them finish."""
        self._dirty: dict[str, None] = {}
        """Names with appended bytes that are not on the medium, in order."""
        self._ticket = 0
        self._wanted = 0
        self._synced = 0
        self._failure = ""
        self._closing = False
        self._writer: Thread | None = None
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._sizes = self._clear_and_measure()
        except OSError as error:
            raise _not_ready(str(directory), error) from None

    # What flight calls.

    def append(self, name: str, data: bytes) -> int:
        """Append to a file, creating it; returns the ticket.  Raises `NotReady`, `ValueError` for a bad name."""
        with self._changed:
            self._check(name, len(data))
            old = self._sizes.get(name, 0)
            try:
                self._write(self._path(name), data, os.O_APPEND, old)
            except OSError as error:
                raise _not_ready(name, error) from None
            self._sizes[name] = old + len(data)
            self._dirty[name] = None
            return self._next()

    def replace(self, name: str, data: bytes) -> int:
        """Replace a whole file atomically; returns the ticket.  Raises `NotReady`, `ValueError` for a bad name."""
        with self._changed:
            self._check(name, len(data))
            staged = f"{_STAGED}{self._ticket + 1}-{name}"
            path = self._directory / staged
            try:
                self._write(path, data, os.O_EXCL, 0)
            except OSError as error:
                with suppress(OSError):
                    path.unlink()
                raise _not_ready(name, error) from None
            if self._staged.get(name) != self._syncing.get(name):
                self._unlink(self._staged[name])
            self._staged[name] = staged
            self._dirty.pop(name, None)
            self._sizes[name] = len(data)
            return self._next()

    def remove(self, name: str) -> int:
        """Remove a file, a missing one is no error; returns the ticket.  Raises `NotReady`, `ValueError`."""
        with self._changed:
            self._check(name, 0)
            try:
                (self._directory / name).unlink(missing_ok=True)
            except OSError as error:
                raise _not_ready(name, error) from None
            for staged in {self._staged.pop(name, ""), self._syncing.pop(name, "")} - {""}:
                self._unlink(staged)
            self._dirty.pop(name, None)
            self._sizes.pop(name, None)
            return self._next()

    def request_sync(self) -> None:
        """Ask that everything so far becomes durable.  Raises `NotReady` after a failed sync."""
        with self._changed:
            self._check_failure()
            self._wanted = self._ticket
            if self._writer is None:
                self._writer = Thread(target=self._write_behind, name="storage", daemon=True)
                self._writer.start()
            self._changed.notify_all()

    def synced_through(self) -> int:
        """The highest ticket that is durable with all before it."""
        return self._synced

    def list(self) -> tuple[str, ...]:
        """Names of all files, sorted.  Raises `NotReady` if the directory cannot be read."""
        with self._changed:
            try:
                entries = os.listdir(self._directory)
            except OSError as error:
                raise _not_ready(str(self._directory), error) from None
            return tuple(sorted({*self._staged, *(entry for entry in entries if _NAME.fullmatch(entry))}))

    def read(self, name: str) -> bytes:
        """Whole content, with what is not yet durable.  Raises `NotReady`, `ValueError` for a bad name."""
        _check_name(name)
        with self._changed:
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                raise NotReady("storage", f"no file {name}") from None
            except OSError as error:
                raise _not_ready(name, error) from None

    # What the board calls.

    def settle(self, timeout_s: float = CLOSE_S) -> bool:
        """Wait until all that was asked for is durable; False if it is not in time or never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._synced >= self._wanted or bool(self._failure), timeout_s)
            return self._synced >= self._wanted

    def close(self) -> None:
        """Make everything durable that can be, and end the thread."""
        with suppress(NotReady):
            self.request_sync()
            self.settle()
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._writer is not None:
            self._writer.join(CLOSE_S)

    # In the caller, under the lock.

    def _check(self, name: str, size: int) -> None:
        _check_name(name)
        self._check_failure()
        used = sum(self._sizes.values()) if size else 0
        if used + size > self._capacity:
            raise NotReady("storage", f"{name}: full, {used} of {self._capacity} bytes used")

    def _check_failure(self) -> None:
        if self._failure:
            raise NotReady("storage", self._failure)

    def _path(self, name: str) -> Path:
        return self._directory / self._staged.get(name, name)

    def _write(self, path: Path, data: bytes, flags: int, old_size: int) -> None:
        """Write all of it or nothing."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, 0o644)
        try:
            written = 0
            while written < len(data):
                written += os.write(fd, data[written:])
        except OSError:
            with suppress(OSError):
                os.ftruncate(fd, old_size)
            raise
        finally:
            os.close(fd)

    def _unlink(self, staged: str) -> None:
        with suppress(OSError):  # cleared away when the directory is opened again
            (self._directory / staged).unlink()

    def _next(self) -> int:
        self._ticket += 1
        return self._ticket

    def _clear_and_measure(self) -> dict[str, int]:
        sizes = {}
        for path in sorted(self._directory.iterdir()):
            if path.name.startswith(_STAGED):
                path.unlink()
            elif _NAME.fullmatch(path.name) and path.is_file():
                sizes[path.name] = path.stat().st_size
        return sizes

    # In the thread.

    def _write_behind(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._wanted > self._synced)
                if self._wanted <= self._synced:
                    return
                through = self._ticket
                staged = dict(self._staged)
                self._syncing = dict(staged)
                dirty, self._dirty = tuple(self._dirty), {}
            try:
                self._sync(staged, dirty)
            except OSError as error:
                self._fail(error)
                return
            with self._changed:
                self._synced = through
                self._changed.notify_all()

    def _sync(self, staged: dict[str, str], dirty: tuple[str, ...]) -> None:
        for name, replacement in staged.items():
            if self._sync_file(replacement):
                self._put_in_place(name, replacement)
        for name in dirty:
            if name not in staged:  # appended to a replacement: that was synced just now
                self._sync_file(name)
        self._sync_file(".", os.O_DIRECTORY)

    def _put_in_place(self, name: str, replacement: str) -> None:
        with self._changed:
            if self._syncing.pop(name, None) == replacement:  # else flight has removed it meanwhile
                os.replace(self._directory / replacement, self._directory / name)
            if self._staged.get(name) == replacement:
                del self._staged[name]

    def _sync_file(self, name: str, flags: int = 0) -> bool:
        """False if flight has removed or replaced it meanwhile."""
        try:
            fd = os.open(self._directory / name, os.O_RDONLY | os.O_CLOEXEC | flags)
        except FileNotFoundError:
            if flags:  # the directory itself is gone
                raise
            return False
        try:
            self._fsync(fd)
        finally:
            os.close(fd)
        return True

    def _fail(self, error: OSError) -> None:
        with self._changed:
            self._failure = f"sync failed: {error.strerror or error}; nothing since then is durable"
            self._changed.notify_all()


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no file name: letters, digits, '_', '-', '.', not first, at most 100 in all")


def _not_ready(name: str, error: OSError) -> NotReady:
    return NotReady("storage", f"{name}: {error.strerror or error}")
