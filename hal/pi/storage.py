"""Storage of the board: one folder of real files, one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from hal.api.errors import NotReady

LOCK: Final = ".lock"


def lock_folder(folder: Path) -> int:
    """Make `folder` if need be and keep every other flight process out; returns the descriptor that holds the lock.

    Raises:
        NotReady: the folder cannot be used, or another process has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fd = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise NotReady("storage", f"{folder}: {error.strerror or error}") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise NotReady("storage", f"{folder}: another flight process runs on it") from None
    return fd


class NoStorage:
    """For a board that is built only to make its outputs safe: every use is refused."""

    def append(self, name: str, data: bytes) -> int:
        raise _refusal()

    def replace(self, name: str, data: bytes) -> int:
        raise _refusal()

    def remove(self, name: str) -> int:
        raise _refusal()

    def request_sync(self) -> None:
        raise _refusal()

    def synced_through(self) -> int:
        raise _refusal()

    def list(self) -> tuple[str, ...]:
        raise _refusal()

    def read(self, name: str) -> bytes:
        raise _refusal()


def _refusal() -> NotReady:
    return NotReady("storage", "not opened")
