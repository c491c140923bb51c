"""A disk in memory on which the power can go at any operation: what was not synced may be lost, torn or reordered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sil.deploy.target.disk import Disk

Choose = Callable[[int], int]
"""A number below the one given."""


class PowerCut(BaseException):
    """No handler of an ordinary error may go on after this."""


class File:
    """Bytes as a reader sees them, and as they are on the medium."""

    def __init__(self) -> None:
        self.seen = b""
        self.kept = b""


class Link:
    """A symbolic link."""

    def __init__(self, to: str) -> None:
        self.to = to


class Folder:
    """Names as a reader sees them, and as they are on the medium."""

    def __init__(self) -> None:
        self.seen: dict[str, Node] = {}
        self.kept: dict[str, Node] = {}


Node = File | Link | Folder
Change = list[tuple[Folder, str, Node | None]]
"""Names that come and go together: a rename is one change in two folders."""


class MemoryDisk(Disk):
    """Every changing operation counts down `operations_left`."""

    def __init__(self) -> None:
        self.root = Folder()
        self.operations_left: int | None = None
        self.operations = 0
        self._unsynced: list[Change] = []

    # What the tool asks.

    def read(self, path: Path) -> bytes:
        node = self._find(path)
        if not isinstance(node, File):
            raise FileNotFoundError(path)
        return node.seen

    def size(self, path: Path) -> int | None:
        node = self._find(path)
        return len(node.seen) if isinstance(node, File) else None

    def names(self, path: Path) -> list[str]:
        node = self._find(path)
        return sorted(node.seen) if isinstance(node, Folder) else []

    def is_folder(self, path: Path) -> bool:
        return isinstance(self._find(path), Folder)

    def link(self, path: Path) -> str | None:
        node = self._find(path)
        return node.to if isinstance(node, Link) else None

    def write(self, path: Path, data: bytes, append: bool = False) -> None:
        self._operate()
        node = self._find(path)
        if not isinstance(node, File):
            node = File()
            self._change([(self._parent(path), path.name, node)])
        node.seen = node.seen + data if append else data

    def sync(self, path: Path) -> None:
        self._operate()
        node = self._find(path)
        if isinstance(node, File):
            node.kept = node.seen
        elif isinstance(node, Folder):
            self._keep([change for change in self._unsynced if any(folder is node for folder, _, _ in change)])
        else:
            raise FileNotFoundError(path)

    def sync_all(self) -> None:
        self._operate()
        self._keep(self._unsynced)
        for file in self._files(self.root):
            file.kept = file.seen

    def rename(self, old: Path, new: Path) -> None:
        self._operate()
        node = self._find(old)
        if node is None or (isinstance(node, Folder) and self._find(new) is not None):
            raise OSError(f"{old} -> {new}")
        self._change([(self._parent(old), old.name, None), (self._parent(new), new.name, node)])

    def make_folder(self, path: Path) -> None:
        self._operate()
        if self._find(path) is None:
            self._change([(self._parent(path), path.name, Folder())])

    def remove(self, path: Path) -> None:
        self._operate()
        if not isinstance(self._find(path), File | Link):
            raise FileNotFoundError(path)
        self._change([(self._parent(path), path.name, None)])

    def remove_folder(self, path: Path) -> None:
        self._operate()
        node = self._find(path)
        if not isinstance(node, Folder) or node.seen:
            raise OSError(path)
        self._change([(self._parent(path), path.name, None)])

    def symlink(self, to: str, path: Path) -> None:
        self._operate()
        if self._find(path) is not None:
            raise FileExistsError(path)
        self._change([(self._parent(path), path.name, Link(to))])

    @contextmanager
    def lock(self, path: Path) -> Iterator[None]:
        yield

    # What only the test does.

    def cut(self, choose: Choose, volatile: Path) -> None:
        """The power goes and comes back: any of what was not synced is lost, files torn; `volatile` is empty again."""
        for change in self._unsynced:
            if choose(2):
                _apply(change, kept=True)
        self._unsynced = []
        for file in self._files(self.root, kept=True):
            file.seen = file.kept = _torn(file, choose)
        self._restore(self.root)
        self.operations_left = None
        node = self._find(volatile)
        if isinstance(node, Folder):
            node.seen.clear()
            node.kept.clear()

    def _operate(self) -> None:
        self.operations += 1
        if self.operations_left is not None:
            if self.operations_left == 0:
                raise PowerCut
            self.operations_left -= 1

    def _find(self, path: Path) -> Node | None:
        node: Node | None = self.root
        for part in path.parts[1:]:
            node = node.seen.get(part) if isinstance(node, Folder) else None
        return node

    def _parent(self, path: Path) -> Folder:
        node = self._find(path.parent)
        if not isinstance(node, Folder):
            raise FileNotFoundError(path)
        return node

    def _change(self, change: Change) -> None:
        _apply(change, kept=False)
        self._unsynced.append(change)

    def _keep(self, changes: list[Change]) -> None:
        for change in changes:
            _apply(change, kept=True)
        self._unsynced = [change for change in self._unsynced if change not in changes]

    def _files(self, folder: Folder, kept: bool = False) -> Iterator[File]:
        for node in (folder.kept if kept else folder.seen).values():
            if isinstance(node, Folder):
                yield from self._files(node, kept)
            elif isinstance(node, File):
                yield node

    def _restore(self, folder: Folder) -> None:
        folder.seen = dict(folder.kept)
        for node in folder.seen.values():
            if isinstance(node, Folder):
                self._restore(node)


def _apply(change: Change, *, kept: bool) -> None:
    for folder, name, node in change:
        names = folder.kept if kept else folder.seen
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _torn(file: File, choose: Choose) -> bytes:
    """Before, after, or the first part of it."""
    if file.seen == file.kept:
        return file.kept
    return (file.kept, file.seen, file.seen[: choose(len(file.seen) + 1)])[choose(3)]
