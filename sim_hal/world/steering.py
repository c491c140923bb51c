"""Four corner steering actuators: each turns at one rate towards its commanded angle and then holds it unpowered."""

from __future__ import annotations

from collections.abc import Sequence

from sim_hal.world.vehicle_file import SteeringSection

CORNER_COUNT = 4


class SteeringMotors:
    """Angles in the order of `hal.api.values.CORNERS`, rad, counter-clockwise positive."""

    __slots__ = ("_section", "angle_rad", "jammed", "moving", "power_w")

    def __init__(self, section: SteeringSection) -> None:
        self._section = section
        self.angle_rad: tuple[float, ...] = (0.0,) * CORNER_COUNT
        self.jammed = [False] * CORNER_COUNT
        """Set by a fault: the corner does not turn, its motor still pushes."""
        self.moving = False
        self.power_w = 0.0

    def step(self, dt_s: float, target_rad: Sequence[float]) -> None:
        """Advance by `dt_s` towards `target_rad` (four); targets beyond the end stops stop there."""
        if self.angle_rad == target_rad:
            self.moving = False
            self.power_w = 0.0
            return
        limit, reach = self._section.limit_rad, self._section.rate_rad_s * dt_s
        angles = []
        busy = 0
        for corner, before in enumerate(self.angle_rad):
            gap = max(-limit, min(limit, target_rad[corner])) - before
            busy += gap != 0.0
            angles.append(before if self.jammed[corner] else before + max(-reach, min(reach, gap)))
        self.angle_rad = tuple(angles)
        self.moving = busy > 0
        self.power_w = busy * self._section.power_w
