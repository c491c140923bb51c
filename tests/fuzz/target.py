"""What is fuzzed: one module a target in `tests/fuzz/targets`, named in `NAMES`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.targets import NAMES

CORPUS: Final = Path(__file__).parent / "corpus"
FOUND: Final = Path("fuzz-found")


@dataclass(frozen=True)
class Target:
    """One target.

    Attributes:
        check: runs one input; whatever it raises is a find.
        seeds: inputs to begin with, made by the code of today, so that a new format needs no new files.
        max_bytes: longest input worth trying.
    """

    name: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    max_bytes: int

    @property
    def corpus(self) -> Path:
        """Its kept inputs."""
        return CORPUS / self.name

    @property
    def found(self) -> Path:
        """Where runs on this machine leave theirs."""
        return FOUND / self.name

    def kept(self) -> Iterator[Path]:
        """Files of its corpus, sorted."""
        if self.corpus.is_dir():
            yield from sorted(path for path in self.corpus.iterdir() if path.is_file())


def target(name: str) -> Target:
    """The target of this name.  Raises KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    module = importlib.import_module(f"tests.fuzz.targets.{name}")
    return Target(name, module.check, module.seeds, getattr(module, "MAX_BYTES", 4096))
