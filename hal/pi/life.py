"""The process's own record of its life, one small file in the storage folder, written at start and at end only.

systemd does not tell a new process how the one before it ended, but it tells the command that it runs in between
(ExecStopPost), which is where `note_result` comes from.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = ".life"
"""Led by a dot: no name that storage knows."""
LONGEST_BYTES: Final = 1_000


class Life(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One process."""

    boot_id: str
    """Of the kernel that it ran under."""
    exit_status: int | None = None
    """As it ended by itself; None while it runs, and after it was killed."""
    result: str | None = None
    """SERVICE_RESULT of systemd.exec(5) for one that was killed or died: `watchdog`, `signal`, `exit-code`..."""


def read_life(folder: Path) -> Life | None:
    """The last one; None if there was none or its record cannot be read."""
    try:
        with (folder / FILE).open("rb") as file:
            return msgspec.json.decode(file.read(LONGEST_BYTES), type=Life)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def write_life(folder: Path, life: Life) -> None:
    """Put it on the medium before returning.  Raises OSError."""
    staged = folder / f"{FILE}.new"
    fd = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        os.write(fd, msgspec.json.encode(life))
        os.fsync(fd)
    finally:
        os.close(fd)
    staged.replace(folder / FILE)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def note_result(folder: Path, result: str | None) -> None:
    """Between two processes: add what systemd says of one that did not end by itself.  Raises OSError."""
    life = read_life(folder)
    if result and life is not None and life.exit_status is None:
        write_life(folder, msgspec.structs.replace(life, result=result))
