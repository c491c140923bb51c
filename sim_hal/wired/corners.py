"""Steering servos behind an emulated PCA9685: pulses become the angles that the corners are asked for."""

from __future__ import annotations

from hal.api.values import CORNERS
from hal.api.wiring import SteeringWiring
from sim_hal.emulators.pca9685 import Pca9685Chip
from sim_hal.world.world import World


class CornerDemand:
    """Stands in for the hold time that `World` has at device depth: a servo holds its pulse, and is limp without."""

    def __init__(self, world: World, wiring: SteeringWiring, chip: Pca9685Chip) -> None:
        self._world = world
        self._chip = chip
        self._servos = tuple(wiring.corners[corner] for corner in CORNERS)

    def at(self, now_ns: int) -> tuple[float, ...] | None:
        """None when every servo is limp; a single limp one is asked for the angle that it has."""
        pulses = [self._chip.pulse_us(servo.channel, now_ns) for servo in self._servos]
        if pulses == [None] * len(pulses):
            return None
        has_rad = self._world.steering.angle_rad
        return tuple(
            [
                before if pulse is None else servo.sign * (pulse - servo.centre_us) / servo.us_per_rad
                for pulse, servo, before in zip(pulses, self._servos, has_rad, strict=True)
            ]
        )

    def release(self) -> None:
        """The chip goes on without a computer."""

    def changed(self, now_ns: int) -> None:
        """Pulses may be others: let the corners follow."""
        self._world.run_motion()
