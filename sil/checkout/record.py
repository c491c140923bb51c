"""What a check-out has found: one row for each thing tried, and the values of the rover file that were wrong."""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec


class Outcome(Enum):
    """How it went."""

    PASSED = "passed"
    CORRECTED = "corrected"
    """It works, but not as the rover file has it; the right value was found."""
    FAILED = "failed"
    DECLINED = "declined"
    """The operator did not want it tried."""
    UNTRIED = "untried"
    """Without power, or cut short."""


SPOILING: Final = frozenset({Outcome.FAILED, Outcome.DECLINED})
"""One of these, and the check-out has not passed."""


class Row(msgspec.Struct, frozen=True):
    """One thing tried."""

    step: str
    item: str
    outcome: Outcome
    detail: str = ""


class Findings(msgspec.Struct):
    """What the rover file has to say instead."""

    centre_us: dict[str, float] = {}
    """Pulse at which a corner is straight, by corner."""
    turned_round: list[str] = []
    """Wheels whose motor sign is the wrong one."""
    mirrored: list[str] = []
    """Corners whose servo sign is the wrong one."""

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.centre_us or self.turned_round or self.mirrored)


class Record(msgspec.Struct):
    """A whole check-out."""

    rover: str
    steps: tuple[str, ...]
    began_utc: str
    rows: list[Row] = []
    findings: Findings = msgspec.field(default_factory=Findings)
    written: str = ""
    """The rover file with the findings, empty if none was written."""
    interrupted: bool = False

    @property
    def passed(self) -> bool:
        """Everything asked for was done, and is well or has been put right in a file."""
        if self.interrupted or (self.findings and not self.written):
            return False
        return bool(self.rows) and all(row.outcome not in SPOILING for row in self.rows)
