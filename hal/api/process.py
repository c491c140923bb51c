"""What flight tells the operating-system process that it runs as, and what a board is asked for when it is built."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from pathlib import Path
from typing import Final, Protocol


class Level(IntEnum):
    """How urgent a journal line is: syslog priorities (RFC 5424), which systemd takes as well."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6


class Process(Protocol):
    """The process around one boot of flight.  None of its methods raises."""

    def settle(self) -> None:
        """Everything is built and the first cycle is next: take up the real-time settings."""
        ...

    def slack(self, until_ns: int) -> None:
        """A cycle's work is done and nothing is due before `until_ns` (monotonic)."""
        ...

    def journal(self, level: Level, text: str) -> None:
        """One line for whoever looks after the computer.  Never waits; lines too many are dropped and counted."""
        ...

    def ended(self, exit_status: int) -> None:
        """Flight ends with this status and its outputs are safe: make storage durable, let go of every port."""
        ...


class Purpose(Enum):
    """What a board is built for."""

    FLY = "fly"
    CHECK = "check"
    """Look who answers: no boot is counted, no watchdog started, no update approved."""
    MAKE_SAFE = "make safe"
    """Open outputs only, whatever else is broken, to make them safe after a process that was killed."""


@dataclass(frozen=True, kw_only=True)
class BoardOptions:
    """What the command line says to a board; a board takes what it understands."""

    purpose: Purpose = Purpose.FLY
    source: str = "the rover file"
    """Name of the rover file, for messages."""
    trace: Path | None = None
    """Record the traffic of every bus here."""
    latencies: Path | None = None
    """Write how late each cycle began here, at the end."""
    priority: int | None = None
    """Real-time priority (SCHED_FIFO), 1 to 99; None: an ordinary process."""
    pin: int | None = None
    """The one CPU to run on; None: any."""
    lock_memory: bool = False
    """Keep the process out of swap."""


JUST_FLY: Final = BoardOptions()
