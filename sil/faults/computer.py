"""Faults of the flight computer: its power, its time, its memory and its disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sil.faults import computer_clock, computer_disk, computer_life, computer_memory, computer_storm
from sil.faults.kinds import Fault

FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **computer_life.FAULTS,
    **computer_clock.FAULTS,
    **computer_disk.FAULTS,
    **computer_memory.FAULTS,
    **computer_storm.FAULTS,
}
