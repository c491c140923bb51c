"""The names under which the truth is known to expectations and plots, as `world.NAME`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim_hal.simulation import Simulation


def sources(simulation: Simulation) -> dict[str, Callable[[], float]]:
    """One function for each name; flags are 0.0 or 1.0, units are in the names."""
    world = simulation.world
    motion, view, energy = world.motion, world.view, world.energy
    bus, battery, thermal = energy.bus, energy.battery, energy.thermal
    links = simulation.links
    return {
        "x_m": lambda: motion.x_m,
        "y_m": lambda: motion.y_m,
        "z_m": lambda: motion.z_m,
        "yaw_rad": lambda: motion.yaw_rad,
        "pitch_rad": lambda: motion.pitch_rad,
        "roll_rad": lambda: motion.roll_rad,
        "tilt_rad": lambda: motion.tilt_rad,
        "speed_m_s": lambda: motion.speed_m_s,
        "slip": lambda: motion.slip,
        "sinkage_m": lambda: motion.sinkage_m,
        "distance_m": lambda: motion.distance_m,
        "embedded": lambda: float(motion.embedded),
        "wheels_turning": lambda: float(world.wheels_turning),
        "wheel_current_max_a": lambda: max(world.drive.current_a),
        "soc": lambda: battery.soc,
        "bus_voltage_v": lambda: bus.voltage_v,
        "battery_current_a": lambda: battery.current_a,
        "array_w": lambda: energy.array.available_w,
        "array_used_w": lambda: sum(volts * amps for volts, amps in world.array_faces()),
        "load_w": lambda: bus.load_w,
        "heater_w": lambda: energy.heater_w,
        "battery_charge_below_zero_c_as": lambda: battery.charge_below_zero_c_as,
        "bus_dead": lambda: float(bus.dead),
        "battery_c": lambda: thermal.battery_c,
        "web_c": lambda: thermal.web_c,
        "shell_c": lambda: thermal.shell_c,
        "motor_min_c": lambda: min(thermal.motor_c),
        "motor_max_c": lambda: max(thermal.motor_c),
        "motor_cold_wear_rad": lambda: sum(world.drive.cold_wear_rad),
        "sun_elevation_rad": lambda: view.sun_elevation_rad,
        "sunlit": lambda: view.lit_fraction,
        "earth_elevation_rad": lambda: view.earth_elevation_rad,
        "relay_visible": lambda: float(links["relay"].channel.is_open),
        "local_visible": lambda: float(links["local"].channel.is_open),
        "computer_on": lambda: float(simulation.computer_on),
        "receiver_on": lambda: float(simulation.listening("relay") or simulation.listening("local")),
        "released": lambda: float(world.released),
    }
