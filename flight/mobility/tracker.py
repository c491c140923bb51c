"""Where the rover is and what it has done of its motion, from one round of readings."""

from __future__ import annotations

from flight.mobility.ground_fix import GroundFix
from flight.mobility.guides import Progress
from flight.mobility.inertial import Inertial
from flight.mobility.odometry import Odometry


class Tracker:
    """Dead reckoning: travel by the wheels, heading by the gyro, or by the wheels while the gyro is silent."""

    __slots__ = ("_ground", "_inertial", "_odometry", "_progress")

    def __init__(self, inertial: Inertial, odometry: Odometry, ground: GroundFix, progress: Progress) -> None:
        self._inertial = inertial
        self._odometry = odometry
        self._ground = ground
        self._progress = progress

    def sense(self, now_ns: int, *, powered: bool, rests: bool) -> None:
        """Read and reckon; `powered` if the wheels can be read, `rests` if nothing moves."""
        turn = self._inertial.sample(now_ns, at_rest=rests)
        if not powered:
            return
        progress = self._progress
        self._odometry.read_wheels(now_ns)
        forward, left, rolled = self._odometry.increment()
        if turn is None:
            turn = rolled
        else:
            self._ground.turned(forward, rolled, turn)
        progress.pose.move(forward, left, turn, self._inertial.level)
        progress.travelled_m += abs(forward)
        progress.turned_rad += turn
        progress.rolled_rad += abs(rolled)
        self._ground.moved(now_ns, forward, left)
