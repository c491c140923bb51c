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


def main(names: list[str]) -> int:
    """0: all proofs show what they should."""
    good = True
    for name in names or [name for name in MUTANTS if proof_of(name).exists()]:
        file = proof_of(name)
        shown = fly(file, name) == BROKEN and fly(file, None) == HELD
        good = good and shown
        print(f"{'shown' if shown else 'NOT SHOWN':<10} {name}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
