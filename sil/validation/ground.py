"""Craters and rocks: what was drawn against the law it was drawn from."""

from __future__ import annotations

import math
from typing import Any, Final

from sil.validation.chapter import Chapter, row
from sim_hal.world.craters import Crater, CraterField
from sim_hal.world.rocks import Rock, RockField
from sim_hal.world.world_file import CraterSection, RockSection, load_world

SIDE_M: Final = 600.0
_AREA_M2: Final = SIDE_M * SIDE_M
CRATER_SIZES_M: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
ROCK_SIZES_M: Final = (0.1, 0.2, 0.4, 0.8)
LAW: Final = "equilibrium law 0.079 D^-2"
WU: Final = "Wu et al. 2021 (Chang'e-4)"


def drawn(side_m: float = SIDE_M) -> tuple[CraterSection, list[Crater], RockSection, list[Rock]]:
    """Everything whose centre lies in a square of the shipped world, laws and all."""
    terrain = load_world("leibnitz_beta").terrain
    if terrain.craters is None or terrain.rocks is None:
        raise ValueError("world leibnitz_beta has craters and rocks")
    box = (0.0, 0.0, side_m, side_m)
    craters = [c for c in CraterField(terrain.craters, terrain.terrain_seed).reaching(*box) if _inside(c, side_m)]
    rocks = [rock for rock in RockField(terrain.rocks, terrain.terrain_seed).reaching(*box) if _inside(rock, side_m)]
    return terrain.craters, craters, terrain.rocks, rocks


def crater_law(section: CraterSection, diameter_m: float) -> float:
    """Craters per m2 from a diameter to the largest that the world has."""
    return section.per_m2 * (diameter_m**-2 - section.max_diameter_m**-2)


def rock_law(section: RockSection, diameter_m: float) -> float:
    """Share of ground under rocks from a diameter to the largest that the world has."""
    k, q = section.coverage, section.decay_per_m
    return k * (math.exp(-q * diameter_m) - math.exp(-q * section.max_diameter_m))


def chapter() -> Chapter:
    """Numbers, depths, coverage."""
    crater_section, craters, rock_section, rocks = drawn()
    rows = []
    for size in CRATER_SIZES_M:
        expected = crater_law(crater_section, size) * _AREA_M2
        found = sum(2.0 * crater[2] >= size for crater in craters)
        sigma = (found - expected) / math.sqrt(expected)
        rows.append(row(f"craters over {size:g} m", f"{expected:,.0f}", LAW, f"{found:,}", f"{sigma:+.1f} sigma"))
    ratio = sum(crater[3] / 0.8 / (2.0 * crater[2]) for crater in craters) / len(craters)
    rows.append(row("mean depth over diameter", 0.061, WU, ratio, digits=".4f"))
    for size in ROCK_SIZES_M:
        expected = 100.0 * rock_law(rock_section, size)
        found_share = 100.0 * sum(math.pi * rock[2] ** 2 for rock in rocks if 2.0 * rock[2] >= size) / _AREA_M2
        rows.append(
            row(
                f"ground under rocks over {size:g} m, %",
                expected,
                "k exp(-qD), Golombek and Rapp 1997",
                found_share,
                f"{found_share / expected - 1.0:+.1%}",
                digits=".3f",
            )
        )

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        sizes = sorted((2.0 * crater[2] for crater in craters), reverse=True)
        left.loglog(sizes, [(n + 1) / _AREA_M2 for n in range(len(sizes))], label="drawn")
        grid = [0.5 * 1.1**step for step in range(57)]
        left.loglog(grid, [crater_law(crater_section, size) for size in grid], "--", label="law, cut at the largest")
        left.set_xlabel("crater diameter D, m")
        left.set_ylabel("craters over D, 1/m2")
        left.legend(fontsize=7)
        widths = [0.1 + 0.05 * step for step in range(38)]
        covered = [sum(math.pi * rock[2] ** 2 for rock in rocks if 2 * rock[2] >= d) / _AREA_M2 for d in widths]
        right.semilogy(widths, covered, "o", markersize=3, label="drawn")
        right.semilogy(widths, [rock_law(rock_section, d) for d in widths], "--", label="law, cut at the largest")
        right.set_xlabel("rock diameter D, m")
        right.set_ylabel("share of ground under rocks over D")
        right.legend(fontsize=7)

    return Chapter(
        name="ground",
        title="Craters and rocks",
        says=(
            f"All craters and rocks of a square of {SIDE_M:g} m of the shipped world, counted against the laws "
            "that they are drawn from. Sigma is the expected scatter of a count."
        ),
        rows=tuple(rows),
        honest=(
            "This shows that the dice are right, not that the place looks so. The crater law is that of a surface in "
            "equilibrium, and craters are thrown independently. The rocks' k = 0.0126 and q = 1.73/m are "
            "planning values used for MoonRanger, not measured at this site; rocks at Chang'e-4's site cover 0.21 % in "
            "all (Wu et al. 2021), a sixth of that. Diameters end at the sizes in the world file."
        ),
        draw=draw,
    )


def _inside(disc: tuple[float, float, float, float], side_m: float) -> bool:
    return 0.0 <= disc[0] < side_m and 0.0 <= disc[1] < side_m
