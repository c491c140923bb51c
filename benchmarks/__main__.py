"""`python -m benchmarks`: measure, print the table of docs/benchmarks.md, say what was missed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from time import perf_counter_ns, process_time_ns

from benchmarks.commands import burst_figures, verified_figures
from benchmarks.cycle import cycle_figures
from benchmarks.figures import Figure, machine, table
from benchmarks.growth import growth_figures
from benchmarks.hunting import hunt_figures
from benchmarks.missions import mission_figures
from benchmarks.packets import packet_figures
from benchmarks.process import process_figures
from benchmarks.profile import profile_mission
from benchmarks.wire import wire_figures


def suites(arguments: argparse.Namespace) -> dict[str, Callable[[], list[Figure]]]:
    """Every group of figures by name."""
    runs, full = arguments.runs, arguments.full
    timer = process_time_ns if arguments.cpu else perf_counter_ns
    return {
        "cycle": lambda: cycle_figures(runs, timer),
        "packets": lambda: packet_figures(runs, timer),
        "commands": lambda: verified_figures(runs, timer),
        "burst": lambda: burst_figures(1_000_000 if full else 100_000, timer),
        "process": lambda: process_figures(runs, timer),
        "growth": lambda: growth_figures(1_000_000 if full else 100_000, timer),
        "wire": lambda: wire_figures(runs, timer),
        "hunt": lambda: hunt_figures(runs, timer),
        "missions": lambda: mission_figures(runs, full, timer),
    }


def main(argv: list[str] | None = None) -> int:
    """Print the figures; the exit code is 0 whatever they are, for a busy machine is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what Rahi costs.")
    parser.add_argument("--runs", type=int, default=3, help="runs behind each median (default: 3)")
    parser.add_argument("--cpu", action="store_true", help="processor time, for a machine with other work to do")
    parser.add_argument("--full", action="store_true", help="a million cycles, a million commands, the lunar day")
    parser.add_argument(
        "--only",
        action="append",
        help="one group: cycle, packets, commands, burst, process, growth, wire, hunt, missions; may be repeated",
    )
    parser.add_argument("--profile", metavar="SCENARIO", help="instead: where this scenario's time goes")
    arguments = parser.parse_args(argv)
    if arguments.profile:
        print(profile_mission(arguments.profile))
        return 0
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    groups = suites(arguments)
    wanted = arguments.only or list(groups)
    for name in wanted:
        if name not in groups:
            parser.error(f"--only {name}: there are {', '.join(groups)}")
    print(f"{machine()}; {'processor' if arguments.cpu else 'wall'} time\n", flush=True)
    figures: list[Figure] = []
    for name in wanted:
        sys.stderr.write(f"measuring: {name}\n")
        figures += groups[name]()
    print(table(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
