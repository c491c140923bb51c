"""`python -m benchmarks.jitter`: how late flight's cycles begin, beside cyclictest at the same period and time.

Both wait on absolute deadlines of the monotonic clock and note how late they woke; what flight adds is the interpreter.
Without --rover it flies the desk rover, on chips that `rahi emulate rover` serves beside it in a folder of its own.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.figures import machine

PERIOD_US = 100_000
SETTLING_CYCLES = 100
"""Left out at the start: every row runs for the first times."""
SHARES = (0.5, 0.9, 0.99, 0.999, 1.0)
HISTOGRAM_US = 100_000
STOP_S = 40.0
MISSING = "cyclictest is missing; install it with: sudo apt install rt-tests"


class Distribution(NamedTuple):
    """Latencies of one process, us, sorted."""

    name: str
    late_us: list[int]

    def at(self, share: float) -> int:
        """The latency that this share of cycles did not exceed."""
        return self.late_us[max(0, -(-int(share * 1_000_000) * len(self.late_us) // 1_000_000) - 1)]

    def line(self) -> str:
        """One row of the table."""
        cells = "".join(f"{self.at(share):>10}" for share in SHARES)
        return f"{self.name:<14}{len(self.late_us):>8}{cells}"


def read_histogram(text: str) -> list[int]:
    """The latencies (us, sorted) behind cyclictest's histogram of one thread; those beyond it count as its maximum."""
    late_us: list[int] = []
    overflows = most = 0
    for line in text.splitlines():
        words = line.split()
        if line.startswith("# Max Latencies:"):
            most = int(words[-1])
        elif line.startswith("# Histogram Overflows:"):
            overflows = int(words[-1])
        elif len(words) == 2 and line[0] != "#":
            late_us += [int(words[0])] * int(words[1])
    return late_us + [most] * overflows


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; the exit status is 0 whatever the numbers, 2 if cyclictest is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jitter", description="How late cycles begin.")
    parser.add_argument("--rover", help="fly this rover file on its own hardware (default: desk, on emulated chips)")
    parser.add_argument("--seconds", type=int, default=60, help="how long (default: 60)")
    parser.add_argument("--priority", type=int, help="real-time priority of both (default: ordinary processes)")
    parser.add_argument("--pin", type=int, help="run flight on this CPU only")
    parser.add_argument("--lock-memory", action="store_true", help="keep both out of swap")
    given = parser.parse_args(argv)
    if given.seconds < 15:
        parser.error("--seconds must be at least 15, the first ten of which are left out")
    if shutil.which("cyclictest") is None:
        print(MISSING, file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder, _chips(given, Path(folder) / "desk") as rover:
        path = Path(folder) / "latencies"
        flight = subprocess.Popen(_flight(given, rover, path), stderr=subprocess.PIPE, text=True)
        text = subprocess.run(_cyclictest(given), capture_output=True, text=True, check=True).stdout
        flight.send_signal(signal.SIGTERM)
        _, said = flight.communicate(timeout=STOP_S)
        if not path.exists():
            print(f"flight wrote no latencies and ended with {flight.returncode}:\n{said}", file=sys.stderr)
            return 1
        late_us = sorted(int(line) for line in path.read_text().splitlines()[SETTLING_CYCLES:])
    _print(Distribution("rahi-flight", late_us), Distribution("cyclictest", read_histogram(text)))
    return 0


def _print(*distributions: Distribution) -> None:
    print(f"{machine()}; latency of the start of a cycle of {PERIOD_US // 1000} ms, us\n")
    print(f"{'':<14}{'cycles':>8}" + "".join(f"{_share(share):>10}" for share in SHARES))
    for distribution in distributions:
        print(distribution.line() if distribution.late_us else f"{distribution.name:<14}{0:>8}")


def _share(share: float) -> str:
    return "worst" if share == 1.0 else f"{100.0 * share:g} %"


@contextmanager
def _chips(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The rover file to fly, its chips served meanwhile if they are emulated ones."""
    if given.rover is not None:
        yield given.rover
        return
    words = ["emulate", "rover", "desk", "--dir", str(folder), "--port", "0"]
    with subprocess.Popen([sys.executable, "-m", "sil.cli", *words], stdout=subprocess.PIPE, text=True) as chips:
        assert chips.stdout is not None
        try:
            if not chips.stdout.readline():
                raise SystemExit(f"rahi emulate rover ended with {chips.wait()}")
            yield str(folder / "rover.toml")
        finally:
            chips.terminate()


def _flight(given: argparse.Namespace, rover: str, path: Path) -> list[str]:
    words = [sys.executable, "-m", "flight", "--rover", rover, "--latencies", str(path)]
    words += [] if given.priority is None else ["--priority", str(given.priority)]
    words += [] if given.pin is None else ["--pin", str(given.pin)]
    return [*words, "--lock-memory"] if given.lock_memory else words


def _cyclictest(given: argparse.Namespace) -> list[str]:
    """One thread; the system is left as it is, or flight would profit from cyclictest's tuning."""
    words = ["cyclictest", "--default-system", "--quiet", f"--interval={PERIOD_US}", f"--duration={given.seconds}"]
    words += ["--policy=other"] if given.priority is None else ["--policy=fifo", f"--priority={given.priority}"]
    words += ["--mlockall"] if given.lock_memory else []
    return [*words, f"--histogram={HISTOGRAM_US}"]


if __name__ == "__main__":
    sys.exit(main())
