"""Visual odometry: a displacement every two seconds while enabled, with 2 % noise, blind in the dark."""

from __future__ import annotations

import math

from hal.api.clock import NS_PER_S
from hal.api.errors import NotReady
from hal.api.values import GroundMotionFix
from sim_hal.clock import SimClock, Timer
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.world.world import World

INTERVAL_NS = 2 * NS_PER_S
_RELATIVE_NOISE = 0.02
_FLOOR_M = 0.0005  # sub-pixel jitter of a standing rover
_MIN_TEXTURE = 0.2


class VisualOdometer:
    """The lasting part: takes a picture every interval and compares it with the one before."""

    def __init__(self, clock: SimClock, world: World, noise: Noise) -> None:
        self._clock = clock
        self._world = world
        self._noise = noise
        self._timer: Timer | None = None
        self._last: tuple[int, float, float, float, float] | None = None
        self._sequence = 0
        self.fix: GroundMotionFix | None = None

    def enable(self, on: bool) -> None:
        """Begin or end taking pictures; the newest fix goes with the end."""
        if on == (self._timer is not None):
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self.fix = None
            return
        self._last = self._snapshot()
        self._timer = self._clock.every(INTERVAL_NS, self._take)

    def _snapshot(self) -> tuple[int, float, float, float, float]:
        motion = self._world.motion
        return self._clock.now_ns(), motion.x_m, motion.y_m, motion.z_m, motion.yaw_rad

    def _take(self) -> None:
        now_ns, x_m, y_m, z_m, yaw_rad = here = self._snapshot()
        if not self._world.load_on("nav", now_ns):
            self.enable(False)
            return
        before, self._last = self._last, here
        if before is None:
            return
        then_ns, x0_m, y0_m, z0_m, yaw0_rad = before
        middle = yaw0_rad + 0.5 * math.remainder(yaw_rad - yaw0_rad, math.tau)
        c, s = math.cos(middle), math.sin(middle)
        ahead, left = (x_m - x0_m) * c + (y_m - y0_m) * s, (y_m - y0_m) * c - (x_m - x0_m) * s
        ahead = math.copysign(math.hypot(ahead, z_m - z0_m), ahead)  # along the ground, as wheels measure it
        valid = self._world.sees_ground(_MIN_TEXTURE)
        self._sequence += 1
        self.fix = GroundMotionFix(
            time_ns=now_ns,
            sequence=self._sequence,
            valid=valid,
            forward_m=self._measured(ahead) if valid else 0.0,
            left_m=self._measured(left) if valid else 0.0,
            interval_s=(now_ns - then_ns) / NS_PER_S,
        )

    def _measured(self, true_m: float) -> float:
        return true_m * (1.0 + self._noise.bell(_RELATIVE_NOISE)) + self._noise.bell(_FLOOR_M)


class GroundMotionFrontEnd:
    """Implements `hal.api.devices.GroundMotion`."""

    def __init__(self, plug: Plug, world: World, odometer: VisualOdometer) -> None:
        self._plug = plug
        self._world = world
        self._odometer = odometer

    def enable(self, on: bool) -> None:
        now_ns = self._plug.now_ns()
        if on and not self._world.load_on("nav", now_ns):
            raise NotReady("ground_motion", "navigation computer unpowered")
        self._odometer.enable(on)

    def read(self) -> GroundMotionFix:
        self._plug.now_ns()
        if self._odometer.fix is None:
            raise NotReady("ground_motion", "no fix yet")
        return self._odometer.fix
