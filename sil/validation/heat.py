"""Ground temperatures against Diviner and against an independent run of the same published model."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

from sil.validation.chapter import Chapter, row
from sil.validation.sky import at, leibnitz_sky
from sim_hal.world.epoch import NS
from sim_hal.world.regolith import surface_temperature_k

SYNODIC_H: Final = 708.734
STEPS_A_DAY: Final = 709
DIVINER: Final = {"maximum": 392.3, "minimum": 94.3, "mean": 215.5}
"""Equator, K: Williams et al. 2017, Icarus 283."""
POLAR: Final = {"maximum": 174.0, "minimum": 63.0, "mean": 107.0}
"""Flat ground at 85.3 S, K: our own earlier, separate implementation of Hayne et al. 2017."""


def equator_k() -> list[float]:
    """One lunar day on the equator with the Sun at the zenith at noon, hourly."""
    elevations = [math.asin(math.cos(math.tau * hour / STEPS_A_DAY)) for hour in range(STEPS_A_DAY)]
    return surface_temperature_k(elevations, SYNODIC_H / STEPS_A_DAY * 3600.0, spin_up=24, start_k=220.0)


def polar_k() -> list[float]:
    """A year at the site on level ground over a level horizon, hourly."""
    sky, start = leibnitz_sky(), at("2028-07-01T00:00")
    coarse = [sky.sun(start + slot * 6 * 3600 * NS).elevation_rad for slot in range(366 * 4)]
    hourly = [low + (high - low) * part / 6 for low, high in pairwise(coarse) for part in range(6)]
    return surface_temperature_k(hourly, 3600.0, spin_up=3, start_k=110.0)


def summary(kelvin: list[float]) -> dict[str, float]:
    """Extremes and mean."""
    return {"maximum": max(kelvin), "minimum": min(kelvin), "mean": sum(kelvin) / len(kelvin)}


def chapter() -> Chapter:
    """Equator against measurements, pole against the other implementation."""
    equator, polar = equator_k(), polar_k()
    rows = [
        *(
            row(f"equator, {what}, K", value, "Diviner: Williams et al. 2017", summary(equator)[what], digits=".1f")
            for what, value in DIVINER.items()
        ),
        *(
            row(f"85.3 S, {what}, K", value, "separate run of Hayne et al. 2017", summary(polar)[what], digits=".1f")
            for what, value in POLAR.items()
        ),
    ]

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        half = STEPS_A_DAY // 2
        left.plot([24.0 * hour / STEPS_A_DAY for hour in range(STEPS_A_DAY)], equator[half:] + equator[:half])
        for value in DIVINER.values():
            left.axhline(value, color="grey", linestyle="--", linewidth=0.8)
        left.set_xlabel("local time, h (equator)")
        left.set_ylabel("surface temperature, K")
        right.plot([hour / 24 for hour in range(len(polar))], polar, linewidth=0.7)
        for value in POLAR.values():
            right.axhline(value, color="grey", linestyle="--", linewidth=0.8)
        right.set_xlabel("days from 2028-07-01 (85.3 S)")

    return Chapter(
        name="heat",
        title="Temperature of the ground",
        says=(
            "The one-dimensional regolith model (Hayne et al. 2017 parameters) on the equator against what Diviner "
            "measured, and at the site on flat ground against a separate implementation made before this one. Dashed: "
            "the numbers compared with."
        ),
        rows=tuple(rows),
        honest=(
            "The polar numbers are a model against a model: there is no published curve for this spot. Albedo at "
            "grazing Sun is the least certain part, and moves the polar maximum by tens of kelvin; a slope of 10 "
            "deg toward the Sun adds 75 K. The mission itself uses two fixed sink temperatures (175 K sunlit, 90 "
            "K dark), which this model is there to justify."
        ),
        draw=draw,
    )
