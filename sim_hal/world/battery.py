"""The lithium-ion pack: voltage, charge, heat, and what cold does to it.

An open-circuit curve (graphite/NMC811 at 25 C, the Chen et al. 2020 parameter set), a resistance that grows in the
cold, and a share of the charge that the cold locks away.  The pack protects itself only against deep discharge;
keeping it from being charged below 0 C is flight's task, and charging it there anyway is counted as damage.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from sim_hal.world.vehicle_file import BatterySection

OCV_SOC: Final = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
OCV_V: Final = (2.50, 3.11, 3.30, 3.49, 3.58, 3.67, 3.75, 3.84, 3.95, 4.04, 4.10, 4.12, 4.20)
"""Cell voltage at rest over state of charge."""

RESISTANCE_C: Final = (-40.0, -20.0, -10.0, 0.0, 25.0, 45.0)
RESISTANCE_RATIO: Final = (12.0, 5.0, 3.0, 1.7, 1.0, 0.85)
"""Relative to 25 C; the NCR18650B data sheet at 0 C, estimates below."""

CAPACITY_C: Final = (-90.0, -40.0, -20.0, 0.0, 20.0)
CAPACITY_RATIO: Final = (0.0, 0.50, 0.70, 0.85, 1.00)
"""Share of the charge that can be had at a temperature; zero at -90 C is an extrapolation."""

KNEE: Final = 0.1
"""The cell's voltage falls over this much charge before the locked share is reached."""


class Battery:
    """True state of the pack.  Current is positive while charging."""

    __slots__ = (
        "_capacity_as",
        "_cell_ohm",
        "_locked",
        "_ohm",
        "_section",
        "_temperature_c",
        "charge_below_zero_c_as",
        "connected",
        "current_a",
        "destroyed",
        "faded",
        "frozen",
        "heat_w",
        "open_circuit",
        "resistance_factor",
        "shorted_groups",
        "soc",
        "voltage_v",
    )

    def __init__(self, section: BatterySection, soc: float, temperature_c: float) -> None:
        self._section = section
        self._capacity_as = section.parallel * section.cell_ah * 3600.0
        self.soc = min(1.0, max(0.0, soc))
        """True charge over rated charge, 0..1."""
        self.current_a = 0.0
        self.heat_w = 0.0
        """Heat made inside the cells."""
        self.charge_below_zero_c_as = 0.0
        """Charge forced into cells below 0 C so far: plated lithium, a measure of damage."""
        self.destroyed = False
        self.shorted_groups = 0
        """Set by a fault: this many of the series groups have failed short."""
        self.open_circuit = False
        """Set by a fault: nothing joins the cells to the bus."""
        self.faded = 0.0
        """Set by a fault: share of the rated capacity that is gone; `soc` then is of what is left."""
        self.resistance_factor = 1.0
        """Set by a fault: aged cells or a bad joint."""
        self.connected = True
        """False while the pack's own protection is open."""
        self.set_temperature(temperature_c)
        self.voltage_v = self.ocv_v()

    def set_temperature(self, temperature_c: float) -> None:
        """Take the cells' temperature, degrees C."""
        section = self._section
        self._temperature_c = temperature_c
        ratio = _interpolate(RESISTANCE_C, RESISTANCE_RATIO, temperature_c)
        self._cell_ohm = section.cell_ohm * ratio * section.series / section.parallel
        self._locked = 1.0 - _interpolate(CAPACITY_C, CAPACITY_RATIO, temperature_c)
        self.frozen = temperature_c < section.usable_above_c
        if temperature_c < section.destroyed_below_c:
            self.destroyed = True

    @property
    def usable(self) -> bool:
        """True when the pack can carry current at all."""
        return self.connected and not (self.open_circuit or self.frozen or self.destroyed)

    @property
    def resistance_ohm(self) -> float:
        """Of the whole pack at its present temperature."""
        return self._cell_ohm * self.resistance_factor

    def ocv_v(self) -> float:
        """Voltage of the pack at rest: the cell curve, with a knee where the cold has locked the rest away."""
        margin = (self.soc - self._locked) / KNEE
        soc = self.soc if margin >= 1.0 else max(0.0, margin) * (self._locked + KNEE)
        return (self._section.series - self.shorted_groups) * _interpolate(OCV_SOC, OCV_V, soc)

    def charge_limit_w(self) -> float:
        """Most power that the charger pushes into the terminals: constant current, then constant voltage."""
        if not self.usable:
            return 0.0
        section = self._section
        ocv_v, ohm = self.ocv_v(), self.resistance_ohm
        taper_a = (section.cell_max_v * section.series - ocv_v) / ohm
        current_a = min(section.max_charge_c_rate * self._capacity_as / 3600.0, taper_a)
        if self.soc >= 1.0 or current_a <= 0.0:
            return 0.0
        return current_a * (ocv_v + current_a * ohm)

    def step(self, dt_s: float, power_w: float) -> float:
        """Carry `power_w` at the terminals for `dt_s` (positive charges); returns the power really carried.

        Discharging below the cut-off voltage opens the protection, and the pack carries nothing.
        """
        if not self.usable:
            return self._idle()
        ocv_v, ohm = self.ocv_v(), self.resistance_ohm
        root = ocv_v * ocv_v + 4.0 * ohm * power_w
        if root < 0.0:
            self.connected = False
            return self._idle()
        voltage_v = 0.5 * (ocv_v + math.sqrt(root))
        cutoff_v = self._section.cell_cutoff_v * (self._section.series - self.shorted_groups)
        if power_w < 0.0 and voltage_v < cutoff_v:
            self.connected = False
            return self._idle()
        current_a = power_w / voltage_v
        if current_a > 0.0 and self._temperature_c < 0.0:
            self.charge_below_zero_c_as += current_a * dt_s
        self.soc = min(1.0, max(0.0, self.soc + current_a * dt_s / (self._capacity_as * (1.0 - self.faded))))
        self.current_a = current_a
        self.voltage_v = voltage_v
        self.heat_w = current_a * current_a * ohm
        return power_w

    def try_reconnect(self, array_live: bool) -> None:
        """Close the protection again once the cells have recovered, or a live array holds the bus for them."""
        restart_v = self._section.cell_restart_v * (self._section.series - self.shorted_groups)
        if array_live or self.ocv_v() > restart_v:
            self.connected = True

    def _idle(self) -> float:
        """No current flows."""
        self.current_a = 0.0
        self.heat_w = 0.0
        self.voltage_v = self.ocv_v()
        return 0.0


def _interpolate(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """Piecewise linear, held constant beyond both ends."""
    if x <= xs[0]:
        return ys[0]
    if x >= xs[-1]:
        return ys[-1]
    at = bisect_right(xs, x)
    low = xs[at - 1]
    return ys[at - 1] + (ys[at] - ys[at - 1]) * (x - low) / (xs[at] - low)
