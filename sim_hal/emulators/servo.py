"""A hobby servo on an output of an emulated PCA9685: it turns at one rate towards its pulse, and is limp without."""

from __future__ import annotations

from hal.api.clock import NS_PER_S
from hal.api.wiring import ServoWiring
from sim_hal.emulators.pca9685 import Pca9685Chip


class FreeServo:
    """Nothing resists it.  Its angle is worked out when asked for; call `run_to` before its pulse changes."""

    def __init__(self, chip: Pca9685Chip, wiring: ServoWiring, rate_rad_s: float, angle_rad: float = 0.0) -> None:
        self._chip = chip
        self._wiring = wiring
        self._rate_rad_s = rate_rad_s
        self._angle_rad = angle_rad
        self._seen_ns = 0
        self._target_rad: float | None = None

    def run_to(self, now_ns: int) -> float:
        """Turn up to now towards the pulse that it has had since the last call; returns the angle, rad."""
        reach_rad = self._rate_rad_s * (now_ns - self._seen_ns) / NS_PER_S
        self._seen_ns = now_ns
        if self._target_rad is not None:
            gap_rad = self._target_rad - self._angle_rad
            self._angle_rad += max(-reach_rad, min(reach_rad, gap_rad))
        pulse_us = self._chip.pulse_us(self._wiring.channel, now_ns)
        self._target_rad = None if pulse_us is None else self._towards(pulse_us)
        return self._angle_rad

    def _towards(self, pulse_us: float) -> float:
        wiring = self._wiring
        return (pulse_us - wiring.centre_us) / (wiring.sign * wiring.us_per_rad)
