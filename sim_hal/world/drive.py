"""Six wheel motors: what speed they reach, what current they draw, what heat they leave.

A direct-current gear motor seen at the hub, quasi-static: U = Ke w + R I, with I = friction + torque / k.  The speed
loop follows its command with one time constant, as far as the supply and the load allow.  Gearing does not let the
ground turn a motor, so an unpowered wheel stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim_hal.world.vehicle_file import DriveSection

WHEEL_COUNT = 6
ZERO_C_IN_K = 273.15


class Drive:
    """The six motors in the order of `hal.api.values.WHEELS`; lists are read by devices, changed only here."""

    __slots__ = (
        "_friction_a",
        "_gain",
        "_gain_dt_s",
        "_section",
        "_wearing",
        "angle_rad",
        "cold_wear_rad",
        "current_a",
        "heat_w",
        "jammed",
        "moving",
        "power_w",
        "runaway",
        "seized",
        "speed_rad_s",
        "stalled",
    )

    def __init__(self, section: DriveSection) -> None:
        self._section = section
        self.angle_rad = [0.0] * WHEEL_COUNT
        self.speed_rad_s = [0.0] * WHEEL_COUNT
        self.current_a = [0.0] * WHEEL_COUNT
        self.heat_w = [0.0] * WHEEL_COUNT
        self.jammed = [False] * WHEEL_COUNT
        """Set by a fault: the wheel cannot turn."""
        self.runaway = [0.0] * WHEEL_COUNT
        """Set by a fault: a bridge that conducts whatever it is told, +1 ahead, -1 astern, 0 healthy."""
        self.seized = [False] * WHEEL_COUNT
        """So cold that the grease is solid."""
        self.stalled = [False] * WHEEL_COUNT
        self.cold_wear_rad = [0.0] * WHEEL_COUNT
        """Angle turned while colder than the motor may be driven."""
        self.moving = False
        """False when nothing turns and nothing is asked to: `step` may then be left out."""
        self.power_w = 0.0
        self._friction_a = [section.friction_a] * WHEEL_COUNT
        self._wearing = [False] * WHEEL_COUNT
        self._gain = 1.0
        self._gain_dt_s = 0.0

    @property
    def no_load_rad_s(self) -> float:
        """Speed at the hub on full supply without load, rad/s."""
        return self._section.supply_v / self._section.ke_v_s_rad

    @property
    def runs_away(self) -> bool:
        """Whether some motor turns by itself as soon as there is a supply."""
        return any(self.runaway)

    def set_temperatures(self, motor_c: Sequence[float]) -> None:
        """Take the motors' temperatures (six, degrees C): cold grease is thick grease."""
        section = self._section
        for wheel, temperature_c in enumerate(motor_c):
            stiff = max(0.0, (section.grease_reference_c - temperature_c) / section.grease_scale_k)
            self._friction_a[wheel] = section.friction_a * math.exp(min(stiff, 20.0))
            self.seized[wheel] = temperature_c + ZERO_C_IN_K < section.seized_k
            self._wearing[wheel] = temperature_c < section.wear_below_c

    def step(self, dt_s: float, command_rad_s: Sequence[float], load_n_m: Sequence[float], bus_v: float) -> None:
        """Advance by `dt_s` towards `command_rad_s` (six), against `load_n_m` (six, positive resists), on `bus_v`."""
        if dt_s != self._gain_dt_s:
            self._gain = 1.0 - math.exp(-dt_s / self._section.response_s)
            self._gain_dt_s = dt_s
        supply_v = min(bus_v, self._section.supply_v)
        total_w = 0.0
        self.moving = False
        speeds = self.speed_rad_s
        if any(self.runaway):
            command_rad_s = self._overruled(command_rad_s)
        for wheel, command in enumerate(command_rad_s):
            if command == 0.0 and speeds[wheel] == 0.0:
                self._rest(wheel)
            else:
                self.moving = True
                total_w += self._turn(wheel, dt_s, command, load_n_m[wheel], supply_v)
        self.power_w = total_w

    def _overruled(self, command_rad_s: Sequence[float]) -> Sequence[float]:
        """What the motors get where a bridge does not listen."""
        top = self.no_load_rad_s
        return [wild * top if wild else told for wild, told in zip(self.runaway, command_rad_s, strict=True)]

    def stop_dead(self) -> None:
        """Power is gone: gearing stops the wheels within a few milliseconds, angles stay."""
        for wheel in range(WHEEL_COUNT):
            self._rest(wheel)
            self.speed_rad_s[wheel] = 0.0
        self.power_w = 0.0
        self.moving = False

    def _rest(self, wheel: int) -> None:
        """A wheel that stands and is meant to draws nothing."""
        self.current_a[wheel] = 0.0
        self.heat_w[wheel] = 0.0
        self.stalled[wheel] = False

    def _turn(self, wheel: int, dt_s: float, command: float, load_n_m: float, supply_v: float) -> float:
        """Move one wheel; returns its electrical power, W."""
        section = self._section
        need_a = self._friction_a[wheel] + load_n_m / section.torque_n_m_a
        need_a = max(need_a, 0.0)  # downhill the gearing brakes for free
        top = (supply_v - section.resistance_ohm * need_a) / section.ke_v_s_rad
        if top <= 0.0 or self.jammed[wheel] or self.seized[wheel]:
            return self._stall(wheel, command, supply_v)
        self.stalled[wheel] = False
        before = self.speed_rad_s[wheel]
        target = max(-top, min(top, command))
        speed = before + self._gain * (target - before)
        if command == 0.0 and -1e-3 < speed < 1e-3:
            speed = 0.0
        turned = 0.5 * (before + speed) * dt_s
        self.angle_rad[wheel] += turned
        if self._wearing[wheel]:
            self.cold_wear_rad[wheel] += abs(turned)
        self.speed_rad_s[wheel] = speed
        self.current_a[wheel] = need_a
        rate = abs(speed)
        power_w = need_a * (section.ke_v_s_rad * rate + section.resistance_ohm * need_a)
        # What the ground does not take is heat; going downhill the ground adds to it.
        self.heat_w[wheel] = max(0.0, power_w - load_n_m * rate)
        return power_w

    def _stall(self, wheel: int, command: float, supply_v: float) -> float:
        """The motor pushes with all its supply against something that does not give."""
        self.speed_rad_s[wheel] = 0.0
        self.stalled[wheel] = command != 0.0
        current = supply_v / self._section.resistance_ohm if command != 0.0 else 0.0
        self.current_a[wheel] = current
        self.heat_w[wheel] = current * supply_v
        return self.heat_w[wheel]
