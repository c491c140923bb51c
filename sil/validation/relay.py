"""The relay's orbit: period and windows over the site."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

from sil.validation.chapter import Chapter, Row, row
from sil.validation.sky import at
from sim_hal.world.epoch import NS
from sim_hal.world.relay import Relay
from sim_hal.world.world_file import load_world

DAYS: Final = 59
START: Final = "2029-09-20T00:00"
PUBLISHED: Final = "Queqiao-2: radii, inclination, 26.18 h"
COMPUTED: Final = "separate two-body run with DE421's axis"


def relay() -> Relay:
    """The relay of the shipped world."""
    world = load_world("leibnitz_beta")
    return Relay(world.site, world.relay)


def windows_h(link: Relay) -> tuple[list[float], list[float], float]:
    """Whole passes and gaps in hours, and the share of time it is seen."""
    start = at(START)
    stop = start + DAYS * 86_400 * NS
    windows = link.windows(start, stop)
    passes = [(down - up) / NS / 3600.0 for up, down in windows[1:-1]]
    gaps = [(after[0] - before[1]) / NS / 3600.0 for before, after in pairwise(windows)]
    return passes, gaps, sum(down - up for up, down in windows) / (stop - start)


def chapter() -> Chapter:
    """Period, passes, gaps, share, range."""
    link = relay()
    passes, gaps, seen = windows_h(link)
    start = at(START)
    track = [link.elevation_and_range(start + minute * 600 * NS) for minute in range(6 * 24 * 5)]
    ranges = [distance for elevation, distance in track if elevation > math.radians(10.0)]
    rows = (
        row("period, h", 26.18, PUBLISHED, link.period_s / 3600.0, digits=".2f"),
        _range("pass above 10 deg, h", (22.6, 23.4), (min(passes), max(passes))),
        _range("gap, h", (2.8, 3.6), (min(gaps), max(gaps))),
        _range("seen, %", (88.0, 89.0), (100.0 * seen, 100.0 * seen)),
        _range("range while seen, 1000 km", (3.75, 17.4), (min(ranges) / 1000.0, max(ranges) / 1000.0)),
    )

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        axes.plot([step / 6 for step in range(len(track))], [math.degrees(elevation) for elevation, _ in track])
        axes.axhline(10.0, color="grey", linestyle="--", label="mask")
        axes.set_xlabel(f"hours from {START} UTC")
        axes.set_ylabel("relay's elevation, deg")
        axes.legend()

    return Chapter(
        name="relay",
        title="Relay windows",
        says=(
            "The published ellipse of Queqiao-2 as a two-body orbit with apolune over the south; windows above 10 deg "
            f"over {DAYS} days against a separate computation made before this one."
        ),
        rows=rows,
        honest=(
            "Only the period is a published number. Which way the orbit lies and where on it the relay is at a given "
            "time are assumptions (world file), as is that the published 1992 x 18679 km are radii: only then does the "
            "published period follow. Perturbations by Earth and Sun turn such an orbit over months and are left out, "
            "so windows are realistic in length, not in date."
        ),
        draw=draw,
    )


def _range(what: str, published: tuple[float, float], ours: tuple[float, float]) -> Row:
    low, high = published
    error = f"{ours[0] - low:+.2f} / {ours[1] - high:+.2f}"
    return row(what, f"{low:g} to {high:g}", COMPUTED, f"{ours[0]:.2f} to {ours[1]:.2f}", error)
