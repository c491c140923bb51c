"""One motion from its start to its end: power, steering, ramp up, drive, ramp down, check, next leg.

    POWERING -> STEERING -> MOVING -> STOPPING -> (CHECKING -> STEERING ...) -> STANDING

Corners go first and the wheels wait for them.  Whatever stops a motion goes through `halt` (ramp) or `stop_now`.
"""

from __future__ import annotations

from typing import Final

from flight.context import Context, Execution
from flight.loads import LoadRequests
from flight.mobility.checks import MotionChecks
from flight.mobility.gate import STILL
from flight.mobility.guides import Guide, LegEnd
from flight.mobility.kinematics import STRAIGHT
from flight.mobility.outcome import failure_of, stops_at_once, tell_end
from flight.mobility.parts import Parts
from flight.subsystems.mobility_config import MobilityConfig
from hal.api.clock import NS_PER_S, seconds
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import MotionKind, MotionState, StopReason
from telemetry_defs.definitions import FailureCode, Mode

RESTEER_RAD: Final = 0.25
"""Corners further than this from where they should be: the wheels wait for them."""
GAP_NS: Final = NS_PER_S // 2
"""Ticks further apart than the hold time of the wheels: they have stopped meanwhile, and so does the motion."""
FIX_EVERY: Final = 5
SLOW_EVERY: Final = 10


class MotionRunner:
    """Runs at most one motion."""

    def __init__(
        self, context: Context, config: MobilityConfig, parts: Parts, loads: LoadRequests, checks: MotionChecks
    ) -> None:
        self._context = context
        self._config = config
        self._loads = loads
        self._checks = checks
        self._limits = parts.limits
        self._kinematics = parts.kinematics
        self._inertial = parts.inertial
        self._odometry = parts.odometry
        self._ground = parts.ground
        self._gate = parts.gate
        self._tracker = parts.tracker
        self.progress = parts.progress
        self.state = MotionState.STANDING
        self.kind, self.reason = MotionKind.NONE, StopReason.NONE
        self.guide: Guide | None = None
        self.ended_ns: int | None = None
        self._execution: Execution | None = None
        self._angles: tuple[float, ...] = STRAIGHT
        self._started_ns = self._state_ns = self._last_ns = self._deadline_ns = self._tick = self._step = 0

    @property
    def active(self) -> bool:
        """A motion is on."""
        return self.guide is not None

    def begin(self, guide: Guide, execution: Execution | None, timeout_ns: int, now_ns: int) -> None:
        """Start a motion; `execution` is None for one whose command has completed already."""
        self._limits.refresh()
        self.guide, self.kind, self._execution = guide, guide.kind, execution
        self.reason = StopReason.NONE
        self.progress.reset()
        self._checks.begin(now_ns)
        self._ground.begin(now_ns)
        self._started_ns = self._last_ns = now_ns
        self._deadline_ns = now_ns + min(timeout_ns, self._limits.motion_ns)
        self._tick = self._step = 0
        self._enter(MotionState.POWERING, now_ns)
        self._context.events.emit(events.MOTION_STARTED, events.Started(kind=guide.kind))
        if execution is not None:
            execution.start()

    def stop_now(self, reason: StopReason, now_ns: int) -> None:
        """Wheels to zero in this cycle, whatever runs."""
        if self.active:
            self._finish(reason, now_ns)  # begins with the wheels
        else:
            self._gate.stop()

    def abandon(self) -> None:
        """The row is about to be thrown away: the motion ends without a word to the wheels, which are made safe."""
        execution, self._execution, self.guide = self._execution, None, None
        self.state = MotionState.STANDING
        if execution is not None:
            execution.fail(FailureCode.INTERNAL)

    def resume(self, now_ns: int) -> None:
        """A rate command came while its motion was ramping down: go on with it."""
        if self.state is MotionState.STOPPING and self.reason is StopReason.NONE:
            self._enter(MotionState.MOVING, now_ns)

    def tick(self, now_ns: int) -> None:
        """One cycle of an active motion."""
        dt_s = (now_ns - self._last_ns) / NS_PER_S
        gap = now_ns - self._last_ns > GAP_NS
        self._last_ns = now_ns
        self._tick += 1
        self._tracker.sense(now_ns, powered=self.state is not MotionState.POWERING, rests=self._rests(now_ns))
        if self.state is not MotionState.STOPPING or self.reason is StopReason.NONE:
            reason = self._limit(StopReason.DEAD_MAN, now_ns) if gap else self._check(now_ns)
            if reason is not StopReason.NONE:
                self._halt(reason, now_ns)
        elif (reason := self._checks.ramping(now_ns)) is not StopReason.NONE:
            self._halt(reason, now_ns)
        if (guide := self.guide) is None:
            return
        match self.state:
            case MotionState.MOVING:
                self._move(guide, dt_s, now_ns)
            case MotionState.STEERING:
                self._steer(guide, now_ns)
            case MotionState.STOPPING:
                self._ramp_down(guide, dt_s, now_ns)
            case MotionState.CHECKING:
                self._check_step(guide, now_ns)
            case _:
                self._await_power(now_ns)

    # States ----------------------------------------------------------------------------------------------------

    def _await_power(self, now_ns: int) -> None:
        late = now_ns - self._state_ns >= seconds(self._config.power_timeout_s)
        if self._loads.is_on("motors") and (self._odometry.answers(now_ns) or late):
            self._enter(MotionState.STEERING, now_ns)
        elif late:
            self._context.events.emit(events.POWER_LOST)
            self._halt(StopReason.POWER, now_ns)

    def _steer(self, guide: Guide, now_ns: int) -> None:
        demand = guide.demand(self.progress, now_ns)
        if demand is None:
            self._enter(MotionState.STOPPING, now_ns)
            return
        if demand != (0.0, 0.0):
            self._angles = self._kinematics.inverse(*self._kinematics.feasible(*demand))[0]
        self._gate.steer(self._angles)
        self._command(STILL, now_ns)
        self._odometry.read_corners(now_ns)
        off_rad = self._odometry.corners_off(self._angles)
        if off_rad is not None and off_rad <= self._config.steering_tolerance_rad:
            self._checks.wheels.reset(now_ns)
            self._enter(MotionState.MOVING, now_ns)
        elif now_ns - self._state_ns >= seconds(self._config.steering_timeout_s):
            self._context.events.emit(events.STEERING_LOST)
            self._halt(StopReason.STEERING, now_ns)

    def _move(self, guide: Guide, dt_s: float, now_ns: int) -> None:
        demand = guide.demand(self.progress, now_ns)
        if demand is None:
            self._enter(MotionState.STOPPING, now_ns)
            self._ramp_down(guide, dt_s, now_ns)
            return
        progress = self.progress
        progress.slew(self._kinematics.feasible(*demand), dt_s)
        if progress.speed_m_s == 0.0 and progress.yaw_rate_rad_s == 0.0:
            self._command(STILL, now_ns)
            return
        self._angles, speeds = self._kinematics.inverse(progress.speed_m_s, progress.yaw_rate_rad_s)
        self._gate.steer(self._angles)
        off_rad = self._odometry.corners_off(self._angles)
        if off_rad is not None and off_rad > RESTEER_RAD:
            progress.speed_m_s = progress.yaw_rate_rad_s = 0.0
            self._command(STILL, now_ns)
            self._enter(MotionState.STEERING, now_ns)
            return
        self._command(speeds, now_ns)

    def _ramp_down(self, guide: Guide, dt_s: float, now_ns: int) -> None:
        progress = self.progress
        progress.slew((0.0, 0.0), dt_s)
        if progress.speed_m_s != 0.0 or progress.yaw_rate_rad_s != 0.0:
            self._command(self._kinematics.inverse(progress.speed_m_s, progress.yaw_rate_rad_s)[1], now_ns)
            return
        self._command(STILL, now_ns)
        if not self.active:
            return
        if self.reason is not StopReason.NONE:
            self._finish(self.reason, now_ns)
            return
        match guide.leg_end(progress):
            case LegEnd.REACHED:
                self._finish(StopReason.REACHED, now_ns)
            case LegEnd.EXPIRED:
                self._finish(StopReason.DEAD_MAN, now_ns)
            case LegEnd.GO_ON:
                self._enter(MotionState.STEERING, now_ns)
            case LegEnd.CHECK:
                self._enter(MotionState.CHECKING, now_ns)
            case LegEnd.NOT_CONVERGING:
                self._finish(StopReason.NOT_CONVERGING, now_ns)

    def _check_step(self, guide: Guide, now_ns: int) -> None:
        """Stand; every check has its say meanwhile, with attitude settled and a late fix taken in."""
        self._command(STILL, now_ns)
        if now_ns - self._state_ns < seconds(self._config.step_check_s):
            return
        self._step += 1
        remaining = guide.remaining_m(self.progress)
        self._context.events.emit(events.STEP_DONE, events.StepDone(step=self._step, remaining_m=remaining))
        if self._execution is not None:
            self._execution.progress(self._step)
        self._enter(MotionState.STEERING, now_ns)

    def _rests(self, now_ns: int) -> bool:
        """The rover has stood long enough for its gyro to show nothing but bias."""
        checking_ns = now_ns - self._state_ns if self.state is MotionState.CHECKING else 0
        return self.state is MotionState.POWERING or checking_ns > NS_PER_S

    # Helpers ---------------------------------------------------------------------------------------------------

    def _check(self, now_ns: int) -> StopReason:
        """Every reason to stop, the frequent ones first."""
        checks, state = self._checks, self.state
        reason = checks.fast(now_ns, rolling=state is MotionState.MOVING)
        if reason is StopReason.NONE:
            reason = self._check_limits(now_ns)
        if reason is not StopReason.NONE or state is MotionState.POWERING:
            return reason
        if self._tick % FIX_EVERY == 0:
            reason = self._check_slip(now_ns)
        if reason is StopReason.NONE and self._tick % SLOW_EVERY == 0:
            self._limits.refresh()
            reason = checks.slow(now_ns)
        return reason

    def _check_slip(self, now_ns: int) -> StopReason:
        readings, attitude, rolling = self._odometry.readings, self._inertial.attitude, self.state is MotionState.MOVING
        climb = attitude.pitch_rad if self.progress.speed_m_s >= 0.0 else -attitude.pitch_rad
        self._ground.poll(now_ns, 0.5, readings.current_a if readings else (), climb, rolling=rolling)
        reason = self._checks.slip(now_ns)
        if reason is StopReason.NONE and rolling:
            self._odometry.read_corners(now_ns)
            reason = self._checks.corners(self._angles, now_ns)
        return reason

    def _check_limits(self, now_ns: int) -> StopReason:
        progress, guide = self.progress, self.guide
        if now_ns >= self._deadline_ns:
            return self._limit(StopReason.TIME_LIMIT, now_ns)
        if guide is not None and (
            progress.travelled_m > min(guide.max_travel_m, self._limits.motion_m)
            or progress.rolled_rad > guide.max_rolled_rad
        ):
            return self._limit(StopReason.DISTANCE_LIMIT, now_ns)
        return StopReason.NONE

    def _limit(self, reason: StopReason, now_ns: int) -> StopReason:
        """Tell of a limit of the motion."""
        elapsed_s = (now_ns - self._started_ns) / NS_PER_S
        fields = events.Limit(reason=reason, elapsed_s=elapsed_s, travelled_m=self.progress.travelled_m)
        self._context.events.emit(events.MOTION_LIMIT, fields)
        return reason

    def _halt(self, reason: StopReason, now_ns: int) -> None:
        """Come to a stop for a reason: by the ramp, or at once where a ramp is no use or the mode will change."""
        safe = self._checks.take_safe_wanted()
        if reason is StopReason.RUNAWAY:
            self._checks.cut_motors(now_ns)
        if safe or stops_at_once(reason):
            self.stop_now(reason, now_ns)
        else:
            self.reason = reason
            self._enter(MotionState.STOPPING, now_ns)
        if safe:
            self._context.modes.request(Mode.SAFE)

    def _command(self, speeds: tuple[float, ...], now_ns: int) -> None:
        reason = self._checks.output(self._gate.command(speeds, now_ns), now_ns)
        if reason is not StopReason.NONE:
            self.stop_now(reason, now_ns)

    def _enter(self, state: MotionState, now_ns: int) -> None:
        self.state = state
        self._state_ns = now_ns

    def _finish(self, reason: StopReason, now_ns: int) -> None:
        """The motion is over; the wheels have been told to stand."""
        progress, execution = self.progress, self._execution
        self._gate.stop()
        self._ground.end(now_ns)
        progress.speed_m_s = progress.yaw_rate_rad_s = 0.0
        self.reason, self.guide, self._execution = reason, None, None
        self.ended_ns = now_ns
        self._enter(MotionState.STANDING, now_ns)
        tell_end(self._context.events, self.kind, reason, progress)
        if execution is not None:
            failure = failure_of(reason)
            if failure is None:
                execution.complete()
            else:
                execution.fail(failure, float(reason))
