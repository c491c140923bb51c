"""Six wheel drives: commands last as long as their hold, encoders and currents come from the motors' truth."""

from __future__ import annotations

from hal.api.errors import BadReading, NotReady
from hal.api.values import WheelReadings
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.world.world import World

_ANGLE_STEPS_RAD = 8192 / 6.283185307179586
"""Encoder counts per radian at the hub."""
CURRENT_NOISE_A = 0.004


class WheelFrontEnd:
    """Implements `hal.api.devices.WheelDrives`."""

    def __init__(self, plug: Plug, world: World, noise: Noise) -> None:
        self._plug = plug
        self._world = world
        self._uniform = noise.uniform

    def command(self, speed_rad_s: tuple[float, ...], hold_ns: int) -> None:
        now_ns = self._need_power()
        if len(speed_rad_s) != 6:
            raise BadReading("wheels", f"{len(speed_rad_s)} speeds for six wheels")
        self._world.command_wheels(speed_rad_s, now_ns, hold_ns)

    def read(self) -> WheelReadings:
        now_ns = self._need_power()
        drive = self._world.drive
        zero = self._world.encoder_zero_rad()
        uniform = self._uniform
        return WheelReadings(
            time_ns=now_ns,
            angle_rad=tuple(
                [
                    int((angle - start) * _ANGLE_STEPS_RAD) / _ANGLE_STEPS_RAD
                    for angle, start in zip(drive.angle_rad, zero, strict=True)
                ]
            ),
            speed_rad_s=tuple(drive.speed_rad_s),
            current_a=tuple([amps + (uniform() - 0.5) * CURRENT_NOISE_A for amps in drive.current_a]),
        )

    def make_safe(self) -> None:
        self._plug.now_ns()
        self._world.wheel_command.release()

    def _need_power(self) -> int:
        now_ns = self._plug.now_ns()
        if not self._world.load_on("motors", now_ns):
            raise NotReady("wheels", "unpowered")
        return now_ns
