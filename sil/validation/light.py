"""How much light a skyline leaves: the Sun over two years above level and lowered horizons."""

from __future__ import annotations

import math
from typing import Any, Final

from sil.validation.chapter import Chapter, row
from sil.validation.sky import at, leibnitz_sky
from sim_hal.world.epoch import NS
from sim_hal.world.horizon import Horizon
from sim_hal.world.sky import Direction
from sim_hal.world.world_file import load_world

FIRST: Final = "2028-07-01T00:00"
STEP_H: Final = 3
STEPS: Final = 730 * 24 // STEP_H
MASKS: Final = ((-4.0, 84.0, 228.0), (-2.0, 65.0, 330.0), (0.0, 50.0, 428.0), (2.0, 36.0, 544.0))
"""Level skyline in degrees, % of time lit, longest dark in hours: computed with DE421 and its lunar orientation."""
DE421: Final = "separate run with DE421"


def two_years() -> list[Direction]:
    """The Sun every three hours."""
    sky, start = leibnitz_sky(), at(FIRST)
    return [sky.sun(start + step * STEP_H * 3600 * NS) for step in range(STEPS)]


def lit_share(lit: list[bool]) -> float:
    """Per cent."""
    return 100.0 * sum(lit) / len(lit)


def longest_dark_h(lit: list[bool]) -> float:
    """Longest run without light."""
    longest = run = 0
    for is_lit in lit:
        run = 0 if is_lit else run + 1
        longest = max(longest, run)
    return float(longest * STEP_H)


def chapter() -> Chapter:
    """Level masks against DE421, and what the shipped skyline gives."""
    suns = two_years()
    elevations = [math.degrees(sun.elevation_rad) for sun in suns]
    lowest, highest = min(elevations), max(elevations)
    rows = [
        row("Sun's lowest elevation, deg", -6.22, DE421, lowest, digits=".2f"),
        row("Sun's highest elevation, deg", 6.27, DE421, highest, digits=".2f"),
    ]
    for mask, share, dark_h in MASKS:
        lit = [elevation > mask for elevation in elevations]
        rows.append(row(f"level skyline at {mask:g} deg, lit %", share, DE421, lit_share(lit), digits=".1f"))
        rows.append(
            row(f"level skyline at {mask:g} deg, longest dark h", dark_h, DE421, longest_dark_h(lit), digits=".0f")
        )
    horizon = Horizon(load_world("leibnitz_beta").horizon)
    shipped = [horizon.visible(sun) for sun in suns]
    share, dark_h = lit_share(shipped), longest_dark_h(shipped)
    rows.append(row("shipped skyline, lit %", "none", "invented", f"{share:.1f}", "-"))
    rows.append(row("shipped skyline, longest dark h", "none", "invented", f"{dark_h:.0f}", "-"))

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        days = [step * STEP_H / 24 for step in range(STEPS)]
        axes.plot(days, elevations, linewidth=0.6, label="Sun")
        skyline = [math.degrees(horizon.elevation_rad(sun.azimuth_rad)) for sun in suns]
        axes.plot(days, skyline, linewidth=0.6, label="shipped skyline below it")
        axes.set_xlabel(f"days from {FIRST[:10]}")
        axes.set_ylabel("elevation, deg")
        axes.legend(fontsize=7)

    return Chapter(
        name="light",
        title="Light and horizon",
        says=(
            f"The Sun every {STEP_H} hours over two years at 85.3 S 31 E, over level skylines, against the same "
            "statistics from DE421 with its lunar orientation; then over the skyline that the shipped world has."
        ),
        rows=tuple(rows),
        honest=(
            "Level skylines check the ephemeris, not the place. No public skyline of this spot exists, so the "
            "shipped one is invented (the world file says so) and its light is only plausible: the best ridges of "
            "the region are lit 92 to 96 % of the time with at most 3 to 5 days of dark (Gläser et al. 2014), a "
            "plateau much less. A mission plan for the real place needs a skyline from LOLA terrain; the world "
            "file takes one."
        ),
        draw=draw,
    )
