"""`python -m benchmarks.campaign`: how much faster two workers fly a campaign than one, whole commands by the clock.

Each round flies one campaign with one worker and then with two, so that both meet the same machine; rows must be equal.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.figures import Figure, machine, spread, table

HOLD = 1.8
"""Times as many runs a minute with two workers."""


class Flown(NamedTuple):
    """One whole command."""

    wall_s: float
    cpu_s: float
    rows: list[Any]


def flown(scenario: str, n: int, workers: int, out: Path) -> Flown:
    """Fly a campaign into `out`.

    Raises:
        SystemExit: it did not end as a campaign ends.
    """
    command = [sys.executable, "-m", "sil.cli", "campaign", scenario, "--n", str(n), "--workers", str(workers)]
    began_s, before_s = perf_counter(), _children_s()
    done = subprocess.run([*command, "--out", str(out)], check=False, capture_output=True, text=True)
    wall_s, cpu_s = perf_counter() - began_s, _children_s() - before_s
    if done.returncode not in (0, 1):
        raise SystemExit(f"the campaign ended with {done.returncode}: {done.stderr}")
    db = sqlite3.connect(out / "results.sqlite")
    rows = db.execute("SELECT * FROM runs ORDER BY seed").fetchall()
    db.close()
    return Flown(wall_s, cpu_s, rows)


def campaign_figures(scenario: str, n: int, rounds: int) -> list[Figure]:
    """Runs a minute with one worker and with two, and their ratio, medians over the rounds."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    ratios, cpu = [], []
    for number in range(1, rounds + 1):
        with TemporaryDirectory() as folder:
            one, two = (flown(scenario, n, workers, Path(folder) / str(workers)) for workers in (1, 2))
        if one.rows != two.rows or len(one.rows) != n:
            raise SystemExit("the rows depend on the number of workers")
        rates[1].append(60.0 * n / one.wall_s)
        rates[2].append(60.0 * n / two.wall_s)
        ratios.append(one.wall_s / two.wall_s)
        cpu.append(two.cpu_s / one.cpu_s)
        sys.stderr.write(f"round {number}: {one.wall_s:.1f} s with one worker, {two.wall_s:.1f} s with two\n")
    note = f"{scenario}, --n {n}; rows equal"
    return [
        *(
            Figure(
                f"{workers} worker{'s' * (workers > 1)}",
                median(rates[workers]),
                "runs/min",
                note=spread(rates[workers]),
            )
            for workers in (1, 2)
        ),
        Figure("throughput, two against one", median(ratios), "x", hold=HOLD, more_is_better=True, note=note),
        Figure("processor time, two against one", median(cpu), "x", note=spread(cpu)),
    ]


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(argv: list[str] | None = None) -> int:
    """Print the figures; the exit code is 0 whatever they are, for a busy machine is no failure."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.campaign", description="Measure a campaign's throughput."
    )
    parser.add_argument("--scenario", default="first_drive")
    parser.add_argument("--n", type=int, default=20, help="runs of a campaign (default: 20)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds behind each median (default: 3)")
    arguments = parser.parse_args(argv)
    if arguments.n < 1 or arguments.rounds < 1:
        parser.error("--n and --rounds must be at least 1")
    print(f"{machine()}\n", flush=True)
    print(table(campaign_figures(arguments.scenario, arguments.n, arguments.rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
