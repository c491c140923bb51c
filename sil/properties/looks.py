"""What the promises share: how long something was so, limits in force, and faults that excuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_S
from sil.properties.judging import Judgement, Nearest
from sil.properties.record import Look, Run
from telemetry_defs.definitions import Parameter

LIMITS_TOUCHED: Final = ("system.*parameter*",)
"""Commands after which limits are no longer those that a promise knows."""
MEMORY: Final = ("memory/state_flip", "computer/seu_storm")
"""Flight is no longer what was written."""
CUTS: Final = (
    "computer/reset", "computer/power_*", "computer/reboot_loop", "computer/cut_in_write", "computer/image_bit_flip",
    "computer/hang", "clock/lost", *MEMORY,
)  # fmt: skip
"""Whatever ends a life of flight, at any instant."""
WHEELS_BEYOND: Final = (
    "wheels*/*", "drive_unit/*", "bus.motors/*", "loads*/*", "computer/slow", "roboclaw*/*", *MEMORY,
)  # fmt: skip
"""Faults that take the wheels, or the processor's time, out of flight's hands."""
SENSES: Final = ("temperatures*/*", "bus.body/*", "bus.left/*", "bus.right/*", "tmp117*/*", "chip.*/*")
SWITCHES: Final = ("heaters*/*", "loads*/*", "bus.lines/*", "gpio*/*")
BRAIN: Final = (*MEMORY, "computer/slow", "computer/image_*")
STORAGE: Final = ("computer/storage*", "storage*/*", "computer/image_*", *MEMORY)
Question = Callable[[Look], bool]


def told(look: Look) -> bool:
    """Some wheel is told to turn."""
    return any(look.commanded)


def value(run: Run, parameter: Parameter) -> float:
    """A limit in force: the newest boot's, for runs that change none."""
    return run.boots[-1].parameters[parameter.parameter_id] if run.boots else parameter.default


def during(run: Run, *patterns: str) -> Question | None:
    """Whether a look falls into the time of faults that match; None if there were none."""
    spans = run.spans(*patterns)
    return (lambda look: any(start_ns <= look.t_ns <= stop_ns for start_ns, stop_ns in spans)) if spans else None


def lasting(
    run: Run, bad: Question, limit_s: float, text: str, when: Question | None = None, settled_s: float = 0.0
) -> Judgement:
    """How long something was so at a stretch, against the longest that it may be.

    `when`: what must hold for the promise to be tested at all; `settled_s`: flight must have been up for so long.
    """
    nearest, since_ns, life = Nearest(), -1, -1
    for look in run.looks:
        if look.life != life or not _settled(run, look, settled_s):
            life, since_ns = look.life, -1
            continue
        if not bad(look):
            if when is not None and (since_ns >= 0 or not nearest.trace) and when(look):
                nearest.note(1.0, look.t_ns)
            since_ns = -1
            continue
        if since_ns < 0:
            since_ns = look.t_ns
        nearest.note(1.0 - (look.t_ns - since_ns) / NS_PER_S / limit_s, look.t_ns, f"{text} for over {limit_s:g} s")
    return nearest.judgement()


def _settled(run: Run, look: Look, settled_s: float) -> bool:
    """Flight has been up long enough to act; where nothing is asked of flight, always."""
    return not settled_s or (look.life > 0 and look.t_ns - run.boots[look.life - 1].t_ns >= settled_s * NS_PER_S)
