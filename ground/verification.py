"""What became of each telecommand, told by the reports of PUS service 1."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from telemetry_defs.definitions import FailureCode
from telemetry_defs.formats import DecodedTm


class CommandState(Enum):
    """Where a telecommand stands, as far as the ground knows."""

    SENT = "sent"
    ACCEPTED = "accepted"
    STARTED = "started"
    COMPLETED = "completed"
    REFUSED = "refused"
    START_FAILED = "start failed"
    FAILED = "failed"
    NO_ANSWER = "no answer"


_STATES: Final[Mapping[str, CommandState]] = MappingProxyType(
    {
        "verification.accepted": CommandState.ACCEPTED,
        "verification.refused": CommandState.REFUSED,
        "verification.started": CommandState.STARTED,
        "verification.start_failed": CommandState.START_FAILED,
        "verification.progress": CommandState.STARTED,
        "verification.progress_failed": CommandState.STARTED,
        "verification.completed": CommandState.COMPLETED,
        "verification.failed": CommandState.FAILED,
    }
)
_FINAL = frozenset({CommandState.COMPLETED, CommandState.REFUSED, CommandState.START_FAILED, CommandState.FAILED})


class CommandRecord:
    """One telecommand and the reports about it.

    Attributes:
        number: place among the commands of its station, from 0.
        raw: the space packet as sent.
        request_id: first four bytes of the packet as a number; reports name it by this.
        state: see :class:`CommandState`.
        accepted: True or False once reported, else None; likewise ``completed``, which a refusal makes False too.
        started: execution began (or went on, or ended) according to a report.
        step: last step reported, 0 for none.
        code, detail: why it failed, None unless it did.
        reports: (time of reception, name) of every report, in order of reception.
    """

    def __init__(
        self, *, number: int, name: str, args: Mapping[str, object], raw: bytes, sent_ns: int, radio: str
    ) -> None:
        """A command that was just sent."""
        self.number = number
        self.name = name
        self.args = dict(args)
        self.raw = raw
        self.request_id = int.from_bytes(raw[:4], "big")
        self.sent_ns = sent_ns
        self.radio = radio
        self.state = CommandState.SENT
        self.accepted: bool | None = None
        self.started = False
        self.completed: bool | None = None
        self.step = 0
        self.code: FailureCode | int | None = None
        self.detail: int | None = None
        self.reports: list[tuple[int, str]] = []

    @property
    def failed(self) -> bool:
        """It was refused or its execution failed."""
        return self.completed is False

    @property
    def finished(self) -> bool:
        """Nothing more is expected; a late answer to a command given up for unanswered still changes it."""
        return self.state in _FINAL or self.state is CommandState.NO_ANSWER

    @property
    def code_name(self) -> str:
        """Name of the failure code, empty if it did not fail."""
        if self.code is None:
            return ""
        return self.code.name if isinstance(self.code, FailureCode) else f"{self.code:#04x}"

    def give_up(self) -> None:
        """No acceptance report came in time."""
        if self.state is CommandState.SENT:
            self.state = CommandState.NO_ANSWER

    def apply(self, report: DecodedTm, t_ns: int) -> None:
        """Take one verification report; after a final one only that stays, whatever comes late."""
        state = _STATES.get(report.name)
        if state is None:
            return
        self.reports.append((t_ns, report.name))
        fields = report.fields
        self.step = max(self.step, fields.get("step", 0) or 0)
        # Reports of one command may overtake each other on two radios: later stages imply the earlier ones.
        if state is CommandState.REFUSED:
            self.accepted = False
        else:
            self.accepted = True
            self.started = self.started or state not in (CommandState.ACCEPTED, CommandState.START_FAILED)
        if "code" in fields:
            self.code, self.detail = fields["code"], fields["detail"]
        if state in _FINAL:
            self.completed = state is CommandState.COMPLETED
            self.state = state
        elif self.state not in _FINAL and not (self.state is CommandState.STARTED and state is CommandState.ACCEPTED):
            self.state = state
