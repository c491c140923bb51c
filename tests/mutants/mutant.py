"""One deliberate defect: a piece of one flight module, and what stands there instead."""

from __future__ import annotations

import importlib.machinery
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).resolve().parents[2]


class TargetGone(Exception):
    """The source that a mutant alters is not as it was when the mutant was written."""


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """A defect of one behaviour."""

    name: str
    defect: str
    """What the rover does wrong, in one line."""
    story: str
    """Where it happened to others, by its public name; or why it is easily made."""
    module: str
    old: str
    """Stands exactly once in the module."""
    new: str
    expected: tuple[str, ...]
    """Safety properties that may catch it."""

    def altered(self, source: str) -> str:
        """The module's source with the defect.  Raises `TargetGone`."""
        found = source.count(self.old)
        if found != 1:
            text = self.old.strip().splitlines()[0]
            raise TargetGone(f"{self.module} holds {text!r} {found} times, not once")
        return source.replace(self.old, self.new)

    def path(self) -> Path:
        """The module's file.  Raises `TargetGone`."""
        parts = self.module.split(".")
        base = ROOT.joinpath(*parts)
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path
        raise TargetGone(f"there is no module {self.module}")

    def check(self) -> None:
        """Raises `TargetGone`, or `SyntaxError` if what comes out is no Python."""
        path = self.path()
        source = importlib.machinery.SourceFileLoader(self.module, str(path)).get_source(self.module)
        compile(self.altered(source or ""), str(path), "exec")
