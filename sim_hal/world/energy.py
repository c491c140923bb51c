"""One rover's power and heat: switches, drive and transmitters load the bus, and what they take becomes heat.

The electrical step is short and sums up heat by node; the thermal step spends these sums, so no joule is lost between
the two grids.
"""

from __future__ import annotations

from collections.abc import Sequence

from hal.api.values import WHEELS
from sim_hal.switches import Bank
from sim_hal.world.array import SolarArray
from sim_hal.world.battery import Battery
from sim_hal.world.drive import WHEEL_COUNT
from sim_hal.world.loads import AVIONICS_W, CONTROLLER_W, HEATER_W, LOAD_W, TRANSMITTER_HEAT
from sim_hal.world.power_bus import PowerBus
from sim_hal.world.thermal import Surroundings, Thermal
from sim_hal.world.vehicle_file import VehicleFile

_MOTOR_HEATERS = tuple(f"motor_{wheel}" for wheel in WHEELS)


class Latches:
    """What the always-on controller holds on or off while the computer is off."""

    __slots__ = ("charge_blocked", "heater_on", "loads_off", "receiver_on")

    def __init__(self) -> None:
        self.loads_off = False
        """Every switch is cut, whatever its bank says."""
        self.receiver_on = False
        self.heater_on = False
        """The battery heater, by the controller's own thermostat."""
        self.charge_blocked = False


class Energy:
    """Battery, array, bus and temperatures of one rover."""

    def __init__(self, vehicle: VehicleFile, loads: Bank, heaters: Bank, battery: Battery, thermal: Thermal) -> None:
        self._loads = loads
        self._heaters = heaters
        self._load_table = [(loads.held[name], watts) for name, watts in LOAD_W.items()]
        self._motor_table = [heaters.held[name] for name in _MOTOR_HEATERS]
        self.battery = battery
        self.thermal = thermal
        self.array = SolarArray(vehicle.array)
        self.bus = PowerBus(vehicle.battery, battery, self.array)
        self.latches = Latches()
        self.computer_on = False
        self.heater_w = 0.0
        """Heaters on in the last step."""
        self.transmit_w = 0.0
        """Of transmitters on now; the world keeps it."""
        self.offered_w = 0.0
        """Power that the lander offers."""
        self._drive_j = 0.0
        self._motor_j = [0.0] * WHEEL_COUNT
        self._battery_j = 0.0
        self._web_j = 0.0
        self._since_s = 0.0

    def add_drive(self, dt_s: float, drive_w: float, heat_w: Sequence[float]) -> None:
        """Account for what wheels and steering took over one motion step."""
        self._drive_j += drive_w * dt_s
        motors = self._motor_j
        for wheel in range(WHEEL_COUNT):
            motors[wheel] += heat_w[wheel] * dt_s

    def electrical_step(self, now_ns: int, dt_s: float) -> None:
        """Serve the loads for the `dt_s` before `now_ns`; look at `bus.dead` afterwards."""
        drive_w, self._drive_j = self._drive_j / dt_s, 0.0
        before_ns = now_ns - 1  # what was in force during the step, not what begins with this instant
        load_w = battery_heater_w = 0.0
        motors_on = 0
        if not self.bus.dead:
            load_w = self._electronics_w(before_ns)
            battery_heater_w = self._battery_heater_w(before_ns)
            motors_on = self._heat_motors(before_ns, dt_s)
        self.heater_w = battery_heater_w + 2.0 * motors_on
        charge = not self.latches.charge_blocked and self._loads.on("charge", before_ns)
        self.bus.step(dt_s, load_w + self.heater_w + drive_w, charge, self.offered_w)
        self._battery_j += (battery_heater_w + self.battery.heat_w) * dt_s
        self._web_j += (load_w - self.transmit_w * (1.0 - TRANSMITTER_HEAT) + self.bus.converter_heat_w) * dt_s
        self._since_s += dt_s

    def thermal_step(self, around: Surroundings) -> None:
        """Let the heat of all electrical steps since the last call act."""
        dt_s = self._since_s
        if dt_s <= 0.0:
            return
        share = 1.0 / dt_s
        motors = [joule * share for joule in self._motor_j]
        self.thermal.step(dt_s, around, self._web_j * share, self._battery_j * share, motors)
        self.battery.set_temperature(self.thermal.battery_c)
        self._motor_j = [0.0] * WHEEL_COUNT
        self._web_j = self._battery_j = self._since_s = 0.0

    def _electronics_w(self, now_ns: int) -> float:
        """Everything but heaters and turning motors."""
        if self.latches.loads_off:
            receivers_w = LOAD_W["radio_relay"] + LOAD_W["radio_local"]
            return CONTROLLER_W + (receivers_w if self.latches.receiver_on else 0.0)
        total = CONTROLLER_W + self.transmit_w
        if self.computer_on:
            total += AVIONICS_W
        for held, watts in self._load_table:
            if held.at(now_ns):
                total += watts
        return total

    def _battery_heater_w(self, now_ns: int) -> float:
        on = self.latches.heater_on if self.latches.loads_off else self._heaters.on("battery", now_ns)
        return HEATER_W["battery"] if on else 0.0

    def _heat_motors(self, now_ns: int, dt_s: float) -> int:
        """Warm the motors whose heaters are on; returns how many."""
        if self.latches.loads_off:
            return 0
        count = 0
        for wheel, held in enumerate(self._motor_table):
            if held.at(now_ns):
                self._motor_j[wheel] += 2.0 * dt_s
                count += 1
        return count
