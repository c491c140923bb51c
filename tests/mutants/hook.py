"""Puts a mutant in the place of its module when that is imported: no file changes, and forked processes have it too."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import decode_source, spec_from_file_location
from types import CodeType, ModuleType
from typing import Any

from tests.mutants.mutant import Mutant, TargetGone


class _Loader(SourceFileLoader):
    """Compiles the altered source; reads and writes no byte code."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path()))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        source = decode_source(self.get_data(self.path))
        code: CodeType = compile(self._mutant.altered(source), self.path, "exec", dont_inherit=True)
        return code


class Hook(MetaPathFinder):
    """Answers for one module only."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The altered module, or None for any other."""
        del path, target
        if fullname != self._mutant.module:
            return None
        loader: Any = _Loader(self._mutant)
        return spec_from_file_location(fullname, str(self._mutant.path()), loader=loader)


def install(mutant: Mutant) -> None:
    """From now on the module is imported with its defect.

    Raises:
        TargetGone: the source is not as the mutant expects it, or the module has been imported already.
    """
    if mutant.module in sys.modules:
        raise TargetGone(f"{mutant.module} has been imported already")
    mutant.check()
    sys.meta_path.insert(0, Hook(mutant))
