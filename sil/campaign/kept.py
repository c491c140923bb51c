"""Whether `results.sqlite` is what a campaign has written: a damaged one is bad input, told before anything flies."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterator
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from hal.api.config import ConfigError, decode_raw
from sil.campaign.rows import Margin, Met, Row

LONGEST: Final = 200


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """One line of table `walls`."""

    wall_s: Annotated[float, Meta(ge=0.0)]
    worker: str


_OF_RUNS: Final[dict[str, type[msgspec.Struct]]] = {"margins": Margin, "expectations": Met, "walls": Wall}
"""Tables whose lines belong to a line of `runs`."""


def check_file(db: sqlite3.Connection, schema: str, path: str) -> None:
    """Before a table is made: the file is whole, and holds no table but those of `schema`.

    Raises:
        ConfigError, sqlite3.Error: it cannot be used.
    """
    (said,) = next(db.execute("PRAGMA integrity_check(1)"))
    if said != "ok":
        raise _unusable(path, f"damaged ({' '.join(said.split())[:LONGEST]})")
    model = sqlite3.connect(":memory:")
    try:
        model.executescript(schema)
        ours = dict(_tables(model))
    finally:
        model.close()
    for name, text in _tables(db):
        if ours.get(name) != text:
            raise _unusable(path, f"{name!r} in it is not of this campaign; its tables: {', '.join(ours)}")


def check_rows(db: sqlite3.Connection, seeds: range, path: str) -> None:
    """Every line has the types of its table, and a seed of this campaign.

    Raises:
        ConfigError, sqlite3.Error: one has not.
    """
    there = set()
    for line in _lines(db, "runs", seeds, f"{seeds[0]} to {seeds[-1]}", path):
        _fit(line, Row, "runs", line["seed"], path)
        there.add(line["seed"])
    for table, kind in _OF_RUNS.items():
        for line in _lines(db, table, there, "those of table runs", path):
            _fit(line, kind, table, line.pop("seed"), path)


def _tables(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """What is in it, but for SQLite's own."""
    yield from db.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")


def _lines(
    db: sqlite3.Connection, table: str, seeds: Container[object], allowed: str, path: str
) -> Iterator[dict[str, Any]]:
    cursor = db.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    for values in cursor:
        line = dict(zip(names, values, strict=True))
        if line["seed"] not in seeds:
            raise _unusable(path, f"table {table}: seed = {str(line['seed'])[:LONGEST]!r}; allowed: {allowed}")
        yield line


def _fit(line: dict[str, Any], kind: type[msgspec.Struct], table: str, seed: int, path: str) -> None:
    if line.get("passed") in (0, 1):  # SQLite has no truth values
        line = {**line, "passed": bool(line["passed"])}
    try:
        decode_raw(line, kind, f"table {table}, seed {seed}")
    except ConfigError as error:
        raise _unusable(path, str(error)) from None


def _unusable(path: str, problem: str) -> ConfigError:
    return ConfigError(path, f"cannot be used: {problem}; remove the file to fly its runs again")
