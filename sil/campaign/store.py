"""`results.sqlite`: written by the leading process alone, each row safe as it arrives."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from hal.api.config import ConfigError
from sil.campaign.kept import check_file, check_rows
from sil.campaign.rows import COLUMNS, Flown, Row

RESULTS_FILE: Final = "results.sqlite"
BATCH_S: Final = 0.5
"""Rows that arrive within this time may share one commit."""
_TYPES: Final = {
    **dict.fromkeys(("seed", "unmet", "events", "faults", "boots", "cycles", "overruns"), "INTEGER"),
    **dict.fromkeys(("distance_m", "soc", "min_soc", "load_wh", "array_wh", "sim_s"), "REAL"),
}
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS runs (seed INTEGER PRIMARY KEY, {
    ", ".join(f"{name} {_TYPES.get(name, 'TEXT')}" for name in COLUMNS[1:])
});
CREATE TABLE IF NOT EXISTS margins (seed INTEGER, property TEXT, margin REAL, t_s REAL, text TEXT,
  PRIMARY KEY (seed, property)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS expectations (seed INTEGER, number INTEGER, text TEXT, passed INTEGER, measured TEXT,
  PRIMARY KEY (seed, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS walls (seed INTEGER PRIMARY KEY, wall_s REAL, worker TEXT);
"""
"""`runs`, `margins` and `expectations` are the same for every repetition of a campaign; `walls` is not."""


class Store:
    """The rows of one campaign."""

    def __init__(self, path: Path, seeds: range) -> None:
        """Open, or make; `seeds`: those of the campaign.

        Raises:
            ConfigError: it cannot be opened, is damaged, or holds what is not of this campaign.
        """
        self._last_s = time.monotonic()
        try:
            self._db = _opened(path, seeds)
        except sqlite3.Error as error:
            raise ConfigError(str(path), f"cannot be used: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.commit()
        self._db.close()

    def add(self, flown: Flown) -> None:
        """One more run, whole or not at all."""
        seed = flown.row.seed
        self._put("runs", [msgspec.structs.astuple(flown.row)])
        self._put("margins", [(seed, *msgspec.structs.astuple(item)) for item in flown.margins])
        self._put("expectations", [(seed, *msgspec.structs.astuple(item)) for item in flown.met])
        self._put("walls", [(seed, flown.wall_s, flown.worker)])

    def commit(self, *, now: bool = False) -> None:
        """Make safe what was added, a few times a second at most, or `now`."""
        if now or time.monotonic() - self._last_s >= BATCH_S:
            self._db.commit()
            self._last_s = time.monotonic()

    def _put(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    # Reading, always in the order of seeds.

    def seeds(self) -> frozenset[int]:
        """Those that are there."""
        return frozenset(seed for (seed,) in self._db.execute("SELECT seed FROM runs"))

    def rows(self) -> Iterator[Row]:
        """Every run."""
        for values in self._db.execute(f"SELECT {', '.join(COLUMNS)} FROM runs ORDER BY seed"):
            yield Row(**dict(zip(COLUMNS, values, strict=True)))

    def counts(self) -> dict[str, int]:
        """How many runs of each verdict."""
        return dict(self._db.execute("SELECT verdict, COUNT(*) FROM runs GROUP BY verdict ORDER BY verdict"))

    def margins(self) -> Iterator[tuple[int, str, float, float, str]]:
        """Seed, property, margin, time and text of every property that a run put to the test."""
        yield from self._db.execute("SELECT seed, property, margin, t_s, text FROM margins ORDER BY property, seed")

    def unmet(self) -> Iterator[tuple[int, int, str, str]]:
        """Seed, number, text and measurement of every expectation that did not hold."""
        yield from self._db.execute(
            "SELECT seed, number, text, measured FROM expectations WHERE passed = 0 ORDER BY number, seed"
        )

    def walls(self) -> list[float]:
        """Wall seconds of every run."""
        return [wall_s for (wall_s,) in self._db.execute("SELECT wall_s FROM walls ORDER BY seed")]


def _opened(path: Path, seeds: range) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    try:
        check_file(db, _SCHEMA, str(path))
        db.executescript(_SCHEMA)
        check_rows(db, seeds, str(path))
    except (ConfigError, sqlite3.Error):
        db.close()
        raise
    return db
