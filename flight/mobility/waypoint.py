"""Driving to a waypoint: legs of at most one step, each begun by facing the goal, with a stop and a check between."""

from __future__ import annotations

import math

from flight.mobility.guides import LegEnd, Progress, Twist
from flight.mobility.limits import Limits
from flight.mobility.pose import Pose, wrap
from telemetry_defs.areas.mobility_reports import MotionKind

FACE_RAD = 0.2
"""A heading further off than this is turned away on the spot, a smaller one steered away on the move."""
FACED_RAD = 0.03
TURN_RATE_RAD_S = 0.07
"""Corner wheels at about 3 cm/s."""
MAX_CURVATURE_1_M = 1.0
LOOK_AHEAD_M = 1.0
"""Pursuit aims no nearer than this, or the last decimetre would be a curl."""
SPARE_LEGS = 6
"""Legs beyond the number that the distance needs, for facing the goal anew and for what slip takes."""


class Waypoint:
    """Guide to (x, y).

    A leg either turns towards the goal or drives: pure pursuit along the arc through the goal
    (Coulter 1992, CMU-RI-TR-92-01).
    """

    __slots__ = (
        "_arrival_m", "_facing", "_leg_start_m", "_legs_left", "_speed_m_s", "_step_m", "_x_m", "_y_m", "kind",
        "max_rolled_rad", "max_travel_m", "steps",
    )  # fmt: skip

    def __init__(self, x_m: float, y_m: float, speed_m_s: float, pose: Pose, limits: Limits) -> None:
        self.kind = MotionKind.DRIVE_TO
        self._x_m = x_m
        self._y_m = y_m
        self._speed_m_s = speed_m_s
        self._arrival_m = limits.arrival_m
        self._step_m = limits.step_m
        self._leg_start_m = 0.0
        self.steps = 0
        distance = math.hypot(x_m - pose.x_m, y_m - pose.y_m)
        self.max_travel_m = 1.5 * distance + 1.0
        self._legs_left = math.ceil(distance / limits.step_m) + SPARE_LEGS
        self.max_rolled_rad = math.tau * self._legs_left
        self._facing = False
        self._choose_leg(pose, 0.0)

    def demand(self, progress: Progress, now_ns: int) -> Twist | None:
        distance, error = self._aim(progress.pose)
        if self._facing:
            if abs(error) <= FACED_RAD + progress.braking_rad:
                return None
            return 0.0, math.copysign(TURN_RATE_RAD_S, error)
        ahead = min(distance * math.cos(error), self._step_m - (progress.travelled_m - self._leg_start_m))
        if ahead <= progress.braking_m:
            return None
        curvature = 2.0 * math.sin(error) / max(distance, LOOK_AHEAD_M)
        curvature = max(-MAX_CURVATURE_1_M, min(MAX_CURVATURE_1_M, curvature))
        return self._speed_m_s, self._speed_m_s * curvature

    def leg_end(self, progress: Progress) -> LegEnd:
        was_facing = self._facing
        distance, _ = self._aim(progress.pose)
        if distance <= self._arrival_m:
            return LegEnd.REACHED
        self._legs_left -= not was_facing
        if self._legs_left <= 0:
            return LegEnd.NOT_CONVERGING
        self._choose_leg(progress.pose, progress.travelled_m)
        if was_facing:
            self._facing = False  # what is still off is steered away on the move
            return LegEnd.GO_ON
        self.steps += 1
        return LegEnd.CHECK

    def remaining_m(self, progress: Progress) -> float:
        return self._aim(progress.pose)[0]

    def _choose_leg(self, pose: Pose, travelled_m: float) -> None:
        self._leg_start_m = travelled_m
        self._facing = abs(self._aim(pose)[1]) > FACE_RAD

    def _aim(self, pose: Pose) -> tuple[float, float]:
        """Distance to the goal and heading error towards it, rad, positive when it lies to the left."""
        dx, dy = self._x_m - pose.x_m, self._y_m - pose.y_m
        return math.hypot(dx, dy), wrap(math.atan2(dy, dx) - pose.yaw_rad)
