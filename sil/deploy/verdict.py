"""What became of a version on trial: good, or dropped and the one before it running again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sil.deploy.errors import TargetLost
from sil.deploy.target.state import TRIES

START_S: Final = 75.0
"""One start that hangs: the unit's TimeoutStartSec, TimeoutStopSec and a margin."""
PATIENCE_S: Final = TRIES * START_S + START_S
POLL_S: Final = 1.0


class Verdict(Enum):
    """How a trial ended."""

    GOOD = "good"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Clock:
    """The desktop's, or a test's."""

    now_s: Callable[[], float]
    pause_s: Callable[[float], None]


def judge(status: Mapping[str, Any], slot: str) -> Verdict:
    """From the slot tool's words; `UNKNOWN` while it is on trial."""
    if status["pending"] == slot:
        return Verdict.UNKNOWN
    return Verdict.GOOD if status["active"] == slot else Verdict.DROPPED


def await_verdict(ask: Callable[[], Mapping[str, Any]], slot: str, clock: Clock, say: Callable[[str], None]) -> Verdict:
    """Ask until there is one; a lost connection (the rover may reboot) is only waited for."""
    end_s = clock.now_s() + PATIENCE_S
    said = TRIES
    while clock.now_s() < end_s:
        try:
            status = ask()
            verdict = judge(status, slot)
            if verdict is not Verdict.UNKNOWN:
                return verdict
            if status["tries"] != said:
                said = status["tries"]
                say(f"slot {slot} starts, {said} more {'start' if said == 1 else 'starts'} left to get ready")
        except TargetLost as error:
            say(f"{error}; trying again")
        clock.pause_s(POLL_S)
    return Verdict.UNKNOWN
