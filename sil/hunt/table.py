"""What a hunt says in a terminal: a line now and then, and the coverage at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sil.faults.present import present
from sil.hunt.examine import Coverage
from sil.hunt.search import Plan
from sil.hunt.team import Progress
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY

NEAREST: Final = 5


def line(progress: Progress, plan: Plan) -> str:
    """One line while it goes on."""
    coverage = progress.coverage
    if progress.found_s is not None:
        what = "something" if progress.seen is None else progress.seen.broken
        return f"{progress.seconds:5.0f} s  {what} broke after {progress.found_s:.1f} s, shrinking"
    rate = coverage.examples / max(progress.seconds, 0.1)
    pairs = len(present(plan.depth, plan.rover))
    return (
        f"{progress.seconds:5.0f} s  {coverage.examples} examples ({rate:.1f} a second), "
        f"{len(coverage.pairs)} of {pairs} faults, {len(coverage.modes)} of {len(Mode)} modes, "
        f"{len(coverage.transitions)} ways between them, "
        f"{len(coverage.commands)} of {len(DICTIONARY.commands)} commands"
    )


def table(coverage: Coverage, plan: Plan) -> Iterator[str]:
    """The coverage by property, and what was touched in all."""
    yield f"{'property':<34} {'tested in':>9}  nearest margin"
    for prop in plan.properties:
        tested = coverage.tested.get(prop.name, 0)
        nearest = f"{coverage.nearest[prop.name]:.2f}" if tested else "-"
        yield f"{prop.name:<34} {tested:>9}  {nearest}"
    pairs = ["/".join(pair) for pair in present(plan.depth, plan.rover)]
    missing = [pair for pair in pairs if pair not in coverage.pairs]
    yield f"faults: {len(pairs) - len(missing)} of {len(pairs)} at {plan.depth} depth{_some(missing)}"
    modes = [mode.name for mode in Mode if mode.name not in coverage.modes]
    yield f"modes: {len(coverage.modes)} of {len(Mode)}{_some(modes)}; {len(coverage.transitions)} ways between them"
    commands = [item.name for item in DICTIONARY.commands if item.name not in coverage.commands]
    yield f"commands run: {len(DICTIONARY.commands) - len(commands)} of {len(DICTIONARY.commands)}{_some(commands)}"
    yield f"events raised: {len(coverage.events)} of {len(DICTIONARY.events)}"


def _some(missing: list[str]) -> str:
    if not missing:
        return ""
    more = f" and {len(missing) - NEAREST} more" if len(missing) > NEAREST else ""
    return f" (not: {', '.join(missing[:NEAREST])}{more})"
