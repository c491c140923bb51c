"""The power bus: array and outside power feed the loads, the battery takes or gives the difference."""

from __future__ import annotations

from typing import Final

from sim_hal.world.array import SolarArray
from sim_hal.world.battery import Battery
from sim_hal.world.vehicle_file import BatterySection

RESTART_W: Final = 8.0
"""A dead bus comes up again when sources offer this much (estimate: converter start-up with margin)."""
BUS_MIN_V: Final = 21.0
"""What converters hold on the bus while the battery is off line."""


class PowerBus:
    """Balance of one rover's electrical power."""

    __slots__ = ("_charge", "_discharge", "array", "battery", "converter_heat_w", "dead", "load_w", "outside_w")

    def __init__(self, section: BatterySection, battery: Battery, array: SolarArray) -> None:
        self._charge = section.charge_efficiency
        self._discharge = section.discharge_efficiency
        self.battery = battery
        self.array = array
        self.dead = False
        """True while nothing holds the bus up; every load is then off, the computer too."""
        self.outside_w = 0.0
        """Used of the power that the lander offers."""
        self.load_w = 0.0
        """Served to loads in the last step."""
        self.converter_heat_w = 0.0
        """Lost in charging and discharging converters, as heat in the electronics deck."""

    @property
    def voltage_v(self) -> float:
        """Bus voltage: the battery's, or what the converters hold without it; 0 when dead."""
        if self.dead:
            return 0.0
        return self.battery.voltage_v if self.battery.usable else BUS_MIN_V

    def step(self, dt_s: float, load_w: float, charge_enabled: bool = True, offered_w: float = 0.0) -> None:
        """Serve `load_w` for `dt_s` from `array.available_w` and `offered_w` (the lander), then the battery.

        A load that cannot be served kills the bus; a dead bus comes back by itself once sources suffice, with its
        loads off, so call with `load_w` 0 (or what has no switch) while `dead`.
        """
        source_w = self.array.available_w + offered_w
        if self.dead or not self.battery.connected:
            self.battery.try_reconnect(source_w >= RESTART_W)
        if self.dead and not self._revive(source_w):
            self._lie_dead(dt_s)
            return
        surplus_w = source_w - load_w
        taken_w = self._fill(dt_s, surplus_w, charge_enabled) if surplus_w >= 0.0 else self._drain(dt_s, surplus_w)
        if self.dead:
            return
        self.load_w = load_w
        from_sources_w = min(source_w, load_w + taken_w)
        self.outside_w = min(offered_w, from_sources_w)
        self.array.draw(from_sources_w - self.outside_w)

    def _fill(self, dt_s: float, surplus_w: float, charge_enabled: bool) -> float:
        """Charge with what is left over; returns what was taken from the bus."""
        limit_w = self.battery.charge_limit_w() if charge_enabled else 0.0
        stored_w = self.battery.step(dt_s, min(surplus_w * self._charge, limit_w))
        taken_w = stored_w / self._charge
        self.converter_heat_w = taken_w - stored_w
        return taken_w

    def _drain(self, dt_s: float, surplus_w: float) -> float:
        """Discharge for what is missing; the bus dies when the battery cannot."""
        asked_w = surplus_w / self._discharge
        given_w = self.battery.step(dt_s, asked_w)
        self.converter_heat_w = given_w * self._discharge - given_w  # both negative: what the loads never see
        if given_w == 0.0:
            self.dead = True
            self._lie_dead(dt_s)
        return 0.0

    def _revive(self, source_w: float) -> bool:
        """Whether something can hold the bus up again."""
        self.dead = not (source_w >= RESTART_W or self.battery.usable)
        return not self.dead

    def _lie_dead(self, dt_s: float) -> None:
        """Nothing flows."""
        self.battery.step(dt_s, 0.0)
        self.load_w = self.outside_w = self.converter_heat_w = 0.0
        self.array.draw(0.0)
