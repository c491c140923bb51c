"""The names under which the truth is known to expectations and plots, as `world.NAME`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sim_hal.simulation import Simulation

VALUES: Final[Mapping[str, Callable[[Simulation], float]]] = MappingProxyType(
    {
        "x_m": lambda s: s.world.motion.x_m,
        "y_m": lambda s: s.world.motion.y_m,
        "z_m": lambda s: s.world.motion.z_m,
        "yaw_rad": lambda s: s.world.motion.yaw_rad,
        "pitch_rad": lambda s: s.world.motion.pitch_rad,
        "roll_rad": lambda s: s.world.motion.roll_rad,
        "tilt_rad": lambda s: s.world.motion.tilt_rad,
        "speed_m_s": lambda s: s.world.motion.speed_m_s,
        "slip": lambda s: s.world.motion.slip,
        "sinkage_m": lambda s: s.world.motion.sinkage_m,
        "distance_m": lambda s: s.world.motion.distance_m,
        "embedded": lambda s: float(s.world.motion.embedded),
        "wheels_turning": lambda s: float(s.world.wheels_turning),
        "wheel_current_max_a": lambda s: max(s.world.drive.current_a),
        "soc": lambda s: s.world.energy.battery.soc,
        "bus_voltage_v": lambda s: s.world.energy.bus.voltage_v,
        "battery_current_a": lambda s: s.world.energy.battery.current_a,
        "array_w": lambda s: s.world.energy.array.available_w,
        "array_used_w": lambda s: sum(volts * amps for volts, amps in s.world.array_faces()),
        "load_w": lambda s: s.world.energy.bus.load_w,
        "heater_w": lambda s: s.world.energy.heater_w,
        "battery_charge_below_zero_c_as": lambda s: s.world.energy.battery.charge_below_zero_c_as,
        "bus_dead": lambda s: float(s.world.energy.bus.dead),
        "battery_c": lambda s: s.world.energy.thermal.battery_c,
        "web_c": lambda s: s.world.energy.thermal.web_c,
        "shell_c": lambda s: s.world.energy.thermal.shell_c,
        "motor_min_c": lambda s: min(s.world.energy.thermal.motor_c),
        "motor_max_c": lambda s: max(s.world.energy.thermal.motor_c),
        "motor_cold_wear_rad": lambda s: sum(s.world.drive.cold_wear_rad),
        "sun_elevation_rad": lambda s: s.world.view.sun_elevation_rad,
        "sunlit": lambda s: s.world.view.lit_fraction,
        "earth_elevation_rad": lambda s: s.world.view.earth_elevation_rad,
        "relay_visible": lambda s: float(s.links["relay"].channel.is_open),
        "local_visible": lambda s: float(s.links["local"].channel.is_open),
        "computer_on": lambda s: float(s.computer_on),
        "receiver_on": lambda s: float(s.listening("relay") or s.listening("local")),
        "released": lambda s: float(s.world.released),
    }
)
"""One function for each name; flags are 0.0 or 1.0, units are in the names."""
NAMES: Final = tuple(VALUES)


def sources(simulation: Simulation) -> dict[str, Callable[[], float]]:
    """The values of one simulation, each ready to be read."""
    return {name: partial(value, simulation) for name, value in VALUES.items()}
