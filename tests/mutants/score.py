"""`python -m tests.mutants.score` (`make hunt-score`): which of the defects does `rahi hunt` find, and how soon?

Each mutant is hunted for a fixed time, one after another.  A find counts if its shrunk scenario fails twice with the
defect, by the property that the hunt named, and passes without it.  Exit status 0: at least 88 % found (22 of 25);
1: fewer; 2: bad input.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.mutants import options
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import ROOT
from tests.mutants.prove import BROKEN, HELD, fly

LEAST_SHARE: Final = 22.0 / 25.0
FAILED: Final = 3
CRASH: Final = "simulation_runs"
"""What the hunt calls it when Rahi itself fails; such a scenario expects nothing and ends with status 3."""
MORE_S: Final = 240.0
"""A hunt that has found something goes on with shrinking, reducing and drawing, each bounded in itself."""
RESULT_FILE: Final = "score.json"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one mutant."""

    name: str
    note: str = ""
    """Why it does not count, empty if it does."""
    broken: str = ""
    """The property."""
    as_expected: bool = False
    """Whether the property is one of those that its author expected."""
    found_s: float | None = None
    shrunk_s: float | None = None
    faults: int | None = None
    commands: int | None = None
    examples: int = 0
    file: str = ""

    @property
    def found(self) -> bool:
        """Found, and repeatable."""
        return not self.note

    @property
    def size(self) -> int | None:
        """Parts of the shrunk scenario."""
        return None if self.faults is None or self.commands is None else self.faults + self.commands


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What each hunt may use."""

    minutes: float
    workers: int
    seed: int


def score(name: str, budget: Budget, out: Path) -> Outcome:
    """Hunt one mutant and fly what was found again."""
    (out / "hunt.json").unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "tests.mutants", name, "--", "rahi", "hunt"),
        *("--minutes", f"{budget.minutes:g}", "--workers", str(budget.workers), "--seed", str(budget.seed)),
        *("--out", str(out), "--corpus", str(out / "corpus")),
    ]
    try:
        with (out / "hunt.log").open("wb") as log:
            limit_s = 60.0 * budget.minutes + MORE_S
            code = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False, timeout=limit_s).returncode
    except subprocess.TimeoutExpired:
        return Outcome(name=name, note="the hunt did not end")
    return _judged(name, code, out)


def _judged(name: str, code: int, out: Path) -> Outcome:
    """The outcome by the hunt's own figures, and by flying the find again."""
    if code not in (HELD, BROKEN):
        return Outcome(name=name, note=f"the hunt failed with status {code}, see {out / 'hunt.log'}")
    figures = msgspec.json.decode((out / "hunt.json").read_bytes())
    if not figures["found"]:
        return Outcome(name=name, note="not found", examples=figures["examples"])
    find = figures["found"][0]
    return Outcome(
        name=name,
        note=_repeated(name, find),
        broken=find["property"],
        as_expected=find["property"] in MUTANTS[name].expected,
        examples=figures["examples"],
        **{key: find[key] for key in ("found_s", "shrunk_s", "faults", "commands", "file")},
    )


def _repeated(name: str, find: dict[str, Any]) -> str:
    """Empty if the find fails twice with the defect and passes without it.

    The scenario expects the one property, so that nothing else can fail it.
    """
    file, broken = Path(find["file"]).resolve(), FAILED if find["property"] == CRASH else BROKEN
    return verdict([fly(file, name) for _ in range(2)], fly(file, None), broken)


def verdict(with_it: Sequence[int], without: int, broken: int) -> str:
    """Why a find does not count, empty if it does; `broken` is the exit status that the defect should bring."""
    if any(status != broken for status in with_it):
        return f"replayed with the defect: status {' and '.join(map(str, with_it))}, not {broken}"
    return "" if without == HELD else f"fails without the defect too (status {without})"


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The lines that are printed at the end."""
    for outcome in outcomes:
        yield line(outcome)
    found = [outcome for outcome in outcomes if outcome.found]
    yield f"{len(found)} of {len(outcomes)} found"
    if found:
        yield (
            f"median: found after {_median(o.found_s for o in found):.1f} s, "
            f"shrunk after {_median(o.shrunk_s for o in found):.1f} s, "
            f"{_median(o.size for o in found):g} faults and commands left"
        )


def line(outcome: Outcome) -> str:
    """One mutant."""
    if outcome.found_s is None or outcome.shrunk_s is None:
        return f"{outcome.name:<30} {outcome.note} ({outcome.examples} examples)"
    mark = "" if outcome.as_expected else "  (not a property that was expected)"
    return (
        f"{outcome.name:<30} {outcome.found_s:6.1f} s {outcome.shrunk_s:6.1f} s  "
        f"{outcome.faults} faults {outcome.commands} commands  {outcome.broken}{mark}  {outcome.note}"
    ).rstrip()


def _median(values: Iterator[float | int | None]) -> float:
    return statistics.median(value for value in values if value is not None)


def enough(outcomes: Sequence[Outcome]) -> bool:
    """Whether so many were found as were promised."""
    return sum(outcome.found for outcome in outcomes) >= LEAST_SHARE * len(outcomes)


def main(arguments: list[str]) -> int:
    """Hunt them all, or those that are named."""
    parser = _parser()
    given = parser.parse_args(arguments)
    names = given.only or list(MUTANTS)
    if unknown := [name for name in names if name not in MUTANTS]:
        parser.error(f"--only: no mutant {unknown[0]!r}; python -m tests.mutants --list shows them")
    budget = Budget(minutes=given.minutes, workers=given.workers, seed=given.seed)
    out = given.out.resolve()
    try:
        _make_folders(out, names)
    except OSError as error:
        parser.error(f"--out {given.out}: expected a folder that can be written to ({error.strerror or error})")
    outcomes = []
    for name in names:
        outcomes.append(score(name, budget, out / name))
        print(line(outcomes[-1]), flush=True)
        _write(out, budget, outcomes)
    print()
    print("\n".join(table(outcomes)))
    return 0 if enough(outcomes) else 1


def _parser() -> options.Parser:
    parser = options.Parser(prog="python -m tests.mutants.score", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutants only")
    parser.add_argument("--minutes", type=options.minutes, default=3.0, help="of search for each; default 3")
    parser.add_argument("--workers", type=options.workers, default=2, help="processes; default 2")
    parser.add_argument("--seed", type=options.seed, default=1, help="of every hunt; default 1")
    parser.add_argument("--out", type=Path, default=Path("runs/hunt-score"), help="default runs/hunt-score")
    return parser


def _make_folders(out: Path, names: Sequence[str]) -> None:
    """All before the first hunt, so that a folder that cannot be made is told before anything starts."""
    for name in names:
        (out / name).mkdir(parents=True, exist_ok=True)


def _write(out: Path, budget: Budget, outcomes: Sequence[Outcome]) -> None:
    """After every mutant, so that a broken-off score is not lost."""
    content = {"budget": budget, "found": sum(o.found for o in outcomes), "of": len(outcomes), "mutants": outcomes}
    (out / RESULT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(content)) + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
