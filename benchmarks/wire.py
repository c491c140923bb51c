"""Wire depth: the real drivers against emulated chips, by how many transactions a cycle makes."""

from __future__ import annotations

from array import array
from statistics import mean, median

import msgspec

from benchmarks.figures import Figure, Timer, spread
from sil.loader import load_scenario
from sil.mission import Mission

BUSY = 24
"""Transactions of a cycle that the figure to hold is about: the rover drives."""


class WireWatch:
    """Times each turn of a mission's loop and counts the transactions in it."""

    def __init__(self, timer: Timer, scenario: str = "first_drive") -> None:
        self._mission = Mission(msgspec.structs.replace(load_scenario(scenario), depth="wire"))
        self._timer = timer
        self.cycle_ns = array("q")
        self.transactions = array("q")
        self._counted = 0
        self._began_ns = 0

    def run(self) -> WireWatch:
        """Fly the whole mission."""
        self._began_ns = self._timer()
        self._mission.run(self._pace)
        return self

    def _pace(self, _now_ns: int) -> None:
        self.cycle_ns.append(self._timer() - self._began_ns)
        bay = self._mission.simulation.bay
        if bay is not None:
            self.transactions.append(bay.transactions - self._counted)
            self._counted = bay.transactions
        self._began_ns = self._timer()

    def busy_us(self) -> list[float]:
        """Cycles with at least `BUSY` transactions, us."""
        return [ns / 1000.0 for ns, n in zip(self.cycle_ns, self.transactions, strict=True) if n >= BUSY]


def wire_figures(runs: int, timer: Timer) -> list[Figure]:
    """The main mission on wires, `runs` times."""
    flights = [WireWatch(timer).run() for _ in range(runs)]
    busy = [mean(flight.busy_us()) for flight in flights]
    whole = [mean(flight.cycle_ns) / 1000.0 for flight in flights]
    counts = [n for n in flights[0].transactions if n >= BUSY]
    speeds = [1e5 / us for us in busy]
    return [
        Figure(f"wire depth, cycle of {BUSY} transactions or more, mean", median(busy), "us", note=spread(busy)),
        Figure("  transactions in such a cycle, median", median(counts), "", note=f"{len(counts)} cycles"),
        Figure(
            "  speed in such cycles", median(speeds), "x real time", 150.0, 400.0, more_is_better=True,
            note=spread(speeds),
        ),
        Figure("wire depth, whole mission, mean cycle", median(whole), "us", note=spread(whole)),
    ]  # fmt: skip
