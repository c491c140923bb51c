"""`python -m tests.mutants.prove [NAME ...]`: fly the hand-written proofs, each with its defect and without it.

A proof must fail by the one property that it names with the defect, and pass without.  It shows that a defect can be
seen at all; whether the hunt finds it is what `make hunt-score` asks.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import ROOT
from tests.mutants.options import Parser

PROOFS: Final = Path(__file__).parent / "proofs"
HELD: Final = 0
BROKEN: Final = 1


def proof_of(name: str) -> Path:
    """The scenario that shows a mutant."""
    return PROOFS / f"{name}.toml"


def fly(file: Path, name: str | None) -> int:
    """Exit status of `rahi sil FILE`, on a rover with the defect `name` if there is one."""
    rahi = ["-m", "sil.cli"] if name is None else ["-m", "tests.mutants", name, "--", "rahi"]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *rahi, "sil", str(file), "--no-pictures", "--out", f"{folder}/run"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def main(arguments: list[str]) -> int:
    """0: all proofs show what they should; 1: one does not; 2: no such mutant."""
    parser = Parser(prog="python -m tests.mutants.prove", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a mutant; default: all")
    names = parser.parse_args(arguments).names
    if unknown := [name for name in names if name not in MUTANTS]:
        parser.error(f"no mutant {unknown[0]!r}; python -m tests.mutants --list shows them")
    good = True
    for name in names or MUTANTS:
        file = proof_of(name)
        shown = fly(file, name) == BROKEN and fly(file, None) == HELD
        good = good and shown
        print(f"{'shown' if shown else 'NOT SHOWN':<10} {name}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
