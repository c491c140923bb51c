"""The single-wheel test of SERVICE: one wheel, slowly, for at most two seconds, and what came of it."""

from __future__ import annotations

from typing import Final

from flight.context import Context, Execution
from flight.loads import LoadRequests
from flight.mobility.gate import HOLD_NS, STILL, WheelGate
from flight.mobility.lasting import Lasting
from flight.mobility.limits import Limits
from flight.mobility.odometry import Odometry
from flight.mobility.outcome import failure_of
from hal.api.clock import NS_PER_MS, NS_PER_S, seconds
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility import TestWheelArguments
from telemetry_defs.areas.mobility_reports import MotionState, StallCause, StopReason
from telemetry_defs.definitions import FailureCode

POWER_NS: Final = 5 * NS_PER_S
OVERLOAD_NS: Final = 300 * NS_PER_MS
TURNED_SHARE: Final = 0.25
"""A healthy wheel turns at least this part of what was asked."""


class WheelTest:
    """Runs at most one test."""

    def __init__(
        self, context: Context, limits: Limits, gate: WheelGate, odometry: Odometry, loads: LoadRequests
    ) -> None:
        self._context = context
        self._limits = limits
        self._gate = gate
        self._odometry = odometry
        self._loads = loads
        self._arguments: TestWheelArguments | None = None
        self._execution: Execution | None = None
        self._begun_ns = self._until_ns = self._over_ns = -1
        self._untaken = Lasting()
        self._start_rad: float | None = None
        self._now_rad: float | None = None
        self._seen_ns = -1
        self._current_a: float | None = None
        self.state = MotionState.STANDING

    @property
    def active(self) -> bool:
        """A test is on."""
        return self._arguments is not None

    def begin(self, arguments: TestWheelArguments, execution: Execution, now_ns: int) -> None:
        """Ask for power; the wheel turns when it is there."""
        self._arguments, self._execution = arguments, execution
        self._begun_ns, self._until_ns, self._over_ns = now_ns, -1, -1
        self._start_rad = self._now_rad = self._current_a = None
        self._untaken.reset()
        self.state = MotionState.POWERING
        self._loads.request("motors", True)
        execution.start()

    def tick(self, now_ns: int) -> None:
        """One cycle of an active test."""
        arguments = self._arguments
        if arguments is None:
            return
        if self._until_ns < 0:
            self._await_power(arguments, now_ns)
            return
        self._odometry.read_wheels(now_ns)
        reason = self._look(arguments, now_ns)
        if reason is not StopReason.NONE:
            self.end(reason, now_ns)
            return
        speeds = tuple(arguments.speed_rad_s if wheel == arguments.wheel else 0.0 for wheel in range(len(STILL)))
        taken = self._gate.command(speeds, now_ns)
        if self._untaken.lasted(not taken, now_ns, HOLD_NS):  # one lost on a busy bus is made up for
            self.end(StopReason.OUTPUT, now_ns)

    def end(self, reason: StopReason, now_ns: int) -> None:
        """Stop the wheel, cut the motors' power and report."""
        arguments, execution = self._arguments, self._execution
        if arguments is None or execution is None:
            return
        self._arguments = self._execution = None
        self.state = MotionState.STANDING
        self._gate.stop()
        self._loads.request("motors", False)
        fields = events.WheelTested(wheel=arguments.wheel, turned_rad=self._turned(), current_a=self._current_a)
        self._context.events.emit(events.WHEEL_TESTED, fields)
        failure = failure_of(reason)
        if failure is None:
            execution.complete()
        else:
            execution.fail(failure, float(reason))

    def abandon(self) -> None:
        """The row is about to be thrown away."""
        execution, self._execution, self._arguments = self._execution, None, None
        self.state = MotionState.STANDING
        if execution is not None:
            execution.fail(FailureCode.INTERNAL)

    def _await_power(self, arguments: TestWheelArguments, now_ns: int) -> None:
        has_power = self._loads.is_on("motors")
        answers = self._odometry.answers(now_ns)  # asked without power too: that is how a driver learns that it was off
        if has_power and answers and (readings := self._odometry.readings):
            self._start_rad = self._now_rad = readings.angle_rad[arguments.wheel]
        if self._start_rad is not None:
            self._gate.arm_test(arguments.wheel, now_ns)
            self._until_ns = now_ns + seconds(arguments.duration_s)
            self.state = MotionState.TESTING
        elif now_ns - self._begun_ns >= POWER_NS:  # motor controllers, too, need a moment to start
            self.end(StopReason.ENCODER if has_power else StopReason.POWER, now_ns)

    def _look(self, arguments: TestWheelArguments, now_ns: int) -> StopReason:
        """Whether the test is over, and how."""
        readings = self._odometry.readings
        current = readings.current_a[arguments.wheel] if readings else None
        angle_rad = readings.angle_rad[arguments.wheel] if readings else None
        if angle_rad is not None:
            self._now_rad, self._seen_ns = angle_rad, now_ns
        if current is not None:
            self._current_a = max(current, self._current_a or 0.0)
        if current is None or current < self._limits.current_stop_a:
            self._over_ns = now_ns
        if self._over_ns < 0:
            self._over_ns = now_ns
        if now_ns - self._over_ns >= OVERLOAD_NS:
            return self._stalled(arguments, StallCause.CURRENT, current)
        if now_ns < self._until_ns:
            return StopReason.NONE
        turned = self._turned()
        if turned is None or now_ns - self._seen_ns > HOLD_NS:
            return StopReason.ENCODER
        if abs(turned) < TURNED_SHARE * abs(arguments.speed_rad_s) * arguments.duration_s:
            return self._stalled(arguments, StallCause.STILL, current)
        return StopReason.REACHED

    def _stalled(self, arguments: TestWheelArguments, cause: StallCause, current_a: float | None) -> StopReason:
        self._context.events.emit(events.STALL, events.Stall(wheel=arguments.wheel, cause=cause, current_a=current_a))
        return StopReason.STALL

    def _turned(self) -> float | None:
        """Encoder angle turned when it was last seen."""
        return None if self._now_rad is None or self._start_rad is None else self._now_rad - self._start_rad
