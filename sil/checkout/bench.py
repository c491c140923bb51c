"""What every step of a check-out works with."""

from __future__ import annotations

from flight.rover_file import RoverFile
from sil.checkout.line import Answer, Line
from sil.checkout.operator import Operator
from sil.checkout.record import Findings, Outcome, Record, Row
from telemetry_defs.areas.mobility_reports import StopReason


class Bench:
    """One step's view: the line, the operator, the rover file, and where rows go.

    Attributes:
        rover: what the rover file says, as flight should have read it.
        findings: what it should say instead.
    """

    def __init__(self, line: Line, operator: Operator, rover: RoverFile, record: Record) -> None:
        self.line = line
        self.operator = operator
        self.rover = rover
        self.step = ""
        self._record = record

    @property
    def findings(self) -> Findings:
        """Of the whole check-out."""
        return self._record.findings

    def note(self, item: str, outcome: Outcome, detail: str = "") -> None:
        """Add a row and say it."""
        self._record.rows.append(Row(self.step, item, outcome, detail))
        self.operator.tell(f"  {outcome.value:<9} {item}{': ' if detail else ''}{detail}")

    def passed(self, item: str, good: bool, detail: str) -> None:
        """Add a row that is passed or failed."""
        self.note(item, Outcome.PASSED if good else Outcome.FAILED, detail)

    def may(self, item: str, question: str) -> bool:
        """Ask before anything moves or heats; a no becomes a row."""
        if self.operator.confirm(question):
            return True
        self.note(item, Outcome.DECLINED)
        return False


def why(answer: Answer) -> str:
    """Why a telecommand of mobility did not complete, its detail by name."""
    reasons = {int(reason): reason.name for reason in StopReason}
    named = reasons.get(answer.detail or 0, "")
    return f"{answer.why}{f' ({named})' if answer.detail and named else ''}"
