"""What must hold before a motion begins; everything unknown counts as not holding."""

from __future__ import annotations

from typing import Final

from flight.context import Context
from flight.mobility.checks import MotionChecks, motors_warm
from flight.mobility.parts import Parts
from telemetry_defs.definitions import FailureCode

MOST_MASKED: Final = 2
"""Four wheels drive the rover, three do not."""


def refusal(context: Context, parts: Parts, checks: MotionChecks, now_ns: int) -> FailureCode | None:
    """Why no motion may begin now, None if one may."""
    if sum(parts.gate.masked) > MOST_MASKED:
        return FailureCode.PRECONDITION
    if not motors_warm(context, now_ns) or checks.hot_motor(now_ns) is not None:
        return FailureCode.PRECONDITION
    return None if parts.inertial.ok and not checks.rests(now_ns) else FailureCode.DEVICE
