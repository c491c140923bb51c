"""The sequence count of telecommands, kept in a file per source id, so that no two senders ever use one twice.

The rover remembers the last 64 counts of each source and refuses a repeat; a counter that began at zero with every
program would be refused.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ground.errors import GroundError

_MASK = 0x3FFF


class SequenceFile:
    """Counts of one source id, shared by every process that names the same folder."""

    def __init__(self, folder: Path, source_id: int = 1) -> None:
        """Keep the count in ``folder``, which is made if need be.

        Raises:
            GroundError: the folder cannot be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GroundError(f"{folder}: {error.strerror}") from None
        self._path = folder / f"sequence_{source_id}"
        self._lock_path = folder / f"sequence_{source_id}.lock"

    def take(self) -> int:
        """Return the next count, 0..16383; the file holds the one after it before this returns.

        Raises:
            GroundError: the file cannot be read or written, or holds no count.
        """
        try:
            with self._locked():
                count = self._read()
                self._write((count + 1) & _MASK)
        except OSError as error:
            raise GroundError(f"{self._path}: {error.strerror}") from None
        return count

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The lock is on a file of its own: the count is replaced, and a lock on it would stay with the old file.
        with self._lock_path.open("a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _read(self) -> int:
        if not self._path.exists():
            return 0
        text = self._path.read_bytes()[:16].decode("ascii", "replace").strip()
        if not text.isdigit() or int(text) > _MASK:
            raise GroundError(f"{self._path}: {text!r} is no sequence count 0..{_MASK}; delete the file to begin at 0")
        return int(text)

    def _write(self, count: int) -> None:
        fresh = self._path.with_suffix(f".{os.getpid()}")
        with fresh.open("w", encoding="ascii") as file:
            file.write(f"{count}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
