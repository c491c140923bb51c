"""The line to the rover: a telecommand and what became of it, a report asked for, an event waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

from ground.errors import GroundError
from ground.station import Received, Station
from ground.verification import CommandRecord
from hal.api.clock import NS_PER_S, seconds
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import DecodedTm

POLL_S: Final = 0.1
ANSWER_S: Final = 10.0
"""An acceptance report comes within this, or the telecommand counts as lost."""
END_S: Final = 40.0
"""No telecommand of a check-out takes longer."""
REPORT_S: Final = 4.0
TRIES: Final = 3
"""A report is asked for so often; a telecommand that does something is never repeated."""
MOST_WAITING: Final = 100
"""Reads of the link, 64 KiB each, after which there is no end to what has waited."""


class HungUp(GroundError):
    """The link has ended in the middle of a check-out."""


class Desk(Protocol):
    """What is needed of an operator's desk."""

    station: Station

    @property
    def ending(self) -> str:
        """Why the link has ended; empty while it lives."""
        ...

    def now_ns(self) -> int:
        """For the station's records."""
        ...

    def poll(self, timeout_s: float) -> None:
        """Take what has come, waiting at most so long."""
        ...


class Answer(NamedTuple):
    """What became of a telecommand; `why` is empty if it completed."""

    done: bool
    why: str = ""
    detail: int | None = None


class Line:
    """Sends by the local radio of a desk and waits."""

    def __init__(self, desk: Desk) -> None:
        """Listen from now on."""
        self._desk = desk
        self._heard: list[DecodedTm] = []
        self._mark_ns = self._newest_ns = 0
        """On-board times: nothing up to the first is an answer; the second is the newest that was heard."""
        desk.station.on_packet(self._hear)

    def command(self, name: str, **arguments: object) -> Answer:
        """Send a telecommand, armed if it needs that, and wait for its end.

        Raises:
            HungUp: the link has ended.
            GroundError: the rover has another dictionary.
        """
        if DICTIONARY.command(name).hazardous:
            armed = self._follow(self._send("system.arm", {"target": name}))
            if not armed.done:
                return Answer(False, f"could not be armed: {armed.why}")
        self._mark()
        return self._follow(self._send(name, arguments))

    def event(self, name: str, **wanted: object) -> Mapping[str, Any] | None:
        """Fields of the newest such event since the last telecommand, waited for a moment if it is late."""
        return self._await(name, wanted, REPORT_S)

    def report(self, structure: str) -> Mapping[str, Any] | None:
        """Fields of a housekeeping report made now; None if none comes."""
        for _ in range(TRIES):
            self._mark()
            self._send("system.report_hk", {"structure_id": structure})
            fields = self._await(structure, {}, REPORT_S)
            if fields is not None:
                return fields
        return None

    def ping(self) -> float | None:
        """Round trip of a ping, s; None if no answer came."""
        self._mark()
        record, sent_ns = self._send("system.ping", {}), self._desk.now_ns()
        answer = self._follow(record)
        return (self._desk.now_ns() - sent_ns) / NS_PER_S if answer.done else None

    def wait(self, duration_s: float) -> None:
        """Let time pass, listening."""
        end_ns = self._desk.now_ns() + seconds(duration_s)
        while self._desk.now_ns() < end_ns:
            self._poll()

    def stop(self) -> None:
        """STOP, without waiting for what becomes of it."""
        self._send("system.stop", {})

    def _mark(self) -> None:
        """Take what has waited while a person thought; no answer to what is sent now can be as old as that."""
        for _ in range(MOST_WAITING):
            self._heard.clear()
            self._poll(0.0)
            if not self._heard:
                break
        self._heard.clear()
        self._mark_ns = self._newest_ns

    def _send(self, name: str, arguments: Mapping[str, object]) -> CommandRecord:
        return self._desk.station.send_command(name, arguments, self._desk.now_ns())

    def _follow(self, record: CommandRecord) -> Answer:
        sent_ns = self._desk.now_ns()
        while not record.finished:
            passed_ns = self._desk.now_ns() - sent_ns
            if record.accepted is None and passed_ns > seconds(ANSWER_S):
                return Answer(False, "no answer")
            if passed_ns > seconds(END_S):
                return Answer(False, f"still {record.state.value} after {END_S:g} s")
            self._poll()
        if record.completed:
            return Answer(True)
        return Answer(False, f"{record.state.value} {record.code_name}".strip(), record.detail)

    def _await(self, name: str, wanted: Mapping[str, object], limit_s: float) -> Mapping[str, Any] | None:
        end_ns = self._desk.now_ns() + seconds(limit_s)
        while True:
            for tm in reversed(self._heard):
                fits = all(tm.fields.get(key) == value for key, value in wanted.items())
                if tm.name == name and tm.time_ns > self._mark_ns and fits:
                    return tm.fields
            if self._desk.now_ns() >= end_ns:
                return None
            self._poll()

    def _poll(self, timeout_s: float = POLL_S) -> None:
        if self._desk.ending:
            raise HungUp(self._desk.ending)
        self._desk.poll(timeout_s)

    def _hear(self, received: Received) -> None:
        if received.decoded is not None:
            self._heard.append(received.decoded)
            self._newest_ns = max(self._newest_ns, received.decoded.time_ns)
