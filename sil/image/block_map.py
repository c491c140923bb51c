"""The block map of bmaptool: which blocks of the image matter, with the SHA-256 of each range of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from xml.etree.ElementTree import ParseError, XMLParser

from sil.image.errors import ImageError

MAX_MAP_BYTES: Final = 16_000_000
_READ_BYTES: Final = 1 << 20
_RANGE: Final = re.compile(r"\s*(\d+)(?:-(\d+))?\s*")


@dataclass(frozen=True, kw_only=True)
class Range:
    """Blocks `first` to `last`, both included."""

    first: int
    last: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class BlockMap:
    """A whole map."""

    image_bytes: int
    block_bytes: int
    ranges: tuple[Range, ...]

    @property
    def mapped_bytes(self) -> int:
        """How much is written."""
        return sum(item.last - item.first + 1 for item in self.ranges) * self.block_bytes


class _Reader:
    """Collects what a map says; a document type, and with it every entity, is refused."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.ranges: list[Range] = []
        self._text = ""
        self._sum = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._text, self._sum = "", attributes.get("chksum", "") if tag == "Range" else ""

    def data(self, text: str) -> None:
        self._text += text

    def end(self, tag: str) -> None:
        if tag == "Range":
            self.ranges.append(_range(self._text, self._sum))
        else:
            self.values[tag] = self._text.strip()

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise ValueError("it declares a document type")

    def close(self) -> None: ...


def read_map(path: Path) -> BlockMap:
    """Read a map.

    Raises:
        ImageError: there is none, it is none, or its checksums are not SHA-256.
    """
    reader = _Reader()
    parser = XMLParser(target=reader)
    try:
        with path.open("rb") as file:
            parser.feed(file.read(MAX_MAP_BYTES))
        parser.close()
        found = BlockMap(
            image_bytes=int(reader.values["ImageSize"]),
            block_bytes=int(reader.values["BlockSize"]),
            ranges=tuple(reader.ranges),
        )
    except (OSError, ParseError, KeyError, ValueError) as error:
        raise ImageError(f"{path} is no block map: {error}") from None
    if reader.values.get("ChecksumType") != "sha256" or found.block_bytes < 1 or not found.ranges:
        raise ImageError(f"{path} has no SHA-256 for its ranges")
    return found


def _range(text: str, sha256: str) -> Range:
    found = _RANGE.fullmatch(text)
    if found is None or re.fullmatch("[0-9a-f]{64}", sha256) is None:
        raise ValueError(f"a range reads {text!r}")
    first = int(found.group(1))
    return Range(first=first, last=int(found.group(2) or first), sha256=sha256)


def differences(found: BlockMap, disk: IO[bytes], told: Callable[[int], None] = lambda _bytes: None) -> list[Range]:
    """The ranges that a disk does not hold as the map has them; `told` hears of every stretch that was read."""
    return [item for item in found.ranges if _digest(found, item, disk, told) != item.sha256]


def _digest(found: BlockMap, item: Range, disk: IO[bytes], told: Callable[[int], None]) -> str:
    """The last block of an image may be a part of one."""
    start = item.first * found.block_bytes
    left = min((item.last + 1) * found.block_bytes, found.image_bytes) - start
    disk.seek(start)
    digest = hashlib.sha256()
    while left > 0:
        data = disk.read(min(left, _READ_BYTES))
        if not data:
            break
        digest.update(data)
        told(len(data))
        left -= len(data)
    return digest.hexdigest()
