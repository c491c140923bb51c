"""Four corner steering actuators."""

from __future__ import annotations

from hal.api.errors import BadReading, NotReady
from hal.api.values import SteeringReadings
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.world.world import World

_ANGLE_NOISE_RAD = 0.004  # a 12-bit magnetic encoder behind some gear play


class SteeringFrontEnd:
    """Implements `hal.api.devices.Steering`."""

    def __init__(self, plug: Plug, world: World, noise: Noise) -> None:
        self._plug = plug
        self._world = world
        self._uniform = noise.uniform

    def command(self, angle_rad: tuple[float, ...], hold_ns: int) -> None:
        now_ns = self._need_power()
        if len(angle_rad) != 4:
            raise BadReading("steering", f"{len(angle_rad)} angles for four corners")
        self._world.command_steering(angle_rad, now_ns, hold_ns)

    def read(self) -> SteeringReadings:
        now_ns = self._need_power()
        uniform = self._uniform
        return SteeringReadings(
            time_ns=now_ns,
            angle_rad=tuple([angle + (uniform() - 0.5) * _ANGLE_NOISE_RAD for angle in self._world.steering.angle_rad]),
        )

    def make_safe(self) -> None:
        self._plug.now_ns()
        self._world.steer_command.release()

    def _need_power(self) -> int:
        now_ns = self._plug.now_ns()
        if not self._world.load_on("motors", now_ns):
            raise NotReady("steering", "unpowered")
        return now_ns
