"""Slip, drawbar pull and sinkage against single-wheel tests."""

from __future__ import annotations

import math
from typing import Any, Final

from sil.validation.chapter import Chapter, row
from sim_hal.world.motion import Motion
from sim_hal.world.soil import SOILS, Soil
from sim_hal.world.vehicle_file import load_vehicle

Points = tuple[tuple[float, float, float], ...]
"""Slip, drawbar pull over load, sinkage in mm."""

DING: Final[Points] = (
    (0.0, -0.081, 4.5), (0.1, 0.175, 5.0), (0.2, 0.250, 7.5), (0.3, 0.275, 10.5), (0.4, 0.2875, 14.0),
    (0.6, 0.306, 27.0),
)  # fmt: skip
"""R 157 mm, 30 lugs of 10 mm, 80 N: Ding et al. 2011, J. Terramechanics 48(1), as digitised by roverdevkit (MIT)."""
HURRELL: Final[Points] = (
    (0.1, 0.331, 6.0), (0.2, 0.351, 9.5), (0.3, 0.359, 11.0), (0.4, 0.392, 16.0), (0.5, 0.429, 19.5),
)  # fmt: skip
"""Rashid-1's wheel, R 100 mm, 14 grousers of 20 mm, 24.5 N: Hurrell et al. 2025, Space Sci. Rev. 221:37, likewise."""
WANG: Final[Points] = (
    (0.1, 0.131, 2.2), (0.2, 0.153, 4.3), (0.3, 0.170, 7.8), (0.4, 0.216, 9.6), (0.5, 0.109, 13.5),
)  # fmt: skip
"""R 85 mm, 16 grousers of 10 mm, 58.9 N: Wang and Han 2016, J. Korean Geotech. Soc. 32(11), likewise."""
SETS: Final = (
    ("Ding et al. 2011", DING, "loose"),
    ("Hurrell et al. 2025", HURRELL, "dense"),
    ("Wang and Han 2016", WANG, None),
)
ANGLES_DEG: Final = (0.0, 5.0, 10.0, 15.0, 20.0)
_STRAIGHT: Final = (0.0,) * 4


class Plane:
    """A slope that rises to the east."""

    def __init__(self, degrees: float) -> None:
        self._gradient = math.tan(math.radians(degrees))

    def height(self, x_m: float, y_m: float) -> float:
        """Site frame, m."""
        return self._gradient * x_m


def pull_errors(soil: Soil, points: Points) -> list[float]:
    """Our drawbar pull over load less the measured, at each measured slip."""
    return [soil.drawbar_ratio(slip) - pull for slip, pull, _ in points]


def rms(errors: list[float]) -> float:
    """Root of the mean square."""
    return math.sqrt(sum(error * error for error in errors) / len(errors))


def driven_slip(soil: Soil, slope_deg: float) -> float:
    """Slip of the whole simulated rover climbing a plane: what the motion model does, not what its formula says."""
    vehicle = load_vehicle("south_pole")
    motion = Motion(vehicle.body, Plane(slope_deg), lambda x, y: soil, 1.62, vehicle.drive.seal_torque_n_m)
    for _ in range(100):
        motion.step(0.1, (0.4,) * 6, _STRAIGHT)
    before_m = motion.distance_m
    for _ in range(100):
        motion.step(0.1, (0.4,) * 6, _STRAIGHT)
    return 1.0 - (motion.distance_m - before_m) / (0.4 * vehicle.body.wheel_radius_m * 10.0)


def chapter() -> Chapter:
    """The three soils, the published points, and slip by slope."""
    rows = []
    for source, points, name in SETS:
        if name is not None:
            soil = SOILS[name]
            fit = rms(pull_errors(soil, points))
            for slip, pull, _ in points:
                rows.append(row(f"pull/load at slip {slip:g}, soil `{name}`", pull, source, soil.drawbar_ratio(slip)))
            rows.append(row(f"the same, rms over {len(points)} points", "0", source, f"{fit:.3f}", f"{fit:.3f}"))
    for slip, _, depth_mm in (DING[0], DING[-1]):
        rows.append(row(f"sinkage at slip {slip:g}, mm", depth_mm, SETS[0][0], 1000.0 * SOILS["loose"].sinkage_m(slip)))
    yutu = "20 deg (specification of Yutu, Xinhua 2014)"
    stuck = math.degrees(math.atan(SOILS["nominal"].traction - SOILS["nominal"].resistance))
    rows.append(row("slope climbed, soil `nominal`", yutu, "Xinhua 2014", f"{stuck:.1f} deg at slip 1", "see below"))

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        slips = [step / 200 for step in range(141)]
        for (source, points, _), marker in zip(SETS, "os^", strict=True):
            left.plot([p[0] for p in points], [p[1] for p in points], marker, label=source)
        for name, colour in (("loose", "C0"), ("dense", "C1"), ("nominal", "k")):
            left.plot(slips, [SOILS[name].drawbar_ratio(slip) for slip in slips], color=colour, label=f"ours, {name}")
        left.set_xlabel("slip")
        left.set_ylabel("drawbar pull / load")
        left.legend(fontsize=7)
        slopes = [step * 0.5 for step in range(53)]
        for name, colour in (("loose", "C0"), ("dense", "C1"), ("nominal", "k")):
            right.plot(slopes, [driven_slip(SOILS[name], slope) for slope in slopes], color=colour, label=name)
        right.set_xlabel("slope climbed, deg")
        right.set_ylabel("slip of the simulated rover")
        right.legend(fontsize=7)

    nominal = ", ".join(f"{driven_slip(SOILS['nominal'], slope):.0%} at {slope:g} deg" for slope in ANGLES_DEG)
    return Chapter(
        name="soil",
        title="Wheel and soil",
        says=(
            "Drawbar pull over load against single-wheel tests with lugged wheels. `loose` is fitted to Ding et al., "
            "`dense` to Hurrell et al.; `nominal`, the default, is shaped to carry a rover up the 20 deg that Yutu was "
            f"built for. Slip of the whole simulated rover in `nominal` soil: {nominal}."
        ),
        rows=tuple(rows),
        honest=(
            "The first two curves are fits to the points they are shown with, so their error is that of the form, "
            "not a prediction. Rashid's test bed was loosely packed: our `dense` means that it grips well, no "
            "more. `nominal` is an estimate, for no curve of a 35 kg rover's wheel is published: it pulls less "
            "than `dense` below slip 0.4 and about as much as Rashid's wheel above. Wang and Han's wheel pulls "
            "half as much as Rashid's at the same slip: wheel and soil preparation move traction by a factor of "
            "two, which is why a mission should be flown in all three soils. Sinkage is one straight line, up to "
            "6 mm too deep between slip 0.1 and 0.5 in these tests. All of them were made under the Earth's "
            "gravity, at about the load of a rover on the Moon or above."
        ),
        draw=draw,
    )
