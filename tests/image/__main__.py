"""`python -m tests.image [STEP ...]`: the proof in QEMU, each step with its time.

Exit status 0: all passed; 1: one did not; 2: a tool is missing.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sil.image.errors import ImageError, Unusable
from sil.image.recipe import PYTHON_OF
from sil.image.tools import BOOT_TOOLS, BUILD_TOOLS, need
from tests.image.bench import Bench
from tests.image.failure import StepFailed
from tests.image.steps import STEPS


def main(arguments: list[str] | None = None) -> int:
    """Run the steps that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.image", description=__doc__)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)}; all if none is named")
    parser.add_argument("--suite", choices=PYTHON_OF, default="bookworm")
    parser.add_argument("--image", type=Path, help="a test image of an earlier run, not built again")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.steps if name not in STEPS]:
        parser.error(f"no step {unknown[0]!r}, there are {', '.join(STEPS)}")
    try:
        need({**BUILD_TOOLS, **BOOT_TOOLS})
    except Unusable as error:
        print(f"image-test: {error}", file=sys.stderr)
        return 2
    bench = Bench(given.suite, image=given.image)
    try:
        passed = [run(name, bench) for name in given.steps or STEPS]
    finally:
        bench.close()
    print(f"{sum(passed)} of {len(passed)} steps passed")
    return 0 if all(passed) else 1


def run(name: str, bench: Bench) -> bool:
    """One step: its line, its time, whether it passed."""
    began_s = time.monotonic()
    print(f"  ... {name}", flush=True)
    try:
        seen, mark = STEPS[name](bench), "ok"
    except (StepFailed, ImageError) as error:
        seen, mark = str(error), "FAILED"
    print(f"{mark:>6} {name:<14} {time.monotonic() - began_s:6.1f} s  {seen}", flush=True)
    return mark == "ok"


if __name__ == "__main__":
    sys.exit(main())
