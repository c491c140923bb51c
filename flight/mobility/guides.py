"""Where each simple motion wants to go next: arc, turn on the spot, rate.  `waypoint` holds the drive to a waypoint."""

from __future__ import annotations

import math
from enum import Enum
from typing import Protocol

from flight.mobility.pose import Pose
from telemetry_defs.areas.mobility_reports import MotionKind

Twist = tuple[float, float]
"""Forward speed, m/s, and yaw rate, rad/s."""
TURN_ARM_M = 0.4
"""A yaw rate times this is about the speed of the corner wheels; ramps treat it like a speed."""


class Progress:
    """What has been done of a motion, and how fast it goes now."""

    __slots__ = ("accel_m_s2", "pose", "rolled_rad", "speed_m_s", "travelled_m", "turned_rad", "yaw_rate_rad_s")

    def __init__(self, pose: Pose, accel_m_s2: float) -> None:
        self.pose = pose
        self.accel_m_s2 = accel_m_s2
        self.reset()

    def reset(self) -> None:
        """A motion begins."""
        self.travelled_m = 0.0
        """Wheel travel of the body's origin, never falling."""
        self.turned_rad = 0.0
        """Change of heading by the gyro, signed."""
        self.rolled_rad = 0.0
        """Change of heading that the wheels rolled, never falling: more than the gyro's when they slip."""
        self.speed_m_s = 0.0
        self.yaw_rate_rad_s = 0.0

    def slew(self, target: Twist, dt_s: float) -> None:
        """Move the commanded twist towards `target` by one step of the ramp, along the straight line between."""
        dv, dw = target[0] - self.speed_m_s, target[1] - self.yaw_rate_rad_s
        gap = max(abs(dv), abs(dw) * TURN_ARM_M)
        step = self.accel_m_s2 * dt_s
        if gap <= step:
            self.speed_m_s, self.yaw_rate_rad_s = target
        else:
            self.speed_m_s += dv * step / gap
            self.yaw_rate_rad_s += dw * step / gap

    @property
    def braking_m(self) -> float:
        """Travel of a stop from here."""
        return self.speed_m_s * self.speed_m_s / (2.0 * self.accel_m_s2)

    @property
    def braking_rad(self) -> float:
        """Turn of a stop from here."""
        return self.yaw_rate_rad_s * self.yaw_rate_rad_s * TURN_ARM_M / (2.0 * self.accel_m_s2)


class LegEnd(Enum):
    """What follows when a leg of a motion has come to its stop."""

    REACHED = 1
    GO_ON = 2
    CHECK = 3
    NOT_CONVERGING = 4
    EXPIRED = 5


class Guide(Protocol):
    """One motion's idea of where to go."""

    kind: MotionKind
    max_travel_m: float
    """More wheel travel than this is a fault."""
    max_rolled_rad: float

    def demand(self, progress: Progress, now_ns: int) -> Twist | None:
        """The twist wanted now, None to stop at the end of this leg."""
        ...

    def leg_end(self, progress: Progress) -> LegEnd:
        """Called when the rover has come to a stop at the end of a leg."""
        ...

    def remaining_m(self, progress: Progress) -> float:
        """Distance left, m."""
        ...


class Arc:
    """A circular arc of given length."""

    __slots__ = ("_distance_m", "_twist", "kind", "max_rolled_rad", "max_travel_m")

    def __init__(self, kind: MotionKind, curvature_1_m: float, distance_m: float, speed_m_s: float) -> None:
        speed = math.copysign(speed_m_s, distance_m)
        self.kind = kind
        self._distance_m = abs(distance_m)
        self._twist = (speed, speed * curvature_1_m)
        self.max_travel_m = self._distance_m + 0.2
        self.max_rolled_rad = math.inf

    def demand(self, progress: Progress, now_ns: int) -> Twist | None:
        left_m = self._distance_m - progress.travelled_m
        return self._twist if left_m > progress.braking_m else None

    def leg_end(self, progress: Progress) -> LegEnd:
        return LegEnd.REACHED

    def remaining_m(self, progress: Progress) -> float:
        return max(0.0, self._distance_m - progress.travelled_m)


class Turn:
    """A turn on the spot by the gyro."""

    __slots__ = ("_angle_rad", "_rate_rad_s", "kind", "max_rolled_rad", "max_travel_m")

    def __init__(self, angle_rad: float, rate_rad_s: float) -> None:
        self.kind = MotionKind.TURN
        self._angle_rad = angle_rad
        self._rate_rad_s = math.copysign(rate_rad_s, angle_rad)
        self.max_travel_m = 1.0
        self.max_rolled_rad = 2.0 * abs(angle_rad) + 0.5

    def demand(self, progress: Progress, now_ns: int) -> Twist | None:
        left_rad = abs(self._angle_rad) - math.copysign(progress.turned_rad, progress.turned_rad * self._angle_rad)
        return (0.0, self._rate_rad_s) if left_rad > progress.braking_rad else None

    def leg_end(self, progress: Progress) -> LegEnd:
        return LegEnd.REACHED

    def remaining_m(self, progress: Progress) -> float:
        return 0.0


class Rate:
    """A rate kept until its dead-man time ends; refreshed by each new command."""

    __slots__ = ("_twist", "_until_ns", "kind", "max_rolled_rad", "max_travel_m")

    def __init__(self, twist: Twist, until_ns: int) -> None:
        self.kind = MotionKind.DRIVE
        self._twist = twist
        self._until_ns = until_ns
        self.max_travel_m = math.inf
        self.max_rolled_rad = math.inf

    def refresh(self, twist: Twist, until_ns: int) -> None:
        """Another command came."""
        self._twist = twist
        self._until_ns = until_ns

    def demand(self, progress: Progress, now_ns: int) -> Twist | None:
        return self._twist if now_ns < self._until_ns else None

    def leg_end(self, progress: Progress) -> LegEnd:
        return LegEnd.EXPIRED

    def remaining_m(self, progress: Progress) -> float:
        return 0.0
