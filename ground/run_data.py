"""Everything one run left behind, for pictures and reports; and the files of a result folder that are not telemetry.

``truth.csv``: first row names, ``time_s`` first, then one row a sample. ``map.json``: a :class:`MapGrid`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from ground.archive import Archive
from ground.errors import GroundError
from telemetry_defs.cuc import utc_iso_to_gps_ns
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.lookup import Dictionary

RESULT_FILE: Final = "result.json"
TELEMETRY_FILE: Final = "telemetry.sqlite"
EVENTS_FILE: Final = "events.jsonl"
TRUTH_FILE: Final = "truth.csv"
MAP_FILE: Final = "map.json"
OVERVIEW_FILE: Final = "overview.png"
REPORT_FILE: Final = "report.html"
PRODUCTS_FOLDER: Final = "products"
TIME_COLUMN: Final = "time_s"
_UNREADABLE: Final = (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading JSON from any file may come to."""


class Waypoint(msgspec.Struct, frozen=True, kw_only=True):
    """A place of interest on the map, site frame, m."""

    x_m: float
    y_m: float
    label: str = ""


class MapGrid(msgspec.Struct, frozen=True, kw_only=True):
    """Heights of the ground: ``heights_m[row][column]`` at x = x0_m + column * step_m, y = y0_m + row * step_m."""

    x0_m: float = 0.0
    y0_m: float = 0.0
    step_m: float = 1.0
    heights_m: list[list[float]] = []
    waypoints: list[Waypoint] = []


class RunData(msgspec.Struct, frozen=True, kw_only=True):
    """One run.

    Attributes:
        archive: telemetry and commands.
        result: what ``result.json`` says; any key may be missing.
        start_utc: ``2029-09-24T00:00:00Z``, the time at which the times of the run are zero; empty if unknown.
        truth: columns of the world's truth by name, ``time_s`` among them; empty if there is none.
        grid: heights around the track, None if there are none.
        waypoints: places to mark.
    """

    archive: Archive
    result: Mapping[str, Any]
    start_utc: str = ""
    truth: Mapping[str, Sequence[float]] = {}
    grid: MapGrid | None = None
    waypoints: Sequence[Waypoint] = ()

    def start_gps_ns(self) -> int:
        """Return on-board time at the start of the run, 0 if unknown."""
        return utc_iso_to_gps_ns(self.start_utc) if self.start_utc else 0


def write_truth(path: Path, names: Sequence[str], rows: Iterable[Sequence[float]]) -> None:
    """Write ``truth.csv``; ``names`` begins with ``time_s``; values with nine digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(names) + "\n")
        file.writelines(",".join([f"{value:.9g}" for value in row]) + "\n" for row in rows)


def read_truth(path: Path) -> dict[str, list[float]]:
    """Return the columns of ``truth.csv`` by name.

    Raises:
        GroundError: not such a file.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            names = next(rows, [])
            columns = zip(*(map(float, row) for row in rows if len(row) == len(names)), strict=True)
            values = [list(column) for column in columns] if names[:1] == [TIME_COLUMN] else []
    except (OSError, ValueError, csv.Error) as error:
        raise GroundError(f"{path}: {error}") from None
    if names[:1] != [TIME_COLUMN]:
        raise GroundError(f"{path}: first column must be {TIME_COLUMN}")
    return dict(zip(names, values or [[] for _ in names], strict=True))


def write_map(path: Path, grid: MapGrid) -> None:
    """Write ``map.json``; heights to the millimetre."""
    heights = [[round(height, 3) for height in row] for row in grid.heights_m]
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(grid, heights_m=heights)))


def read_map(path: Path) -> MapGrid:
    """Return the content of ``map.json``.

    Raises:
        GroundError: not such a file, or rows of unequal length.
    """
    try:
        grid = msgspec.json.decode(path.read_bytes(), type=MapGrid)
    except _UNREADABLE as error:
        raise GroundError(f"{path}: {error}") from None
    if len({len(row) for row in grid.heights_m}) > 1:
        raise GroundError(f"{path}: rows of heights_m differ in length")
    return grid


def load_run_data(folder: Path, dictionary: Dictionary = DICTIONARY) -> RunData:
    """Read a result folder; truth and map may be missing, ``result.json`` says ``start_utc``.

    Raises:
        GroundError: no telemetry there, or a damaged file.
    """
    archive = Archive.read(folder / TELEMETRY_FILE, dictionary)
    try:
        result = read_result(folder / RESULT_FILE)
        grid = read_map(folder / MAP_FILE) if (folder / MAP_FILE).exists() else None
        truth = read_truth(folder / TRUTH_FILE) if (folder / TRUTH_FILE).exists() else {}
    except GroundError:
        archive.close()
        raise
    return RunData(
        archive=archive,
        result=result,
        start_utc=str(result.get("start_utc", "")),
        truth=truth,
        grid=grid if grid is not None and grid.heights_m else None,
        waypoints=grid.waypoints if grid is not None else (),
    )


def read_result(path: Path) -> dict[str, Any]:
    """Return the content of ``result.json``, empty if there is none.

    Raises:
        GroundError: not such a file.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.exists() else {}
    except _UNREADABLE as error:
        raise GroundError(f"{path}: {error}") from None
