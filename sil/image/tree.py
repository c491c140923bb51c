"""A root file system as one sorted stream: a base tar, less what is dropped, plus what is laid over it.

No file is unpacked, so nobody needs to be root, and the same inputs give the same bytes.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from sil.image.errors import ImageError

_XATTR: Final = "SCHILY.xattr."
_END_BYTES: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file, symbolic link or folder of a layer; everything belongs to root."""

    path: str
    """From the root, without a leading slash."""
    data: bytes | None = None
    link: str | None = None
    mode: int = 0o644

    def member(self, mtime_s: int) -> tarfile.TarInfo:
        """As a member of a tar."""
        info = tarfile.TarInfo(self.path)
        info.mtime = mtime_s
        if self.link is not None:
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, self.link, 0o777
        elif self.data is not None:
            info.size, info.mode = len(self.data), self.mode
        else:
            info.type, info.mode = tarfile.DIRTYPE, self.mode | 0o111
        return info


def folder(path: str, mode: int = 0o755) -> Entry:
    """An empty folder."""
    return Entry(path=path, mode=mode)


@dataclass(frozen=True)
class _Item:
    """A member, and where its bytes come from."""

    member: tarfile.TarInfo
    content: Callable[[], IO[bytes] | None]


def compose(base: Path, dropped: Callable[[str], bool], added: Iterable[Entry], out: IO[bytes], mtime_s: int) -> None:
    """Write the tree to `out`, a tar with parents before children and hard links last.

    Times of the base are kept, since compiled Python is tied to them, but none is later than `mtime_s`.

    Raises:
        ImageError: the base is no tar, or a hard link would lose the file that it names.
    """
    _need_whole(base)
    try:
        with tarfile.open(base, "r:") as source:
            items = {member.name: item for member, item in _kept(source, dropped, mtime_s)}
            items.update(_laid_over(added, mtime_s, frozenset(items)))
            _write(items, out)
    except tarfile.TarError as error:
        raise ImageError(f"{base} is not a whole tar: {error}") from None


def read_files(base: Path, under: str) -> dict[str, bytes]:
    """The regular files below a folder of a tar, by their path from it; links among them are followed.

    Raises:
        ImageError: the base is no tar.
    """
    found: dict[str, bytes] = {}
    _need_whole(base)
    try:
        with tarfile.open(base, "r:") as source:
            for member in source:
                path = _plain(member.name)
                if path.startswith(under + "/") and (member.isreg() or member.islnk()):
                    file = source.extractfile(member)
                    found[path.removeprefix(under + "/")] = file.read() if file is not None else b""
    except tarfile.TarError as error:
        raise ImageError(f"{base} is not a whole tar: {error}") from None
    return dict(sorted(found.items()))


def _need_whole(base: Path) -> None:
    """A tar ends with two blocks of zeros; Python takes one that was cut between two members for whole."""
    with base.open("rb") as file:
        file.seek(max(0, base.stat().st_size - _END_BYTES))
        if file.read() != bytes(_END_BYTES):
            raise ImageError(f"{base} is not a whole tar")


def _plain(name: str) -> str:
    return name.removeprefix("./").strip("/")


def _kept(
    source: tarfile.TarFile, dropped: Callable[[str], bool], latest_s: int
) -> Iterator[tuple[tarfile.TarInfo, _Item]]:
    for member in source:
        path = _plain(member.name)
        if not path or path == "." or dropped(path):
            continue
        info = member.replace(name=path, mtime=min(int(member.mtime), latest_s), deep=True)
        info.pax_headers = {key: text for key, text in sorted(member.pax_headers.items()) if key.startswith(_XATTR)}
        if member.islnk():
            info.linkname = _plain(member.linkname)
        yield info, _Item(info, _reader(source, member))


def _reader(source: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], IO[bytes] | None]:
    return lambda: source.extractfile(member) if member.isreg() else None


def _laid_over(added: Iterable[Entry], mtime_s: int, base: frozenset[str]) -> dict[str, _Item]:
    """Entries by path, with the folders that they need; the last one for a path holds."""
    items: dict[str, _Item] = {}
    for entry in added:
        for parent in list(PurePosixPath(entry.path).parents)[-2::-1]:
            if str(parent) not in base and str(parent) not in items:
                items[str(parent)] = _item(folder(str(parent)), mtime_s)
        items[entry.path] = _item(entry, mtime_s)
    return items


def _item(entry: Entry, mtime_s: int) -> _Item:
    data = entry.data
    return _Item(entry.member(mtime_s), lambda: None if data is None else io.BytesIO(data))


def _write(items: dict[str, _Item], out: IO[bytes]) -> None:
    order = sorted(items, key=lambda path: (items[path].member.islnk(), path.split("/")))
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as sink:
        for path in order:
            member = items[path].member
            if member.islnk() and (member.linkname not in items or not items[member.linkname].member.isreg()):
                raise ImageError(f"{path} is a hard link to {member.linkname}, which the image leaves out")
            sink.addfile(member, items[path].content())
