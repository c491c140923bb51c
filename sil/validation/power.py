"""Battery curves against the Chen et al. 2020 cell, and drive power against the sizing of the rover."""

from __future__ import annotations

import math
from typing import Any, Final

from sil.validation.chapter import Chapter, row
from sil.validation.soil import Plane
from sim_hal.world.battery import CAPACITY_C, CAPACITY_RATIO, RESISTANCE_C, RESISTANCE_RATIO, Battery
from sim_hal.world.drive import Drive
from sim_hal.world.motion import Motion
from sim_hal.world.soil import SOILS
from sim_hal.world.vehicle_file import load_vehicle

SIZING_W: Final = ((0.0, 4.5), (10.0, 6.0), (15.0, 6.9), (20.0, 8.8))
"""Slope in degrees, power at 5 cm/s: the sizing sheet of the reference rover."""
CHEN: Final = "Chen et al. 2020"
_VEHICLE: Final = load_vehicle("south_pole")


def chen_ocv_v(soc: float) -> float:
    """Open-circuit voltage of the LG M50 cell: the two published electrode functions and their stoichiometry limits.

    Chen et al. 2020, J. Electrochem. Soc. 167, 080534; limits for 2.5 to 4.2 V.
    """
    x = 0.0263 + soc * (0.9106 - 0.0263)
    y = 0.8540 + soc * (0.2638 - 0.8540)
    tanh = math.tanh
    negative = (
        1.9793 * math.exp(-39.3631 * x) + 0.2482 - 0.0909 * tanh(29.8538 * (x - 0.1234))
        - 0.04478 * tanh(14.9159 * (x - 0.2769)) - 0.0205 * tanh(30.4444 * (x - 0.6103))
    )  # fmt: skip
    positive = (
        -0.8090 * y + 4.4875 - 0.0428 * tanh(18.5138 * (y - 0.5542)) - 17.7326 * tanh(15.7890 * (y - 0.3117))
        + 17.5842 * tanh(15.9308 * (y - 0.3120))
    )  # fmt: skip
    return positive - negative


def our_ocv_v(soc: float) -> float:
    """One cell of our pack at 25 C, at rest."""
    return Battery(_VEHICLE.battery, soc, 25.0).ocv_v() / _VEHICLE.battery.series


def drive_power_w(slope_deg: float) -> float:
    """All six motors, 5 cm/s over ground straight up a plane of nominal soil on the Moon."""
    drive, soil = Drive(_VEHICLE.drive), SOILS["nominal"]
    motion = Motion(_VEHICLE.body, Plane(slope_deg), lambda x, y: soil, 1.62, _VEHICLE.drive.seal_torque_n_m)
    rate = 0.05 / _VEHICLE.body.wheel_radius_m / (1.0 - soil.slip_for(math.tan(math.radians(slope_deg))))
    for _ in range(100):
        drive.step(0.1, (rate,) * 6, motion.wheel_load_n_m, 25.0)
        motion.step(0.1, drive.speed_rad_s, (0.0,) * 4)
    return drive.power_w


def resistance_ratio(celsius: float) -> float:
    """Resistance of our pack over that at 25 C."""
    return Battery(_VEHICLE.battery, 0.5, celsius).resistance_ohm / Battery(_VEHICLE.battery, 0.5, 25.0).resistance_ohm


def chapter() -> Chapter:
    """Voltage, resistance, capacity, power."""
    socs = [step / 100 for step in range(101)]
    errors = [our_ocv_v(soc) - chen_ocv_v(soc) for soc in socs]
    used = [error for soc, error in zip(socs, errors, strict=True) if soc >= 0.2]
    rows = [
        row(f"cell at rest, charge {soc:.0%}, V", chen_ocv_v(soc), CHEN, our_ocv_v(soc), digits=".3f")
        for soc in (0.0, 0.2, 0.5, 0.8, 1.0)
    ]
    worst, rare = max(map(abs, used)), max(map(abs, errors))
    rows += [
        row("the same, worst from 20 to 100 %", "0", CHEN, f"{worst:.3f}", f"{worst:.3f} V"),
        row("the same, worst of all", "0", CHEN, f"{rare:.3f}", f"{rare:.3f} V"),
        row("resistance at 0 C over that at 25 C", 1.7, "NCR18650B data sheet", resistance_ratio(0.0)),
    ]
    rows += [
        row(
            f"drive power at 5 cm/s, {slope:g} deg, W",
            power,
            "sizing of this rover",
            drive_power_w(slope),
            digits=".2f",
        )
        for slope, power in SIZING_W
    ]

    def draw(figure: Any) -> None:
        left, middle, right = figure.subplots(1, 3)
        left.plot(socs, [chen_ocv_v(soc) for soc in socs], "--", label=CHEN)
        left.plot(socs, [our_ocv_v(soc) for soc in socs], label="ours")
        left.set_xlabel("state of charge")
        left.set_ylabel("cell at rest, V")
        left.legend(fontsize=7)
        middle.plot(RESISTANCE_C, RESISTANCE_RATIO, "o-", label="resistance, 1 at 25 C")
        middle.plot(CAPACITY_C, CAPACITY_RATIO, "s-", label="capacity, 1 at 20 C")
        middle.set_xlabel("cell temperature, C")
        middle.legend(fontsize=7)
        slopes = [0.5 * step for step in range(42)]
        right.plot(slopes, [drive_power_w(slope) for slope in slopes], label="ours")
        right.plot(*zip(*SIZING_W, strict=True), "o", label="sizing")
        right.set_xlabel("slope, deg")
        right.set_ylabel("drive power at 5 cm/s, W")
        right.legend(fontsize=7)

    return Chapter(
        name="power",
        title="Battery and drive power",
        says=(
            "The pack's curve against the published electrode functions of the cell it is taken from, evaluated anew; "
            "its resistance in the cold; and the power that six motors draw in the running model against the sizing."
        ),
        rows=tuple(rows),
        honest=(
            "Our curve is a table of 13 points of the same cell, so the error is what straight lines cost, and grows "
            "below 10 % charge. Resistance at 0 C is such a point too; resistance below 0 C and the capacity curve are "
            "estimates. The drive power is a sizing and no measurement: no rover of this class has published "
            "its motors."
        ),
        draw=draw,
        size_in=(10.0, 3.3),
    )
