"""Ground motion fixes: what they correct, and what slip they show."""

from __future__ import annotations

from typing import Final

from flight.blackboard import fresh
from flight.context import Context
from flight.mobility.lasting import RETRY_MOST_NS, RETRY_NS
from flight.mobility.limits import Limits
from flight.mobility.pose import Pose, TravelHistory, interval_ns
from flight.mobility.slip import EstimatedSlip, MeasuredSlip, TurnSlip
from flight.persistence import Backoff
from flight.subsystems.mobility_config import MobilityConfig
from hal.api.clock import NS_PER_S
from hal.api.devices import GroundMotion
from hal.api.errors import DeviceError, NotReady
from hal.api.values import WHEELS, GroundMotionFix
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import SlipSource

LOST_NS: Final = 6 * NS_PER_S
"""Three fix intervals of motion without a valid fix."""
OLDEST_NS: Final = 15 * NS_PER_S
LONGEST_INTERVAL_S: Final = 3600.0


class GroundFix:
    """Slip and position corrections; without the device or its fixes, the estimate alone, flagged as such."""

    __slots__ = (
        "_backoff", "_board", "_device", "_enabled", "_estimate", "_events", "_history", "_limits", "_lost",
        "_measured", "_moved_ns", "_pose", "_sequence", "_turn", "fixes", "no_fix_m", "slip", "source",
    )  # fmt: skip

    def __init__(
        self, device: GroundMotion | None, config: MobilityConfig, limits: Limits, pose: Pose, context: Context
    ) -> None:
        self._device = device
        self._board = context.board
        self._limits = limits
        self._pose = pose
        self._history = TravelHistory()
        self._events = context.events
        self._backoff = Backoff(RETRY_NS, RETRY_MOST_NS)
        self._measured = MeasuredSlip()
        self._turn = TurnSlip(config)
        self._estimate = EstimatedSlip(config)
        self._enabled = False
        self._lost = False
        self._moved_ns = 0
        self._sequence = -1
        self.fixes = 0
        self.no_fix_m = 0.0
        """Wheel travel since the last valid fix or the start of this motion, whichever is later."""
        self.slip: float | None = None
        self.source = SlipSource.NONE

    @property
    def limit_reached(self) -> bool:
        """Driven as far without a fix as allowed; never so on a rover that has no such device."""
        return self._device is not None and self.no_fix_m >= self._limits.no_fix_m

    def begin(self, now_ns: int) -> None:
        """A motion starts: fixes on, nothing known about slip yet.  Ground has decided anew, so the 10 m begin anew."""
        self._measured.reset()
        self._turn.reset()
        self._estimate.reset()
        self._moved_ns = 0
        self.no_fix_m = 0.0
        self.slip, self.source = None, SlipSource.NONE
        self._history.add(now_ns, 0.0, 0.0)
        self._backoff.succeeded()
        self._enable(True, now_ns)

    def end(self, now_ns: int) -> None:
        """The motion is over: fixes off."""
        self._enable(False, now_ns)

    def moved(self, now_ns: int, forward_m: float, left_m: float) -> None:
        """Wheel travel of this tick."""
        self._history.add(now_ns, forward_m, left_m)
        self.no_fix_m += abs(forward_m)

    def turned(self, forward_m: float, wheel_rad: float, gyro_rad: float) -> None:
        """What wheels and gyro say of this tick."""
        self._turn.moved(forward_m, wheel_rad, gyro_rad)

    def poll(
        self, now_ns: int, dt_s: float, currents_a: tuple[float | None, ...], climb_rad: float, *, rolling: bool
    ) -> None:
        """Twice a second: take a new fix if there is one, and bring slip up to date."""
        if self._device is not None:
            if not self._enabled:
                self._enable(True, now_ns)
            fix = self._read(now_ns)
            if fix is not None and fix.sequence != self._sequence:
                self._sequence = fix.sequence
                self._take(fix, now_ns)
        if rolling:
            self._moved_ns += round(dt_s * NS_PER_S)
            self._estimate.update(currents_a, climb_rad, dt_s, self._motor_c(now_ns))
        if self._device is not None and self._moved_ns > LOST_NS:
            self._tell(True)
        self._choose(self._limits.slip_window_m)

    def _choose(self, window_m: float) -> None:
        """What was measured goes before what is only estimated."""
        turn = self._turn.value(window_m)
        measured = None if self._lost else self._measured.value(window_m)
        if turn is not None:
            self.slip, self.source = turn, SlipSource.GYRO
        elif measured is not None:
            self.slip, self.source = measured, SlipSource.GROUND_MOTION
        else:
            self.slip, self.source = self._estimate.value, SlipSource.ESTIMATE

    def _take(self, fix: GroundMotionFix, now_ns: int) -> None:
        """Use one new fix, unless it is invalid, ancient or beyond belief."""
        if not fix.valid or not 0 <= now_ns - fix.time_ns <= OLDEST_NS:
            return
        if not 0.0 <= fix.interval_s <= LONGEST_INTERVAL_S:  # also refuses NaN
            return
        travel = self._history.between(fix.time_ns - interval_ns(fix.interval_s), fix.time_ns)
        if travel is None:
            return
        forward_error, left_error = fix.forward_m - travel[0], fix.left_m - travel[1]
        bound = abs(travel[0]) * 1.5 + 0.1
        if not (abs(forward_error) <= bound and abs(left_error) <= bound):  # also refuses NaN
            return
        self._pose.correct(forward_error, left_error)
        self._measured.add(travel[0], fix.forward_m, self._limits.slip_window_m)
        self.fixes += 1
        self._tell(False)
        self.no_fix_m = 0.0
        self._moved_ns = 0

    def _motor_c(self, now_ns: int) -> float | None:
        """Mean temperature of the motors, None if any is not known."""
        thermal = fresh(self._board.thermal, now_ns)
        known = () if thermal is None else tuple(value for value in thermal.motors_c if value is not None)
        return sum(known) / len(known) if len(known) == len(WHEELS) else None

    def _tell(self, lost: bool) -> None:
        """Fixes are lost or back.  Only a fix brings them back: a new motion in the dark is as blind as the last."""
        if lost == self._lost:
            return
        self._lost = lost
        if lost:
            self._measured.reset()
        event = events.FIX_LOST if lost else events.FIX_RECOVERED
        self._events.emit(event, events.Travel(travelled_m=self.no_fix_m))

    def _read(self, now_ns: int) -> GroundMotionFix | None:
        if self._device is None or not self._enabled or not self._backoff.due(now_ns):
            return None
        try:
            fix = self._device.read()
        except NotReady:
            self._enabled = False  # before the first fix, or it lost its power since: switching on again does no harm
            return None
        except DeviceError:
            self._backoff.failed(now_ns)
            return None
        self._backoff.succeeded()
        return fix

    def _enable(self, on: bool, now_ns: int) -> None:
        if self._device is None or not self._backoff.due(now_ns):
            return
        try:
            self._device.enable(on)
            self._enabled = on
        except DeviceError:
            self._enabled = False
            self._backoff.failed(now_ns)
