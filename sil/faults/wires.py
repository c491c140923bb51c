"""Faults on buses; they exist at wire depth only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sil.faults.kinds import Fault

FAULTS: Final[Mapping[tuple[str, str], Fault]] = {}
