"""`make fuzz`: every target for a bounded time; `python -m tests.fuzz replay TARGET FILE` runs one input again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.fuzz import campaign, child
from tests.fuzz.target import target
from tests.fuzz.targets import NAMES

BAD_INPUT: Final = 2


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status: 0 nothing found, 1 a find, 2 called wrongly."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="fuzz every target, or one")
    run.add_argument("--seconds", type=int, default=60, help="for each target")
    run.add_argument("--engine", choices=("atheris", "hypothesis"), help="atheris where it is installed")
    run.add_argument("--target", choices=NAMES)
    for verb, text in (("replay", "run kept or found inputs again"), ("child", "what `run` starts")):
        parts = verbs.add_parser(verb, help=text)
        parts.add_argument("name", choices=NAMES)
        if verb == "replay":
            parts.add_argument("files", nargs="+", type=Path)
        else:
            parts.add_argument("engine", choices=("atheris", "hypothesis"))
            parts.add_argument("seconds", type=int)
    taken = verbs.add_parser("keep", help="take the shortest new inputs into the corpus")
    taken.add_argument("name", choices=NAMES)
    given = parser.parse_args(arguments)
    if given.verb == "run":
        if given.seconds < 1:
            parser.error("--seconds: at least 1")
        names = (given.target,) if given.target else NAMES
        return campaign.run(names, given.seconds, given.engine or campaign.best_engine())
    if given.verb == "child":
        return child.run(given.name, given.engine, given.seconds)
    if given.verb == "keep":
        return campaign.keep(given.name)
    try:
        contents = [path.read_bytes() for path in given.files]
    except OSError as error:
        parser.exit(BAD_INPUT, f"{parser.prog}: {error.filename}: cannot be read ({error.strerror})\n")
    return replay(given.name, dict(zip(given.files, contents, strict=True)))


def replay(name: str, files: Mapping[Path, bytes]) -> int:
    """Run inputs as they are; a find comes out as its own traceback."""
    check = target(name).check
    for path, data in files.items():
        check(data)
        print(f"{name}: {path}: nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
