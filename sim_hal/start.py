"""How a simulation begins: time, charge, pose and temperatures of the rover."""

from __future__ import annotations

from dataclasses import dataclass, field

from hal.api.values import WHEELS
from sim_hal.world.drive import ZERO_C_IN_K
from sim_hal.world.thermal import Thermal

NODES = ("web", "battery", "shell", "motors", *(f"motor_{wheel}" for wheel in WHEELS))
"""Names for `temperatures_c`; `motors` stands for all six and goes before a single one."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """The true state in which the world begins."""

    gps_ns: int
    """Ns since 1980-01-06, GPS time scale."""
    soc: float = 0.8
    x_m: float = 0.0
    y_m: float = 0.0
    yaw_rad: float = 0.0
    released: bool = True
    """False: held down on the lander, on its power."""
    temperatures_c: dict[str, float] = field(default_factory=dict)
    """By node, see `NODES`; those not named keep the vehicle's mild defaults."""
    rhu_w: float | None = None
    """Radioisotope heat; None: as in the vehicle file."""
    computer_on: bool = True
    """False: hibernating, as if armed by flight before the start."""
    rtc_valid: bool = True

    def apply_temperatures(self, thermal: Thermal) -> Thermal:
        """Set the named nodes of `thermal` and return it.

        Raises:
            ValueError: a node that does not exist.
        """
        for name in self.temperatures_c:
            if name not in NODES:
                raise ValueError(f"no temperature node {name!r}; there are {', '.join(NODES)}")
        given = {name: celsius + ZERO_C_IN_K for name, celsius in self.temperatures_c.items()}
        thermal.web_k = given.get("web", thermal.web_k)
        thermal.battery_k = given.get("battery", thermal.battery_k)
        thermal.shell_k = given.get("shell", thermal.shell_k)
        for number, wheel in enumerate(WHEELS):
            thermal.motor_k[number] = given.get(f"motor_{wheel}", given.get("motors", thermal.motor_k[number]))
        if self.rhu_w is not None:
            thermal.rhu_w = self.rhu_w
        return thermal
