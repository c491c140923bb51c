"""A result folder from somewhere else: its telemetry file opens or is refused, and every reader of it does the same."""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ground.archive import Archive
from ground.archive_schema import COMMAND_COLUMNS, PACKET_COLUMNS
from ground.errors import GroundError
from ground.panels.collect import collect
from ground.products import Products
from ground.report.html import report_html
from ground.run_data import RunData
from tests.fuzz.draw import Draw
from tests.fuzz.msgpack_edits import VALUES
from tests.fuzz.scratch import scratch
from tests.ground.synthetic import Story

PAGE: Final = 4096


@functools.cache
def _good() -> bytes:
    """The telemetry of a short made-up run."""
    story = Story(60.0, 20.0, 10.0)
    story.run()
    path = Path(scratch()) / "good.sqlite"
    target = sqlite3.connect(path)
    story.archive.flush()
    story.archive._database.backup(target)
    target.close()
    return path.read_bytes()


def seeds() -> Iterator[bytes]:
    """Untouched, a value replaced in each column, bytes of the file replaced."""
    yield b"\x00"
    yield from (bytes((0, 0, column, column % len(VALUES))) for column in range(len(PACKET_COLUMNS)))
    yield from (bytes((0, 1, column, column % len(VALUES))) for column in range(len(COMMAND_COLUMNS)))
    yield b"\x01\x00\x40\x05\xff\xff\xff\xff\xff"
    yield b"\x02SQLite format 3\x00"


def check(data: bytes) -> None:
    """Rows changed, the file changed, or any file."""
    draw = Draw(data)
    path = Path(scratch()) / f"telemetry-{os.getpid()}.sqlite"
    way = draw.below(3)
    path.write_bytes(draw.rest() if way == 2 else _damaged(draw) if way == 1 else _good())
    if way == 0:
        _change_rows(path, draw)
    try:
        _read(path)
    except GroundError as error:
        assert str(error)


def _damaged(draw: Draw) -> bytes:
    data = bytearray(_good())
    for _ in range(4):
        if draw.left:
            at = draw.number(3) % len(data)
            piece = draw.some()
            data[at : at + len(piece)] = piece
    return bytes(data[: len(data) - draw.number()])


def _change_rows(path: Path, draw: Draw) -> None:
    database = sqlite3.connect(path)
    for _ in range(4):
        if not draw.left:
            break
        table, columns = draw.pick((("packets", PACKET_COLUMNS), ("commands", COMMAND_COLUMNS)))
        column, value, row = draw.pick(columns), _value(draw), draw.below(8)
        try:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid % 8 = ?", (value, row))
        except (sqlite3.Error, OverflowError):
            continue
    database.commit()
    database.close()


def _value(draw: Draw) -> Any:
    value = draw.pick(VALUES)
    if isinstance(value, str):
        return draw.some().decode("utf-8", "replace")
    return draw.some() if isinstance(value, (list, dict)) else value


def _read(path: Path) -> None:
    """What `rahi report` does, without the pictures."""
    with Archive.read(path) as archive:
        assert all(packet.tm.name for packet in archive.packets())
        assert all(isinstance(raw, bytes) for raw in archive.raw_packets())
        archive.names()
        archive.undecoded()
        archive.commands()
        assert all(product.problem() or product.complete for product in Products.of(archive))
        run = RunData(archive=archive, result={})
        assert report_html(run, collect(run))
