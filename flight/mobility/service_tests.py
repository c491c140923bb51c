"""The tests of SERVICE, of wheels and of corners: at most one of them at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.context import Context, Execution
from flight.loads import LoadRequests
from flight.mobility.checks import MotionChecks
from flight.mobility.parts import Parts
from flight.mobility.preconditions import refusal
from flight.mobility.steering_test import SteeringTest
from flight.mobility.targets import allows
from flight.mobility.wheel_checks import AHEAD_NS
from flight.mobility.wheel_test import WheelTest
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import mobility as area
from telemetry_defs.areas.mobility_reports import MotionKind, MotionState, StopReason
from telemetry_defs.definitions import FailureCode, Mode

WHEELS_START_NS: Final = 2 * NS_PER_S
"""Wheel drives may need so long after their power has come."""
MOST_UNANSWERED: Final = 2
"""One more in a row, and health would take them for failing."""


class ServiceTests:
    """Both kinds behind one shape; `moving` says whether a motion is on."""

    def __init__(
        self,
        context: Context,
        parts: Parts,
        checks: MotionChecks,
        loads: LoadRequests,
        tolerance_rad: float,
        moving: Callable[[], bool],
    ) -> None:
        """`tolerance_rad`: a corner so near to its angle has reached it."""
        self._context = context
        self._parts = parts
        self._checks = checks
        self._loads = loads
        self._moving = moving
        self._powered_ns: int | None = None
        self._unanswered = 0
        self._wheel = WheelTest(context, parts.limits, parts.gate, parts.odometry, loads)
        self._steering = SteeringTest(context, parts.gate, parts.odometry, loads, tolerance_rad)

    @property
    def active(self) -> bool:
        """A test is on."""
        return self._wheel.active or self._steering.active

    @property
    def kind(self) -> MotionKind:
        """Which one; NONE if there is none."""
        if self._wheel.active:
            return MotionKind.WHEEL_TEST
        return MotionKind.STEERING_TEST if self._steering.active else MotionKind.NONE

    @property
    def state(self) -> MotionState:
        """Of the one that is on."""
        return self._steering.state if self._steering.active else self._wheel.state

    def tick(self, now_ns: int) -> None:
        """One cycle of an active test."""
        self._wheel.tick(now_ns)
        self._steering.tick(now_ns)
        if self.active and self._loads.is_on("motors"):
            self._watch_wheels(now_ns)

    def _watch_wheels(self, now_ns: int) -> None:
        """Motors have power: a wheel that turns unasked, or too fast, ends the test and with it their power."""
        if self._steering.active:
            self._ask_wheels(now_ns)
        if self._checks.obeyed(now_ns, AHEAD_NS, masked_too=True) is not StopReason.NONE:
            self.end(StopReason.RUNAWAY, now_ns)
            self._checks.cut_motors(now_ns)

    def _ask_wheels(self, now_ns: int) -> None:
        """The steering test itself does without the wheel drives, so two failures are enough to leave them alone."""
        if self._powered_ns is None:
            self._powered_ns = now_ns
        if now_ns - self._powered_ns >= WHEELS_START_NS and self._unanswered < MOST_UNANSWERED:
            self._unanswered = 0 if self._parts.odometry.glance() else self._unanswered + 1

    def apply_mode(self, mode: Mode, now_ns: int) -> None:
        """End what may not go on in this mode."""
        if self.active and not allows(mode, self.kind):
            self.end(StopReason.MODE, now_ns)

    def end(self, reason: StopReason, now_ns: int) -> None:
        """Stop, cut the motors' power and report."""
        self._wheel.end(reason, now_ns)
        self._steering.end(reason, now_ns)

    def abandon(self) -> None:
        """The row is about to be thrown away."""
        self._wheel.abandon()
        self._steering.abandon()

    # Telecommands.

    def test_wheel(self, arguments: area.TestWheelArguments, execution: Execution) -> None:
        """`mobility.test_wheel`."""
        if self._may_begin(execution):
            self._wheel.begin(arguments, execution, self._context.clock.now_ns())

    def test_steering(self, arguments: area.TestSteeringArguments, execution: Execution) -> None:
        """`mobility.test_steering`."""
        if self._may_begin(execution):
            self._steering.begin(arguments, execution, self._context.clock.now_ns())

    def _may_begin(self, execution: Execution) -> bool:
        if self._moving() or self.active:
            execution.fail(FailureCode.BUSY)
            return False
        failure = refusal(self._context, self._parts, self._checks, self._context.clock.now_ns())
        if failure is not None:
            execution.fail(failure)
            return False
        self._powered_ns, self._unanswered = None, 0
        self._checks.wheels.reset(self._context.clock.now_ns())
        return True
