"""What each reason for the end of a motion means: to the verification report, and to the wheels."""

from __future__ import annotations

from typing import Final

from flight.context import EventSink
from flight.mobility.guides import Progress
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import MotionKind, StopReason
from telemetry_defs.definitions import FailureCode

_DEVICE: Final = frozenset(
    {
        StopReason.IMU,
        StopReason.ENCODER,
        StopReason.STEERING,
        StopReason.POWER,
        StopReason.OUTPUT,
        StopReason.RUNAWAY,
    }
)
_ABORTED: Final = frozenset(
    {StopReason.COMMANDED, StopReason.MODE, StopReason.DEAD_MAN, StopReason.LINK, StopReason.NOT_CONVERGING}
)


def failure_of(reason: StopReason) -> FailureCode | None:
    """The failure code of a motion's completion report, None if it did what it was asked; the detail is the reason."""
    if reason is StopReason.REACHED:
        return None
    if reason is StopReason.TIME_LIMIT:
        return FailureCode.TIMEOUT
    if reason in _DEVICE:
        return FailureCode.DEVICE
    return FailureCode.ABORTED if reason in _ABORTED else FailureCode.LIMIT


def stops_at_once(reason: StopReason) -> bool:
    """True where a ramp cannot be driven or comes too late: no power, no output, a wheel that obeys none, no time."""
    return reason in (StopReason.POWER, StopReason.OUTPUT, StopReason.DEAD_MAN, StopReason.RUNAWAY)


def tell_end(sink: EventSink, kind: MotionKind, reason: StopReason, progress: Progress) -> None:
    """The event of a motion's end: why, how far, and where the rover believes it is."""
    pose = progress.pose
    sink.emit(
        events.MOTION_ENDED,
        events.Ended(
            kind=kind,
            reason=reason,
            travelled_m=progress.travelled_m,
            x_m=pose.x_m,
            y_m=pose.y_m,
            yaw_rad=pose.yaw_rad,
        ),
    )
