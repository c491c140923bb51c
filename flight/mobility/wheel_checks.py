"""Each wheel's own checks while the rover drives: silent encoder, running ahead, stall, warm current, obstacle."""

from __future__ import annotations

import math
from typing import Final

from flight.context import EventSink
from flight.mobility.limits import Limits
from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.values import WheelReadings
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import StallCause, StopReason, Wheel

ENCODER_NS: Final = 500 * NS_PER_MS
AHEAD_NS: Final = 1000 * NS_PER_MS
COAST_NS: Final = 2000 * NS_PER_MS
"""A wheel that is told to stand may run down for so long."""
AHEAD_RAD_S: Final = 0.25
AHEAD_SHARE: Final = 0.2
"""A wheel faster than it is told by these two does not listen: regulation is better, a shorted bridge faster."""
WARN_NS: Final = 1000 * NS_PER_MS
OBSTACLE_NS: Final = 500 * NS_PER_MS
SETTLE_NS: Final = 3000 * NS_PER_MS
"""Starting currents die out before the usual current of a wheel is known."""
SLOW_RAD_S: Final = 0.03
"""Below this commanded speed a wheel may seem to stand between two looks."""
PROGRESS_RAD: Final = 0.02
RECOUNTED_RAD: Final = 20.0
"""No wheel turns this far back within a stall time: its encoder was counted anew."""
NOT_YET_RAD: Final = float("nan")
"""The angle of a wheel before the first look: no step from there is small or large."""
USUAL_GAIN: Final = 0.01
"""At ten readings a second a wheel's usual current follows within 10 s."""


class WheelCheck:
    """State of one wheel's checks."""

    __slots__ = (
        "_angle_rad", "_fast_ns", "_moved_ns", "_over_ns", "_rise_ns", "_silent_ns", "_usual_a", "_warm_ns", "_warned",
        "wheel",
    )  # fmt: skip

    def __init__(self, wheel: Wheel) -> None:
        self.wheel = wheel
        self.reset(0)

    def reset(self, now_ns: int) -> None:
        """A motion begins."""
        self._angle_rad = NOT_YET_RAD
        self._moved_ns = now_ns
        self._fast_ns = self._over_ns = self._rise_ns = self._silent_ns = self._warm_ns = -1
        self._usual_a: float | None = None
        self._warned = False

    def well(self, angle_rad: float, current_a: float, commanded_rad_s: float, calm_a: float, now_ns: int) -> bool:
        """True, having noted it, if nothing at all is the matter: the common case, in one look.

        `calm_a` is a current below every limit.
        """
        usual, step = self._usual_a, angle_rad - self._angle_rad
        ahead = step if commanded_rad_s > 0.0 else -step
        # Written so that a NaN is never well.
        if (
            usual is None
            or not current_a < calm_a
            or not PROGRESS_RAD <= ahead <= self._most_rad(commanded_rad_s, now_ns)
            or -SLOW_RAD_S < commanded_rad_s < SLOW_RAD_S
        ):
            return False
        self._usual_a = usual + USUAL_GAIN * (current_a - usual)
        self._angle_rad = angle_rad
        self._moved_ns = now_ns
        self._fast_ns = self._over_ns = self._rise_ns = self._silent_ns = self._warm_ns = -1
        return True

    def _most_rad(self, commanded_rad_s: float, now_ns: int) -> float:
        """How far a wheel that listens may have turned since it was last seen to, rad."""
        return ((1.0 + AHEAD_SHARE) * abs(commanded_rad_s) + AHEAD_RAD_S) * (now_ns - self._moved_ns) / NS_PER_S

    def silent(self, angle_rad: float | None, now_ns: int) -> bool:
        """True once the wheel has given no readings for half a second."""
        if angle_rad is not None and angle_rad == angle_rad:  # noqa: PLR0124 - NaN is the only value unequal to itself
            self._silent_ns = -1
            return False
        if self._silent_ns < 0:
            self._silent_ns = now_ns
        return now_ns - self._silent_ns >= ENCODER_NS

    def ahead(self, angle_rad: float, commanded_rad_s: float, now_ns: int, for_ns: int) -> bool:
        """True once the wheel has run ahead of its command, or against it, for `for_ns`; asked before `still`."""
        step = angle_rad - self._angle_rad
        ahead = step if commanded_rad_s > 0.0 else -step
        least, most = -self._most_rad(0.0, now_ns), self._most_rad(commanded_rad_s, now_ns)
        if least <= ahead <= most or not -RECOUNTED_RAD < ahead < RECOUNTED_RAD:  # a NaN is outside both
            self._fast_ns = -1
            return False
        if self._fast_ns < 0:
            self._fast_ns = now_ns
        self.note(angle_rad, now_ns)  # one jump of an encoder is one fast look
        return now_ns - self._fast_ns >= for_ns

    def still(self, angle_rad: float, commanded_rad_s: float, now_ns: int, stall_ns: int) -> bool:
        """True if the wheel is told to turn but has not for the stall time, or only the other way."""
        step = angle_rad - self._angle_rad
        ahead = step if commanded_rad_s > 0.0 else -step
        if not -SLOW_RAD_S < commanded_rad_s < SLOW_RAD_S and -RECOUNTED_RAD < ahead < PROGRESS_RAD:
            return now_ns - self._moved_ns >= stall_ns
        self.note(angle_rad, now_ns)
        return False

    def note(self, angle_rad: float, now_ns: int) -> None:
        """Where it is now; progress counts from here."""
        self._angle_rad = angle_rad
        self._moved_ns = now_ns

    def overloaded(self, current_a: float, now_ns: int, limits: Limits) -> bool:
        """True once the current has been at the stall limit for the stall time."""
        if current_a < limits.current_stop_a:
            self._over_ns = -1
            return False
        if self._over_ns < 0:
            self._over_ns = now_ns
        return now_ns - self._over_ns >= limits.stall_ns

    def warm(self, current_a: float, now_ns: int, limits: Limits) -> bool:
        """True once per motion, when the current has been at the warning limit for a second."""
        if current_a < limits.current_warn_a:
            self._warm_ns = -1
            return False
        if self._warm_ns < 0:
            self._warm_ns = now_ns
        if self._warned or now_ns - self._warm_ns < WARN_NS:
            return False
        self._warned = True
        return True

    def blocked(self, current_a: float, now_ns: int, limits: Limits) -> bool:
        """True if the current stays above the wheel's own mean by the obstacle rise for half a second."""
        usual = self._usual_a
        if usual is None:
            self._usual_a = current_a
            return False
        if current_a - usual < limits.obstacle_rise_a:
            self._usual_a = usual + USUAL_GAIN * (current_a - usual)
            self._rise_ns = -1
            return False
        if self._rise_ns < 0:
            self._rise_ns = now_ns
        return now_ns - self._rise_ns >= OBSTACLE_NS


class WheelChecks:
    """All six."""

    __slots__ = ("_checks", "_events", "_limits", "_masked", "_settled_ns")

    def __init__(self, limits: Limits, masked: list[bool], sink: EventSink) -> None:
        self._limits = limits
        self._masked = masked
        self._events = sink
        self._checks = tuple(WheelCheck(wheel) for wheel in Wheel)
        self._settled_ns = 0

    def reset(self, now_ns: int) -> None:
        """The wheels are about to turn."""
        self._settled_ns = now_ns + SETTLE_NS
        for check in self._checks:
            check.reset(now_ns)

    def run(self, readings: WheelReadings, commanded_rad_s: tuple[float, ...], now_ns: int) -> StopReason:
        """Check one set of readings; the first wheel that fails decides."""
        masked, angles, currents = self._masked, readings.angle_rad, readings.current_a
        settled = now_ns >= self._settled_ns
        limits = self._limits
        calm = min(limits.current_warn_a, limits.current_stop_a, limits.obstacle_rise_a) if settled else 0.0
        for number, check in enumerate(self._checks):
            if masked[number]:
                continue
            angle, current, commanded = angles[number], currents[number], commanded_rad_s[number]
            if angle is not None and current is not None and check.well(angle, current, commanded, calm, now_ns):
                continue
            if check.silent(angle, now_ns):
                self._events.emit(events.ENCODER_LOST, events.WheelOnly(wheel=check.wheel))
                return StopReason.ENCODER
            if angle is not None and check.ahead(angle, commanded, now_ns, AHEAD_NS):
                return self._runs_away(check.wheel)
            if angle is not None and check.still(angle, commanded, now_ns, limits.stall_ns):
                return self._stalled(check.wheel, StallCause.STILL, current)
            if current is not None:
                reason = self._check_current(check, current, now_ns, settled)
                if reason is not StopReason.NONE:
                    return reason
        return StopReason.NONE

    def follow(
        self, readings: WheelReadings, commanded_rad_s: tuple[float, ...], now_ns: int, for_ns: int, *, masked_too: bool
    ) -> StopReason:
        """While the wheels stand or come to a stop: whether they do.  No current, no progress is expected of them."""
        for number, check in enumerate(self._checks):
            angle = readings.angle_rad[number]
            if angle is None or math.isnan(angle) or (self._masked[number] and not masked_too):
                continue
            if check.ahead(angle, commanded_rad_s[number], now_ns, for_ns):
                return self._runs_away(check.wheel)
            check.note(angle, now_ns)
        return StopReason.NONE

    def _check_current(self, check: WheelCheck, current_a: float, now_ns: int, settled: bool) -> StopReason:
        limits = self._limits
        if check.overloaded(current_a, now_ns, limits):
            return self._stalled(check.wheel, StallCause.CURRENT, current_a)
        if check.warm(current_a, now_ns, limits):
            self._events.emit(events.CURRENT_HIGH, events.WheelCurrent(wheel=check.wheel, current_a=current_a))
        # A current at the stall limit is the stall check's business: it tells a jammed wheel from a rock.
        if settled and current_a < limits.current_stop_a and check.blocked(current_a, now_ns, limits):
            self._events.emit(events.OBSTACLE, events.WheelCurrent(wheel=check.wheel, current_a=current_a))
            return StopReason.OBSTACLE
        return StopReason.NONE

    def _runs_away(self, wheel: Wheel) -> StopReason:
        self._events.emit(events.RUNAWAY, events.WheelOnly(wheel=wheel))
        return StopReason.RUNAWAY

    def _stalled(self, wheel: Wheel, cause: StallCause, current_a: float | None) -> StopReason:
        self._events.emit(events.STALL, events.Stall(wheel=wheel, cause=cause, current_a=current_a))
        return StopReason.STALL
