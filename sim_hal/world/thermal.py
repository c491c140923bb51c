"""Heat in the rover: lumped nodes joined by conduction, radiating to ground and sky, warmed by Sun and loads.

Nodes: web (the electronics deck), battery, body shell and six motors.  A radiator hangs on the web behind a heat
switch, modelled as a radiator whose emission grows from one tenth to all as the web passes the opening temperature.
Explicit Euler: the fastest node has a time constant of over 15 minutes, so 10 s is exact enough and long steps are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim_hal.world.drive import WHEEL_COUNT, ZERO_C_IN_K
from sim_hal.world.vehicle_file import ThermalSection

STEFAN_BOLTZMANN: Final = 5.670374419e-8
"""W/m2/K4 (CODATA 2018)."""
LONGEST_STEP_S: Final = 120.0
DUST_ABSORPTIVITY: Final = 0.9
"""Of a plate under regolith (estimate: the albedo of the ground is 0.12)."""
CREEP_S: Final = 900.0
"""From one end of the heat switch to the other when it is broken (estimate: wax that leaks)."""
COLDEST_K: Final = 3.0
"""No sink is colder; keeps a careless input from making negative temperatures."""


class Surroundings:
    """What the rover radiates to and is warmed by; set by the world before each step."""

    __slots__ = ("air_k", "direct_w_m2", "sink_k", "sun_sine")

    def __init__(
        self, sink_k: float, direct_w_m2: float = 0.0, sun_sine: float = 0.0, air_k: float | None = None
    ) -> None:
        self.sink_k = sink_k
        """Effective temperature of ground and sky together."""
        self.direct_w_m2 = direct_w_m2
        """Sunlight on a surface square to the Sun; 0 in shadow."""
        self.sun_sine = sun_sine
        """Sine of the Sun's elevation above the radiator's plane, at least 0."""
        self.air_k = air_k
        """None on the Moon."""


class Thermal:
    """True temperatures of one rover."""

    __slots__ = (
        "_creeps",
        "_motor_w",
        "_section",
        "battery_k",
        "gained_j",
        "lost_j",
        "motor_k",
        "radiator_dust",
        "rhu_w",
        "shell_k",
        "stuck_switch",
        "switch",
        "web_k",
    )

    def __init__(
        self,
        section: ThermalSection,
        web_c: float = 10.0,
        battery_c: float = 10.0,
        shell_c: float = -20.0,
        motor_c: float = -20.0,
    ) -> None:
        self._section = section
        self.rhu_w = section.rhu_w
        """Heat of the radioisotope units, always on, in the web."""
        self.web_k = web_c + ZERO_C_IN_K
        self.battery_k = battery_c + ZERO_C_IN_K
        self.shell_k = shell_c + ZERO_C_IN_K
        self.motor_k = [motor_c + ZERO_C_IN_K] * WHEEL_COUNT
        self.switch = 0.0
        """Heat switch: 0 closed, 1 open."""
        self.stuck_switch: float | None = None
        """Set by a fault: where the heat switch creeps to and stays."""
        self.radiator_dust = 0.0
        """Set by a fault: share of the radiator under dust, which radiates little and takes the Sun."""
        self.gained_j = 0.0
        """Heat put in since the start: loads, heaters, units, Sun and what the sink radiates back."""
        self.lost_j = 0.0
        """Heat given off since the start."""
        self._creeps = False
        self._set_switch(0.0)

    @property
    def web_c(self) -> float:
        """Electronics deck, degrees C."""
        return self.web_k - ZERO_C_IN_K

    @property
    def battery_c(self) -> float:
        """Cells, degrees C."""
        return self.battery_k - ZERO_C_IN_K

    @property
    def shell_c(self) -> float:
        """Body shell, degrees C."""
        return self.shell_k - ZERO_C_IN_K

    @property
    def motor_c(self) -> list[float]:
        """Six motors in the order of `hal.api.values.WHEELS`, degrees C."""
        return [kelvin - ZERO_C_IN_K for kelvin in self.motor_k]

    @property
    def radiator_c(self) -> float:
        """Radiator plate, degrees C: the temperature at which a black-body law gives its present emission."""
        share: float = self._emission() ** 0.25
        return self.web_k * share - ZERO_C_IN_K

    def stored_j(self) -> float:
        """Heat content above absolute zero."""
        s = self._section
        inner = s.web_j_k * self.web_k + s.battery_j_k * self.battery_k + s.shell_j_k * self.shell_k
        return inner + s.motor_j_k * sum(self.motor_k)

    def step(self, dt_s: float, around: Surroundings, web_w: float, battery_w: float, motor_w: Sequence[float]) -> None:
        """Advance by `dt_s` with heat put into web, battery (heater and cells) and motors (heaters and losses), W.

        Long steps are cut into equal ones of at most two minutes.
        """
        cuts = 1 if dt_s <= LONGEST_STEP_S else int(-(-dt_s // LONGEST_STEP_S))
        for _ in range(cuts):
            self._advance(dt_s / cuts, around, web_w, battery_w, motor_w)

    def _emission(self) -> float:
        """Share of the radiator's emission that the heat switch lets through."""
        closed = 1.0 / self._section.switch_ratio
        return closed + (1.0 - closed) * self.switch

    def _set_switch(self, dt_s: float) -> None:
        """The switch opens over a band, as paraffin actuators do; a broken one creeps."""
        section = self._section
        opened = (self.web_k - ZERO_C_IN_K - section.switch_open_c) / section.switch_band_k
        healthy = 0.0 if opened < 0.0 else min(opened, 1.0)
        if self.stuck_switch is None and not self._creeps:
            self.switch = healthy
            return
        most = dt_s / CREEP_S
        gap = (healthy if self.stuck_switch is None else self.stuck_switch) - self.switch
        self.switch += max(-most, min(most, gap))
        self._creeps = self.stuck_switch is not None or abs(gap) > most

    def _advance(
        self, dt_s: float, around: Surroundings, web_w: float, battery_w: float, motor_w: Sequence[float]
    ) -> None:
        """One explicit step."""
        s = self._section
        sink_k = max(around.sink_k, COLDEST_K)
        sink4 = STEFAN_BOLTZMANN * sink_k**4
        sun_w_m2 = around.direct_w_m2
        web_k, shell_k = self.web_k, self.shell_k
        emission = self._emission() * s.radiator_m2
        to_battery = s.web_battery_w_k * (web_k - self.battery_k)
        to_shell = s.web_shell_w_k * (web_k - shell_k)
        clean, dust = 1.0 - self.radiator_dust, self.radiator_dust
        radiated = emission * s.radiator_emissivity * clean * (STEFAN_BOLTZMANN * web_k**4 - sink4)
        absorbs = s.radiator_absorptivity * clean + DUST_ABSORPTIVITY * dust
        web_sun = emission * absorbs * sun_w_m2 * max(0.0, around.sun_sine)
        shell_sun = s.shell_absorptivity * s.shell_sunlit_m2 * sun_w_m2
        shell_out = s.shell_m2 * s.shell_emissivity * (STEFAN_BOLTZMANN * shell_k**4 - sink4)
        if around.air_k is not None:
            shell_out += s.air_w_m2_k * s.shell_m2 * (shell_k - around.air_k)
            radiated += s.air_w_m2_k * emission * (web_k - around.air_k)
        from_motors, motors_in, motors_out = self._advance_motors(dt_s, around, sink4, motor_w)
        heat_in = web_w + self.rhu_w + web_sun
        self.web_k = web_k + dt_s / s.web_j_k * (heat_in - to_battery - to_shell - radiated)
        self.battery_k += dt_s / s.battery_j_k * (battery_w + to_battery)
        self.shell_k = shell_k + dt_s / s.shell_j_k * (shell_sun + to_shell + from_motors - shell_out)
        self.gained_j += dt_s * (heat_in + battery_w + shell_sun + motors_in)
        self.lost_j += dt_s * (radiated + shell_out + motors_out)
        self._set_switch(dt_s)

    def _advance_motors(
        self, dt_s: float, around: Surroundings, sink4: float, motor_w: Sequence[float]
    ) -> tuple[float, float, float]:
        """Six motors; returns heat to the shell, heat put in and heat given off, W."""
        s = self._section
        shell_k, air_k = self.shell_k, around.air_k
        sun_w = s.motor_absorptivity * s.motor_sunlit_m2 * around.direct_w_m2
        black = s.motor_m2 * s.motor_emissivity
        joint, gain = s.motor_shell_w_k, dt_s / s.motor_j_k
        black_w_k4, sink_w = black * STEFAN_BOLTZMANN, black * sink4
        air_w_k = s.air_w_m2_k * s.motor_m2 if air_k is not None else 0.0
        to_shell = given = taken = 0.0
        motors = self.motor_k
        for wheel in range(WHEEL_COUNT):
            kelvin = motors[wheel]
            joined = joint * (kelvin - shell_k)
            out = black_w_k4 * kelvin**4 - sink_w
            if air_k is not None:
                out += air_w_k * (kelvin - air_k)
            heat = motor_w[wheel] + sun_w
            motors[wheel] = kelvin + gain * (heat - joined - out)
            to_shell += joined
            given += heat
            taken += out
        return to_shell, given, taken
