"""Storage on real files: what a killed process leaves, what a failing medium answers."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import NotReady
from hal.files import FileStorage

Open = Callable[..., FileStorage]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens storages on one directory and closes them in the end."""
    storages: list[FileStorage] = []

    def open_storage(**options: object) -> FileStorage:
        storages.append(FileStorage(tmp_path / "disk", **options))  # type: ignore[arg-type]  # test shorthand
        return storages[-1]

    yield open_storage
    for storage in storages:
        storage.close()


def synced(storage: FileStorage) -> FileStorage:
    storage.request_sync()
    assert storage.settle()
    return storage


class Gate:
    """An fsync that waits until it is let through, or fails."""

    def __init__(self) -> None:
        self.reached = Event()
        self.open = Event()
        self.error: OSError | None = None

    def __call__(self, fd: int) -> None:
        self.reached.set()
        assert self.open.wait(30.0)
        if self.error is not None:
            raise self.error
        os.fsync(fd)


def test_what_was_synced_is_there_for_the_next_process(opened: Open) -> None:
    """Appends and replacements alike, though the first process never closed."""
    first = opened()
    first.append("log", b"one ")
    first.replace("state", b"old")
    first.replace("state", b"new")
    first.append("log", b"two")
    first.append("state", b"er")
    synced(first)
    second = opened()
    assert second.list() == ("log", "state")
    assert second.read("log") == b"one two"
    assert second.read("state") == b"newer"


def test_a_replacement_that_was_not_synced_leaves_the_old_file(opened: Open, tmp_path: Path) -> None:
    """Its half-finished file is cleared away, for list and for the medium."""
    first = opened()
    first.replace("state", b"old")
    synced(first).replace("state", b"new")
    assert first.read("state") == b"new"
    second = opened()
    assert second.read("state") == b"old"
    assert os.listdir(tmp_path / "disk") == ["state"]


def test_a_replacement_overtaken_while_it_is_synced_still_takes_its_place(opened: Open) -> None:
    """It is acknowledged, so a kill that loses the newer one must leave it, not the one before."""
    gate = Gate()
    first = opened(fsync=gate)
    first.replace("state", b"acknowledged")
    first.request_sync()
    assert gate.reached.wait(30.0)
    first.replace("state", b"newer")
    gate.open.set()
    assert first.settle()
    assert first.synced_through() == 1
    assert first.read("state") == b"newer"
    assert opened().read("state") == b"acknowledged"


def test_a_file_removed_while_it_is_synced_stays_removed(opened: Open) -> None:
    """Nor does a later append find anything of it."""
    gate = Gate()
    storage = opened(fsync=gate)
    storage.replace("state", b"gone")
    storage.request_sync()
    assert gate.reached.wait(30.0)
    storage.remove("state")
    storage.append("state", b"fresh")
    gate.open.set()
    assert storage.settle()
    assert synced(storage).read("state") == b"fresh"
    assert opened().read("state") == b"fresh"


def test_a_failed_sync_is_told_for_ever_and_acknowledges_nothing(opened: Open) -> None:
    """The kernel may have dropped the pages, so a later success would prove nothing."""
    gate = Gate()
    gate.error = OSError(errno.EIO, os.strerror(errno.EIO))
    gate.open.set()
    storage = opened(fsync=gate)
    storage.append("log", b"line")
    storage.request_sync()
    assert not storage.settle()
    gate.error = None
    assert storage.synced_through() == 0
    for operation in (storage.request_sync, lambda: storage.append("log", b"x"), lambda: storage.replace("s", b"x")):
        with pytest.raises(NotReady, match="Input/output error"):
            operation()
    assert storage.read("log") == b"line"


def test_a_full_storage_refuses_and_keeps_what_it_has(opened: Open) -> None:
    """Room that is given back can be used again."""
    storage = opened(capacity_bytes=10)
    storage.append("log", b"12345678")
    with pytest.raises(NotReady, match=r"log: full, 8 of 10 bytes used"):
        storage.append("log", b"9ab")
    assert storage.read("log") == b"12345678"
    storage.remove("log")
    storage.append("other", b"0123456789")


def test_a_vanished_directory_is_one_line(opened: Open, tmp_path: Path) -> None:
    """Each operation names the file and says what the system said."""
    storage = opened()
    (tmp_path / "disk").rmdir()
    for operation in (lambda: storage.append("log", b"x"), lambda: storage.replace("log", b"x"), storage.list):
        with pytest.raises(NotReady, match="No such file or directory"):
            operation()
    storage.request_sync()
    assert not storage.settle() or storage.synced_through() == 0


def test_a_path_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    """At once, with its name."""
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(NotReady, match="plain: File exists"):
        FileStorage(tmp_path / "plain")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_one_line(opened: Open, tmp_path: Path) -> None:
    """Permission, named with the file."""
    storage = opened()
    (tmp_path / "disk").chmod(0o500)
    with pytest.raises(NotReady, match="log: Permission denied"):
        storage.append("log", b"x")
    (tmp_path / "disk").chmod(0o700)


@given(name=st.one_of(st.sampled_from(["", ".", "..", "a/b", "/etc/passwd", ".staged-1-a", "a\0", "a\n"]), st.text()))
def test_no_name_leaves_the_directory(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Separators, dots in front and odd characters are refused before anything is touched."""
    if name and all(c.isascii() and (c.isalnum() or c in "_-.") for c in name) and name[0] != ".":
        return
    storage = FileStorage(tmp_path_factory.getbasetemp() / "names")
    for operation in (storage.read, storage.remove, lambda n: storage.append(n, b"x")):
        with pytest.raises(ValueError, match="no file name"):
            operation(name)
    assert storage.list() == ()
