"""All mutants by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tests.mutants import commanding, energy, keeping, motion, reporting, sensing
from tests.mutants.mutant import Mutant

MUTANTS: Final[Mapping[str, Mutant]] = MappingProxyType(
    {
        mutant.name: mutant
        for module in (motion, sensing, energy, commanding, keeping, reporting)
        for mutant in module.MUTANTS
    }
)
