"""What the world and the wires of an emulated rover are doing, for whoever watches from outside."""

from __future__ import annotations

import msgspec

from hal.api.clock import NS_PER_S
from hal.api.values import WHEELS
from sim_hal.simulation import Simulation


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `status`, as one line of JSON."""

    t_s: float
    x_m: float
    y_m: float
    yaw_rad: float
    wheels_rad_s: dict[str, float]
    """True speed of each wheel."""
    lines: dict[str, dict[str, bool]]
    """Levels by GPIO bus and line, true is high."""
    loads: dict[str, bool]
    heaters: dict[str, bool]


def status_of(simulation: Simulation) -> Status:
    """Now."""
    world, bay, now_ns = simulation.world, simulation.bay, simulation.clock.now_ns()
    pins = {} if bay is None else bay.gpio
    return Status(
        t_s=now_ns / NS_PER_S,
        x_m=world.motion.x_m,
        y_m=world.motion.y_m,
        yaw_rad=world.motion.yaw_rad,
        wheels_rad_s=dict(zip(WHEELS, world.drive.speed_rad_s, strict=True)),
        lines={name: {str(line): high for line, high in bus.levels().items()} for name, bus in pins.items()},
        loads={name: world.loads.on(name, now_ns) for name in world.loads.names},
        heaters={name: world.heaters.on(name, now_ns) for name in world.heaters.names},
    )
