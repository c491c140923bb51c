"""Wheels that should stand: do they?"""

from __future__ import annotations

from typing import Final

from flight.context import Context
from flight.mobility.odometry import Odometry
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import Wheel

RUNAWAY_RAD: Final = 0.05
"""More than a wheel gives under a rover at rest between two looks, less than any commanded speed turns it."""
RUN_DOWN_NS: Final = NS_PER_S
"""A wheel told to stand at top speed does so well within this time."""
JUMP_RAD: Final = 20.0
"""No wheel turns this far in a second: its encoder was counted anew."""


class StandingWatch:
    """Compares encoder angles once a second while the motors have power and nothing is commanded."""

    __slots__ = ("_context", "_last_ns", "_last_rad", "_odometry")

    def __init__(self, odometry: Odometry, context: Context) -> None:
        self._odometry = odometry
        self._context = context
        self._last_rad: tuple[float | None, ...] | None = None
        self._last_ns = 0

    def runaway(self, now_ns: int, motion_ended_ns: int | None) -> bool:
        """True if a wheel has turned since the last look, which was about a second ago.

        Wheels stopped at speed run down for a moment; only then does the first look count.
        """
        if motion_ended_ns is not None and now_ns - motion_ended_ns < RUN_DOWN_NS:
            self._last_rad = None
            return False
        self._odometry.read_wheels(now_ns)
        readings = self._odometry.readings
        last, recent = self._last_rad, now_ns - self._last_ns < 1_500_000_000
        self._last_ns = now_ns
        self._last_rad = readings.angle_rad if readings is not None else None
        if readings is None or last is None or not recent:
            return False
        for wheel, before, now in zip(Wheel, last, readings.angle_rad, strict=True):
            if before is not None and now is not None and RUNAWAY_RAD < abs(now - before) < JUMP_RAD:
                self._context.events.emit(events.RUNAWAY, events.WheelOnly(wheel=wheel))
                return True
        return False
