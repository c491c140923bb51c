"""`results.csv`: the runs in the order of their seeds, with the margin of each property that any run tested."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import msgspec

from sil.campaign.rows import COLUMNS
from sil.campaign.store import Store

CSV_FILE: Final = "results.csv"


def write_csv(store: Store, path: Path) -> None:
    """Numbers as they are in the tables; empty where there is none."""
    margins: dict[int, dict[str, float]] = {}
    names: dict[str, None] = {}
    for seed, name, margin, _, _ in store.margins():
        margins.setdefault(seed, {})[name] = margin
        names[name] = None
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, *(f"margin.{name}" for name in names)))
        for row in store.rows():
            mine = margins.get(row.seed, {})
            writer.writerow((*msgspec.structs.astuple(row), *(mine.get(name) for name in names)))
