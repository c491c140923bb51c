"""What may end a motion from outside it: attitude, sensors, slip, link, temperature, power, limits."""

from __future__ import annotations

from typing import Final

from flight.blackboard import fresh
from flight.context import Context
from flight.loads import LoadRequests
from flight.mobility.inertial import Inertial
from flight.mobility.lasting import Lasting
from flight.mobility.limits import Limits
from flight.mobility.parts import Parts
from flight.mobility.wheel_checks import AHEAD_NS, COAST_NS, WheelChecks
from hal.api.clock import NS_PER_MS, NS_PER_S
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.areas.mobility_reports import SlipSource, StopReason, Wheel
from telemetry_defs.definitions import Mode

TILT_NS: Final = 500 * NS_PER_MS
ESTIMATE_NS: Final = 3 * NS_PER_S
"""An estimated slip must last longer than a measured one, which is a mean over half a metre already."""
CORNER_NS: Final = NS_PER_S
CORNER_RAD: Final = 0.35
"""A corner this far from its angle while the wheels turn does not hold it."""
COMMS_NS: Final = 3 * NS_PER_S
REST_NS: Final = 10 * NS_PER_S
"""After a wheel did not listen no motion begins for so long, or a stream of commands would give it power again."""


class TiltCheck:
    """Tilt against its three limits, standing or driving."""

    __slots__ = ("_context", "_inertial", "_limits", "_safe", "_stop", "_warn", "safe_wanted")

    def __init__(self, inertial: Inertial, limits: Limits, context: Context) -> None:
        self._inertial = inertial
        self._limits = limits
        self._context = context
        self._warn, self._stop, self._safe = Lasting(), Lasting(), Lasting()
        self.safe_wanted = False
        """The safety limit was passed; whoever sees it asks for SAFE once the wheels stand."""

    def begin(self) -> None:
        """A motion begins: a tilt that is there already counts again."""
        self._stop.reset()
        self._safe.reset()

    def run(self, now_ns: int, *, moving: bool) -> StopReason:
        """Tell of limits passed; SAFE above the last."""
        attitude, limits, sink = self._inertial.attitude, self._limits, self._context.events
        if not attitude.known:
            return StopReason.NONE  # its loss is another check
        tilt = attitude.tilt_rad
        egress = self._context.modes.mode is Mode.EGRESS
        if self._warn.lasted(tilt >= limits.tilt_warn_rad, now_ns, TILT_NS):
            sink.emit(events.TILT_HIGH, events.TiltLevel(tilt_rad=tilt))
        if self._safe.lasted(
            tilt >= (limits.egress_tilt_safe_rad if egress else limits.tilt_safe_rad), now_ns, TILT_NS
        ):
            sink.emit(events.TILT_SAFE, events.TiltLevel(tilt_rad=tilt))
            self.safe_wanted = True
            return StopReason.TILT
        stop_rad = limits.egress_tilt_stop_rad if egress else limits.tilt_stop_rad
        if moving and self._stop.lasted(tilt >= stop_rad, now_ns, TILT_NS):
            sink.emit(events.TILT_STOP, events.TiltLevel(tilt_rad=tilt))
            return StopReason.TILT
        return StopReason.NONE


class MotionChecks:
    """Run while a motion is active; the answer is why it must stop."""

    def __init__(self, context: Context, parts: Parts, loads: LoadRequests) -> None:
        self._context = context
        self._loads = loads
        self._limits = limits = parts.limits
        self._inertial = inertial = parts.inertial
        self._odometry = parts.odometry
        self._ground = parts.ground
        self._gate = gate = parts.gate
        self.tilt = TiltCheck(inertial, limits, context)
        self.wheels = WheelChecks(limits, gate.masked, context.events)
        self.embedded = False
        self._safe_wanted = False
        self._slip_warn, self._slip_stop, self._slip_safe = Lasting(), Lasting(), Lasting()
        self._corners, self._output = Lasting(), Lasting()
        self._link_ns = 0
        self._rest_until_ns = 0

    def cut_motors(self, now_ns: int) -> None:
        """A wheel does not listen: its motor loses its power, with all the others, and stays without for a while."""
        self._loads.request("motors", False)
        self._rest_until_ns = now_ns + REST_NS

    def rests(self, now_ns: int) -> bool:
        """No motion may begin yet."""
        return now_ns < self._rest_until_ns

    def begin(self, now_ns: int) -> None:
        """A motion begins."""
        self.tilt.begin()
        self.wheels.reset(now_ns)
        for check in (self._slip_warn, self._slip_stop, self._slip_safe, self._corners, self._output):
            check.reset()
        self._link_ns = now_ns

    def take_safe_wanted(self) -> bool:
        """True once after a limit was passed that asks for SAFE."""
        wanted = self._safe_wanted or self.tilt.safe_wanted
        self._safe_wanted = self.tilt.safe_wanted = False
        return wanted

    def fast(self, now_ns: int, *, rolling: bool) -> StopReason:
        """Ten times a second; `rolling` while the wheels are told to turn."""
        if not self._inertial.ok:
            return StopReason.IMU
        if self._odometry.lost:
            return StopReason.ENCODER
        reason, readings = self.tilt.run(now_ns, moving=True), self._odometry.readings
        if reason is not StopReason.NONE:
            return reason
        if rolling and readings is not None:
            return self.wheels.run(readings, self._gate.commanded, now_ns)
        return self.obeyed(now_ns)

    def ramping(self, now_ns: int) -> StopReason:
        """A motion ends already; what still ends it at once: the safety limit of tilt, a wheel that does not listen."""
        reason = self.tilt.run(now_ns, moving=False)
        return self.obeyed(now_ns, AHEAD_NS) if reason is StopReason.NONE else reason

    def obeyed(self, now_ns: int, for_ns: int = COAST_NS, *, masked_too: bool = False) -> StopReason:
        """Wheels that stand or come to a stop: do they?"""
        readings = self._odometry.readings
        if readings is None:
            return StopReason.NONE
        return self.wheels.follow(readings, self._gate.commanded, now_ns, for_ns, masked_too=masked_too)

    def slip(self, now_ns: int) -> StopReason:
        """Twice a second, after slip was brought up to date."""
        slip, source = self._ground.slip, self._ground.source
        if slip is None:
            return StopReason.NONE
        hold = ESTIMATE_NS if source is SlipSource.ESTIMATE else 0
        limits, sink = self._limits, self._context.events
        if self._slip_safe.lasted(slip >= limits.slip_safe, now_ns, hold):
            sink.emit(events.EMBEDDED, events.SlipLevel(slip=slip, source=source))
            self.embedded = True
            self._safe_wanted = True
            return StopReason.EMBEDDED
        if self._slip_stop.lasted(slip >= limits.slip_stop, now_ns, hold):
            sink.emit(events.SLIP_STOP, events.SlipLevel(slip=slip, source=source))
            return StopReason.SLIP
        if self._slip_warn.lasted(slip >= limits.slip_warn, now_ns, hold):
            sink.emit(events.SLIP_HIGH, events.SlipLevel(slip=slip, source=source))
        if self._ground.limit_reached:
            sink.emit(events.NO_FIX_LIMIT, events.Travel(travelled_m=self._ground.no_fix_m))
            return StopReason.NO_FIX
        return StopReason.NONE

    def corners(self, wanted_rad: tuple[float, ...], now_ns: int) -> StopReason:
        """Twice a second while rolling: do the corners hold their angles?"""
        off_rad = self._odometry.corners_off(wanted_rad)
        bad = off_rad is None or off_rad > CORNER_RAD
        if self._corners.lasted(bad, now_ns, CORNER_NS):
            self._context.events.emit(events.STEERING_LOST)
            return StopReason.STEERING
        return StopReason.NONE

    def output(self, taken: bool, now_ns: int) -> StopReason:
        """Every command to the wheels: refused for half a second means they stand by their hold time anyway."""
        if self._output.lasted(not taken, now_ns, TILT_NS):
            return StopReason.OUTPUT
        return StopReason.NONE

    def slow(self, now_ns: int) -> StopReason:
        """Once a second: link, temperatures, power."""
        sink = self._context.events
        if not self._loads.is_on("motors"):
            sink.emit(events.POWER_LOST)
            return StopReason.POWER
        if not motors_warm(self._context, now_ns):
            sink.emit(events.MOTORS_COLD)
            return StopReason.COLD
        hot = self.hot_motor(now_ns)
        if hot is not None:
            sink.emit(events.MOTORS_HOT, events.WheelOnly(wheel=hot))
            return StopReason.HOT
        return self._check_link(now_ns)

    def hot_motor(self, now_ns: int) -> Wheel | None:
        """The first usable motor above its limit."""
        thermal = fresh(self._context.board.thermal, now_ns)
        if thermal is None:
            return None  # stale temperatures have failed `motors_warm` already
        for wheel, temperature_c in zip(Wheel, thermal.motors_c, strict=True):
            if not self._gate.masked[wheel] and temperature_c is not None and temperature_c > self._limits.motor_hot_c:
                return wheel
        return None

    def _check_link(self, now_ns: int) -> StopReason:
        comms = fresh(self._context.board.comms, now_ns, COMMS_NS)
        if comms is not None and (comms.relay_locked or comms.local_locked):
            self._link_ns = now_ns
        elif now_ns - self._link_ns >= self._limits.link_ns:
            self._context.events.emit(events.LINK_LOST)
            return StopReason.LINK
        return StopReason.NONE


def motors_warm(context: Context, now_ns: int) -> bool:
    """True only if thermal says so, and says so now."""
    thermal = fresh(context.board.thermal, now_ns)
    return thermal is not None and thermal.motors_warm
