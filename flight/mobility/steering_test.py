"""The steering test of SERVICE: corners to an angle and held there for a moment, wheels standing."""

from __future__ import annotations

from typing import Final

from flight.context import Context, Execution
from flight.loads import LoadRequests
from flight.mobility.gate import HOLD_NS, WheelGate
from flight.mobility.kinematics import STRAIGHT
from flight.mobility.lasting import Lasting
from flight.mobility.odometry import Odometry
from flight.mobility.outcome import failure_of
from hal.api.clock import NS_PER_S, seconds
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility import TestSteeringArguments
from telemetry_defs.areas.mobility_reports import CornerChoice, MotionState, StopReason
from telemetry_defs.definitions import FailureCode

REACH_NS: Final = 10 * NS_PER_S
"""Power, the start of the servo driver and the way from anywhere may take so long."""


class SteeringTest:
    """Runs at most one test."""

    def __init__(
        self, context: Context, gate: WheelGate, odometry: Odometry, loads: LoadRequests, tolerance_rad: float
    ) -> None:
        self._context = context
        self._gate = gate
        self._odometry = odometry
        self._loads = loads
        self._tolerance_rad = tolerance_rad
        self._arguments: TestSteeringArguments | None = None
        self._execution: Execution | None = None
        self._begun_ns = self._until_ns = -1
        self._away = Lasting()
        self.state = MotionState.STANDING

    @property
    def active(self) -> bool:
        """A test is on."""
        return self._arguments is not None

    def begin(self, arguments: TestSteeringArguments, execution: Execution, now_ns: int) -> None:
        """Ask for power; corners turn when it is there."""
        self._arguments, self._execution = arguments, execution
        self._begun_ns, self._until_ns = now_ns, -1
        self._away.reset()
        self.state = MotionState.POWERING
        self._odometry.restart()
        self._gate.arm_steering(now_ns)
        self._loads.request("motors", True)
        execution.start()

    def tick(self, now_ns: int) -> None:
        """One cycle of an active test."""
        arguments = self._arguments
        if arguments is None:
            return
        has_power = self._loads.is_on("motors")
        if not has_power:
            self._odometry.restart()
        self._odometry.read_corners(now_ns)  # without power too: that is how a driver learns that it was off
        if has_power:
            self.state = MotionState.TESTING
            self._steer(_angles(arguments), arguments.hold_s, now_ns)
        if self._until_ns >= 0 and now_ns >= self._until_ns:
            self.end(StopReason.REACHED, now_ns)
        elif self._until_ns < 0 and now_ns - self._begun_ns >= REACH_NS:
            self.end(StopReason.STEERING if has_power else StopReason.POWER, now_ns)

    def end(self, reason: StopReason, now_ns: int) -> None:
        """Hold the corners where they are, cut the motors' power and report."""
        arguments, execution = self._arguments, self._execution
        if arguments is None or execution is None:
            return
        self._arguments = self._execution = None
        self.state = MotionState.STANDING
        self._gate.stop()
        self._loads.request("motors", False)
        fields = events.SteeringTested(corner=arguments.corner, angle_rad=self._angle(arguments.corner))
        self._context.events.emit(events.STEERING_TESTED, fields)
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

    def _steer(self, angles_rad: tuple[float, ...], hold_s: float, now_ns: int) -> None:
        """Towards the angles; the time to hold them begins when every corner is there."""
        self._gate.steer_test(angles_rad, now_ns)
        off_rad = self._odometry.corners_off(angles_rad)
        there = off_rad is not None and off_rad <= self._tolerance_rad
        if self._until_ns < 0 and there:
            self._gate.arm_steering(now_ns)
            self._until_ns = now_ns + seconds(hold_s)
        elif self._until_ns >= 0 and self._away.lasted(not there, now_ns, HOLD_NS):
            self.end(StopReason.STEERING, now_ns)

    def _angle(self, corner: CornerChoice) -> float | None:
        """Of the corner, or of the first of all."""
        corners = self._odometry.corners_rad
        return None if corners is None else corners[0 if corner is CornerChoice.ALL else corner]


def _angles(arguments: TestSteeringArguments) -> tuple[float, ...]:
    """What each corner is asked for."""
    every = arguments.corner is CornerChoice.ALL
    return tuple(arguments.angle_rad if every or corner == arguments.corner else 0.0 for corner in range(len(STRAIGHT)))
