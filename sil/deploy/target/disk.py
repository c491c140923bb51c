"""Every storage operation of the slot tool, one method each, so that a test can cut the power at any of them."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Disk:
    """The real one."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def size(self, path: Path) -> int | None:
        try:
            found = path.lstat()
        except OSError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def names(self, path: Path) -> list[str]:
        return sorted(os.listdir(path)) if path.is_dir() and not path.is_symlink() else []

    def is_folder(self, path: Path) -> bool:
        return path.is_dir() and not path.is_symlink()

    def link(self, path: Path) -> str | None:
        return os.readlink(path) if path.is_symlink() else None

    def write(self, path: Path, data: bytes, append: bool = False) -> None:
        with path.open("ab" if append else "wb") as file:
            file.write(data)

    def sync(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_all(self) -> None:
        os.sync()

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def make_folder(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def symlink(self, to: str, path: Path) -> None:
        path.symlink_to(to)

    @contextmanager
    def lock(self, path: Path) -> Iterator[None]:
        if not path.is_dir():
            yield
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
