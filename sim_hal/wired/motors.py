"""Wheel motors behind emulated RoboClaws: what their encoders see, and what the units make the wheels do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.values import WHEELS
from hal.api.wiring import WheelsWiring
from sim_hal.devices.wheels import CURRENT_NOISE_A
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from sim_hal.noise import Noise
from sim_hal.world.world import STILL, World

CHANNELS: Final = ("m1", "m2")


class WheelShaft:
    """Implements `sim_hal.emulators.roboclaw_motor.MotorTruth`: one wheel, counted as it is wired."""

    def __init__(self, world: World, wheel: int, counts_per_rad: float, sign: int, noise: Noise) -> None:
        self._drive = world.drive
        self._wheel = wheel
        self._scale = sign * counts_per_rad
        self._uniform = noise.uniform

    def counts(self) -> int:
        return int(self._drive.angle_rad[self._wheel] * self._scale)

    def counts_s(self) -> float:
        return self._drive.speed_rad_s[self._wheel] * self._scale

    def current_a(self) -> float:
        return self._drive.current_a[self._wheel] + (self._uniform() - 0.5) * CURRENT_NOISE_A


class WheelDemand:
    """What all units together make the wheels do; stands in for the hold time that `World` has at device depth."""

    def __init__(self, wheels: WheelsWiring, units: tuple[RoboclawUnit, ...], full_rad_s: float) -> None:
        """`full_rad_s`: speed of a wheel at full duty without load."""
        self._per_count = 1.0 / wheels.counts_per_rad
        self._full_rad_s = full_rad_s
        self._outputs: list[tuple[RoboclawUnit, int, int]] = [(units[0], 0, 1)] * len(WHEELS)
        for wiring, unit in zip(wheels.units, units, strict=True):
            for channel, key in enumerate(CHANNELS):
                wheel = WHEELS.index(getattr(wiring, key))
                self._outputs[wheel] = (unit, channel, getattr(wiring, f"{key}_sign"))

    def at(self, now_ns: int) -> tuple[float, ...]:
        speeds = tuple([self._speed(unit, channel, now_ns) * sign for unit, channel, sign in self._outputs])
        return speeds if any(speeds) else STILL

    def release(self) -> None:
        """Motor controllers go on without a computer, until their own timeout."""

    def _speed(self, unit: RoboclawUnit, channel: int, now_ns: int) -> float:
        demand = unit.demand(channel, now_ns)
        if demand.kind == "speed":
            return demand.value * self._per_count
        return demand.value * self._full_rad_s if demand.kind == "duty" else 0.0


def make_units(
    world: World, wiring: WheelsWiring, noise: Noise, changed: Callable[[], None]
) -> tuple[RoboclawUnit, ...]:
    """One emulated unit for each that is wired."""

    def shaft(wheel: str, sign: int) -> WheelShaft:
        return WheelShaft(world, WHEELS.index(wheel), wiring.counts_per_rad, sign, noise)

    return tuple(
        RoboclawUnit(
            unit.address,
            (shaft(unit.m1, unit.m1_sign), shaft(unit.m2, unit.m2_sign)),
            together=False,  # whether a 2x7A knows both encoders in one command is not told anywhere
            changed=changed,
        )
        for unit in wiring.units
    )
