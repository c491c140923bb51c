"""What arms a load."""

from __future__ import annotations

from flight.commanding.refusal import Refusal
from flight.commanding.rules import Rule
from telemetry_defs.areas import sequences as area
from telemetry_defs.definitions import Command, FailureCode


class LoadRule(Rule):
    """Part 0 says whether the sequence holds hazardous commands; then it must be armed."""

    def check(self, arguments: area.Load) -> None:
        """A part must be one of those there are."""
        if arguments.part >= arguments.parts:
            raise Refusal(FailureCode.RANGE, arguments.part)

    def hazard(self, command: Command, arguments: area.Load) -> int:
        """The constant arm code of loads."""
        return area.LOAD_ARM_CODE if arguments.hazardous and arguments.part == 0 else 0
