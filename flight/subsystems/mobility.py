"""Mobility: arcs, turns, waypoints, rates; pose and attitude; the checks that stop the rover before it comes to harm.

Ten times a second while something moves; standing, once a second, for attitude, gyro bias and runaway wheels.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flight.blackboard import MobilityState
from flight.context import Context, Execution, Handler, Refused
from flight.loads import LoadRequests
from flight.mobility.checks import MotionChecks
from flight.mobility.egress import HoldDown
from flight.mobility.guides import Arc, Guide, Rate, Turn
from flight.mobility.kept import KeptMotion
from flight.mobility.lasting import Lasting
from flight.mobility.parts import make_parts
from flight.mobility.preconditions import refusal
from flight.mobility.report import report
from flight.mobility.runner import MotionRunner
from flight.mobility.service_tests import ServiceTests
from flight.mobility.standing import StandingWatch
from flight.mobility.targets import MODE_TARGETS, NO_SAFE_REQUEST, MobilityTarget, allows
from flight.mobility.waypoint import Waypoint
from flight.subsystems.mobility_config import MobilityConfig
from hal.api.clock import NS_PER_MS, NS_PER_S, seconds
from hal.api.devices import Egress, GroundMotion, Imu, Steering, SunSensor, WheelDrives
from telemetry_defs.areas import mobility as area, mobility_events as events
from telemetry_defs.areas.mobility_reports import MobilityHk, MotionKind, StopReason
from telemetry_defs.definitions import FailureCode, Mode, NoArguments

STILL_PERIOD_NS: Final = NS_PER_S - 50 * NS_PER_MS  # half a cycle early, so that a late cycle costs none
CUT_NS: Final = NS_PER_S
"""Wheels that have not taken their zero for this long lose their power."""


class Mobility:
    """Wheels, corners, inertial unit, ground motion and hold-down of one rover."""

    def __init__(
        self,
        *,
        wheels: WheelDrives,
        steering: Steering,
        imu: Imu,
        loads: LoadRequests,
        config: MobilityConfig,
        context: Context,
        ground_motion: GroundMotion | None = None,
        sun_sensor: SunSensor | None = None,
        egress: Egress | None = None,
    ) -> None:
        self._context = context
        self._loads = loads
        self._sun_sensor = sun_sensor
        self._sees_ground = ground_motion is not None
        self._parts = parts = make_parts(
            wheels=wheels, steering=steering, imu=imu, ground_motion=ground_motion, config=config, context=context
        )
        self._gate = parts.gate
        self._checks = MotionChecks(context, parts, loads)
        self._runner = MotionRunner(context, config, parts, loads, self._checks)
        self._test = ServiceTests(
            context, parts, self._checks, loads, config.steering_tolerance_rad, lambda: self._runner.active
        )
        self._hold_down = HoldDown(egress, config.release_timeout_s, context)
        self._watch = StandingWatch(parts.odometry, context)
        self._target = MobilityTarget.SENSING
        self._next_ns = 0
        self._unstopped = Lasting()

    # The shape of a subsystem ----------------------------------------------------------------------------------

    def tick(self, now_ns: int) -> None:
        if self._runner.guide is not None:
            self._runner.tick(now_ns)
        elif self._test.active:
            self._test.tick(now_ns)
        elif self._gate.stop_pending:
            self._insist_on_stop(now_ns)
        elif now_ns < self._next_ns:
            return
        else:
            self._stand(now_ns)
        self._publish(now_ns)

    def make_safe(self) -> None:
        self._runner.abandon()
        self._test.abandon()
        self._gate.make_safe()

    def apply_mode(self, mode: Mode) -> None:
        now_ns = self._context.clock.now_ns()
        if self._runner.active and not allows(mode, self._runner.kind):
            self._runner.stop_now(StopReason.MODE, now_ns)
        self._test.apply_mode(mode, now_ns)
        self._target = target = MODE_TARGETS[mode]
        self._loads.request("imu", target is not MobilityTarget.OFF)
        driving = target is MobilityTarget.DRIVING
        self._loads.request("motors", driving or self._test.active)
        self._loads.request("nav", driving and self._sees_ground)
        if target is MobilityTarget.OFF:
            self._parts.inertial.switched_off()
        self._next_ns = now_ns

    def handlers(self) -> Mapping[str, Handler]:
        return MappingProxyType(
            {
                area.ARC.name: self._arc,
                area.TURN.name: self._turn,
                area.DRIVE_TO.name: self._drive_to,
                area.DRIVE.name: self._drive,
                area.HALT.name: self._stop,
                area.SET_POSE.name: self._set_pose,
                area.MASK_WHEEL.name: self._mask_wheel,
                area.TEST_WHEEL.name: self._test.test_wheel,
                area.TEST_STEERING.name: self._test.test_steering,
                area.RELEASE.name: self._release,
                area.EGRESS_DRIVE.name: self._egress_drive,
                area.CLEAR_EMBEDDED.name: self._clear_embedded,
            }
        )

    def housekeeping(self) -> MobilityHk:
        return report(self._parts, self._runner, self._test, self._checks, self._sun_sensor, self._loads)

    def stop_now(self, now_ns: int) -> None:
        """System STOP: wheels to zero in this cycle."""
        self._runner.stop_now(StopReason.COMMANDED, now_ns)
        self._test.end(StopReason.COMMANDED, now_ns)

    # What is kept over a restart --------------------------------------------------------------------------------

    def kept(self) -> KeptMotion:
        """What is to survive a restart."""
        pose = self._parts.pose
        return KeptMotion(
            x_m=pose.x_m,
            y_m=pose.y_m,
            yaw_rad=pose.yaw_rad,
            odometer_m=pose.odometer_m,
            embedded=self._checks.embedded,
            masked_wheels=tuple(self._gate.masked),
        )

    def restore(self, kept: KeptMotion) -> None:
        """Take over what was kept."""
        self._parts.pose.place(kept.x_m, kept.y_m, kept.yaw_rad)
        self._parts.pose.odometer_m = kept.odometer_m
        self._checks.embedded, self._gate.masked[:] = kept.embedded, kept.masked_wheels

    def _stand(self, now_ns: int) -> None:
        """Once a second: attitude, gyro bias, tilt, runaway wheels, the hold-down."""
        self._next_ns = now_ns + STILL_PERIOD_NS
        self._parts.limits.refresh()
        self._hold_down.poll(now_ns)
        if self._target is MobilityTarget.OFF:
            return
        if self._loads.is_on("imu"):
            self._parts.inertial.sample(now_ns, at_rest=True)
            if self._parts.inertial.starting:
                self._next_ns = now_ns  # its driver goes one step each time it is asked
        else:
            self._parts.inertial.switched_off()
        self._checks.tilt.run(now_ns, moving=False)
        if self._checks.take_safe_wanted() and self._context.modes.mode not in NO_SAFE_REQUEST:
            self._context.modes.request(Mode.SAFE)
        if self._loads.is_on("motors") and self._watch.runaway(now_ns, self._runner.ended_ns):
            self._cut_motors(now_ns)

    def _insist_on_stop(self, now_ns: int) -> None:
        """The wheels have not taken their zero; their hold time stops them, but that is not left at that."""
        if not self._loads.is_on("motors"):
            self._gate.stop_pending = False  # nothing turns without power
            return
        self._gate.retry_stop()
        if self._unstopped.lasted(self._gate.stop_pending, now_ns, CUT_NS):
            self._cut_motors(now_ns)

    def _cut_motors(self, now_ns: int) -> None:
        self._gate.stop()
        self._checks.cut_motors(now_ns)

    def _publish(self, now_ns: int) -> None:
        pose, attitude, known = self._parts.pose, self._parts.inertial.attitude, self._parts.inertial.ok
        self._context.board.mobility = MobilityState(
            time_ns=now_ns,
            moving=self._runner.guide is not None or self._test.active,
            motion_ended_ns=self._runner.ended_ns,
            x_m=pose.x_m,
            y_m=pose.y_m,
            yaw_rad=pose.yaw_rad,
            pitch_rad=attitude.pitch_rad if known else None,
            roll_rad=attitude.roll_rad if known else None,
            tilt_rad=attitude.tilt_rad if known else None,
            embedded=self._checks.embedded,
        )

    # Telecommands -----------------------------------------------------------------------------------------------

    def _arc(self, arguments: area.ArcArguments, execution: Execution) -> None:
        guide = Arc(MotionKind.ARC, arguments.curvature_1_m, arguments.distance_m, arguments.speed_m_s)
        self._begin(guide, execution, arguments.timeout_s)

    def _turn(self, arguments: area.TurnArguments, execution: Execution) -> None:
        self._begin(Turn(arguments.angle_rad, arguments.rate_rad_s), execution, arguments.timeout_s)

    def _drive_to(self, arguments: area.DriveToArguments, execution: Execution) -> None:
        parts = self._parts
        parts.limits.refresh()
        guide = Waypoint(arguments.x_m, arguments.y_m, arguments.speed_m_s, parts.pose, parts.limits)
        self._begin(guide, execution, arguments.timeout_s)

    def _drive(self, arguments: area.DriveArguments, execution: Execution) -> None:
        """Completes as soon as the rate is taken over; the stream of commands is what keeps it going."""
        now_ns = self._context.clock.now_ns()
        twist = (arguments.speed_m_s, arguments.yaw_rate_rad_s)
        until_ns = now_ns + seconds(arguments.valid_for_s)
        guide = self._runner.guide
        if isinstance(guide, Rate) and self._runner.reason is StopReason.NONE:
            guide.refresh(twist, until_ns)
            self._runner.resume(now_ns)
            execution.complete()
        elif self._begin(Rate(twist, until_ns), execution, None):
            execution.complete()

    def _egress_drive(self, arguments: area.EgressArguments, execution: Execution) -> None:
        if not self._hold_down.is_open():
            execution.fail(FailureCode.PRECONDITION)
            return
        guide = Arc(MotionKind.EGRESS, 0.0, arguments.distance_m, arguments.speed_m_s)
        self._begin(guide, execution, arguments.timeout_s)

    def _begin(self, guide: Guide, execution: Execution, timeout_s: float | None) -> bool:
        """Begin a motion, or refuse it.  Without a timeout the motion is not bound to its execution."""
        now_ns = self._context.clock.now_ns()
        if self._runner.active or self._test.active or self._hold_down.active:
            execution.fail(FailureCode.BUSY)
            return False
        failure = refusal(self._context, self._parts, self._checks, now_ns)
        if failure is not None:
            execution.fail(failure)
            return False
        if guide.kind is not MotionKind.EGRESS and self._context.modes.mode is not Mode.DRIVE:
            answer = self._context.modes.request(Mode.DRIVE)
            if isinstance(answer, Refused):
                execution.fail(answer.code)
                return False
        self._unstopped.reset()
        self._loads.request("motors", True)
        self._loads.request("nav", self._sees_ground)
        if timeout_s is None:
            self._runner.begin(guide, None, self._parts.limits.motion_ns, now_ns)
        else:
            self._runner.begin(guide, execution, seconds(timeout_s), now_ns)
        return True

    def _stop(self, arguments: NoArguments, execution: Execution) -> None:
        self.stop_now(self._context.clock.now_ns())
        execution.complete()

    def _set_pose(self, arguments: area.PoseArguments, execution: Execution) -> None:
        if self._runner.active:
            execution.fail(FailureCode.BUSY)
            return
        self._parts.pose.place(arguments.x_m, arguments.y_m, arguments.yaw_rad)
        self._next_ns = 0

    def _mask_wheel(self, arguments: area.MaskArguments, execution: Execution) -> None:
        if self._runner.active or self._test.active:
            execution.fail(FailureCode.BUSY)
            return
        self._gate.masked[arguments.wheel] = arguments.masked
        self._context.events.emit(
            events.WHEEL_MASKED, events.WheelMasked(wheel=arguments.wheel, masked=arguments.masked)
        )

    def _release(self, arguments: NoArguments, execution: Execution) -> None:
        self._hold_down.fire(execution, self._context.clock.now_ns())

    def _clear_embedded(self, arguments: NoArguments, execution: Execution) -> None:
        self._checks.embedded = False
        self._next_ns = 0
