"""The truth file of a rover: what it physically is, whatever flight software believes.

One section per model of this folder.  Shipped files lie in `sim_hal/rovers/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from hal.api.config import ConfigError, Section, load_toml

Positive = Annotated[float, Meta(gt=0.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Kelvin = Annotated[float, Meta(gt=0.0, le=1000.0)]


class BodySection(Section, frozen=True, kw_only=True):
    """Mass and geometry of the six-wheel rocker-bogie."""

    mass_kg: Positive
    wheel_radius_m: Positive
    base_m: Positive
    """Front axle to rear axle."""
    track_m: Positive
    """Left to right corner wheel."""
    middle_track_m: Positive | None = None
    """Left to right middle wheel, where that differs."""
    cg_height_m: Positive
    max_rock_m: Positive
    """Highest rock that a wheel climbs."""
    side_slip_ratio: Fraction
    """Tangent of the drift angle over the tangent of the cross slope."""


class DriveSection(Section, frozen=True, kw_only=True):
    """One wheel's gear motor, measured at the hub."""

    ke_v_s_rad: Positive
    resistance_ohm: Positive
    torque_n_m_a: Positive
    """Output torque per ampere above the friction current, gear losses in."""
    friction_a: NotNegative
    """No-load current at 0 C and warmer."""
    seal_torque_n_m: NotNegative
    """Torque that seals and scrubbing grousers take from a rolling wheel."""
    supply_v: Positive
    """The drivers never put more than this on a motor."""
    response_s: Positive
    """Time constant of the speed loop."""
    grease_reference_c: float
    """Below this temperature the friction current grows by e every `grease_scale_k`."""
    grease_scale_k: Positive
    seized_k: Kelvin
    wear_below_c: float
    """Turning a motor colder than this wears it out."""


class SteeringSection(Section, frozen=True, kw_only=True):
    """One corner's steering actuator."""

    rate_rad_s: Positive
    limit_rad: Annotated[float, Meta(gt=0.0, le=3.2)]
    power_w: NotNegative


class BatterySection(Section, frozen=True, kw_only=True):
    """The pack, cell figures by number of cells in series and parallel."""

    series: Annotated[int, Meta(ge=1, le=20)]
    parallel: Annotated[int, Meta(ge=1, le=50)]
    cell_ah: Positive
    cell_ohm: Positive
    """At 25 C, connections included."""
    charge_efficiency: Annotated[float, Meta(gt=0.0, le=1.0)]
    """Of the charging converter."""
    discharge_efficiency: Annotated[float, Meta(gt=0.0, le=1.0)]
    """Of the discharging converter."""
    cell_max_v: Positive
    cell_cutoff_v: Positive
    """Below this the pack's protection opens."""
    cell_restart_v: Positive
    """Above this, or on array power, it closes again."""
    max_charge_c_rate: Positive
    usable_above_c: float
    """Colder than this the electrolyte is frozen: no current either way until it is warm again."""
    destroyed_below_c: float

    def check(self) -> Iterable[str]:
        if not self.cell_cutoff_v < self.cell_restart_v < self.cell_max_v:
            yield "cell_cutoff_v < cell_restart_v < cell_max_v does not hold"
        if self.destroyed_below_c >= self.usable_above_c:
            yield "destroyed_below_c must be below usable_above_c"


class ArraySection(Section, frozen=True, kw_only=True):
    """Three vertical faces of solar cells: left, right, rear."""

    face_m2: Positive
    efficiency: Fraction
    packing: Fraction
    temperature_per_k: float
    """Relative change of power per kelvin above 28 C."""
    cell_rise_k: NotNegative
    """How much warmer than the shell cells are under full Sun."""
    voltage_v: Positive
    """Of a face at its maximum-power point at 28 C."""
    dust_per_month: Fraction


class ThermalSection(Section, frozen=True, kw_only=True):
    """Lumped nodes: web (electronics deck), battery, body shell, six motors; and what joins them."""

    web_j_k: Positive
    battery_j_k: Positive
    shell_j_k: Positive
    motor_j_k: Positive
    web_battery_w_k: Positive
    web_shell_w_k: Positive
    motor_shell_w_k: Positive
    radiator_m2: Positive
    radiator_emissivity: Fraction
    radiator_absorptivity: Fraction
    switch_open_c: float
    """Web temperature at which the heat switch begins to conduct."""
    switch_band_k: Positive
    switch_ratio: Annotated[float, Meta(ge=1.0)]
    """Open over closed."""
    shell_m2: Positive
    shell_emissivity: Fraction
    shell_absorptivity: Fraction
    shell_sunlit_m2: Positive
    """Area that the shell shows to a low Sun."""
    motor_m2: Positive
    motor_emissivity: Fraction
    motor_absorptivity: Fraction
    motor_sunlit_m2: Positive
    air_w_m2_k: NotNegative
    """Convection in worlds that have air."""
    rhu_w: NotNegative


class VehicleFile(Section, frozen=True, kw_only=True):
    """One rover's truth."""

    name: str
    body: BodySection
    drive: DriveSection
    steering: SteeringSection
    battery: BatterySection
    array: ArraySection
    thermal: ThermalSection


def load_vehicle(name_or_path: str | Path) -> VehicleFile:
    """Read a shipped rover by name, or any file whose path ends in .toml.

    Raises:
        ConfigError: no such file, or something in it is wrong.
    """
    text = str(name_or_path)
    if text.endswith(".toml"):
        return load_toml(Path(text), VehicleFile)
    if Path(text).name != text:
        raise ConfigError(ascii(text)[:60], "is not the name of a shipped vehicle; a path must end in .toml")
    return load_toml(files("sim_hal") / "rovers" / f"{text}.toml", VehicleFile)
