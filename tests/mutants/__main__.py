"""`python -m tests.mutants NAME -- rahi ...`: run the `rahi` command on a rover with a defect."""

from __future__ import annotations

import argparse
import sys

from tests.mutants.catalogue import MUTANTS
from tests.mutants.hook import install
from tests.mutants.mutant import TargetGone

BAD_INPUT = 2


def main(arguments: list[str]) -> int:
    """Exit status as that of `rahi`; 2: no such mutant, or its target is gone."""
    own, command = _divided(arguments)
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", usage="%(prog)s [--list | NAME -- rahi ...]")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of the mutant")
    parser.add_argument("--list", action="store_true", help="all mutants, one a line")
    given = parser.parse_args(own)
    if given.list:
        for mutant in MUTANTS.values():
            print(f"{mutant.name:<34} {mutant.defect}")
        return 0
    if given.name not in MUTANTS:
        parser.error(
            f"no mutant {given.name!r}; --list shows them" if given.name else "name a mutant; --list shows them"
        )
    if command[:1] != ["rahi"]:
        parser.error("after -- there must stand a rahi command line")
    if command[1:2] == ["campaign"]:
        parser.error("not with rahi campaign: its workers start anew, and would fly without the defect")
    return _run(given.name, command[1:])


def _divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What stands before `--` and after it."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _run(name: str, command: list[str]) -> int:
    try:
        install(MUTANTS[name])
    except (TargetGone, SyntaxError) as error:
        print(f"mutant {name}: {error}", file=sys.stderr)
        return BAD_INPUT
    from sil.cli.app import run

    code = run(command)
    if MUTANTS[name].module not in sys.modules and code == 0:
        print(f"mutant {name}: the command never imported {MUTANTS[name].module}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
