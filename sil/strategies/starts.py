"""Where a mission begins: place, mode, charge, temperatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final

from hypothesis import strategies as st

from sil.scenario import Pose, StartSection
from sil.strategies.numbers import between

BRIGHT: Final = datetime(2029, 9, 24, tzinfo=timezone.utc)  # noqa: UP017 - msgspec's own UTC objects are of this kind
"""A week of low Sun at the reference site."""
WORLDS: Final = ("flat", "flat", "flat", "steep_slope", "big_boulder", "leibnitz_beta")
MODES: Final = (
    *("IDLE",) * 5, *("DRIVE",) * 2, *("SAFE",) * 2, *("SERVICE",) * 2, "CHARGE", "EGRESS", "STOWED", "SCIENCE",
    "COMM", "THERMAL_HOLD", "WAKE", "HIBERNATE", "INIT",
)  # fmt: skip
"""Every mode; the everyday ones more often."""
CHARGES: Final = (0.8, 0.95, 0.65, 0.62, 0.52, 0.48, 0.42, 0.36, 0.31, 0.28, 0.22, 0.18, 0.12)
"""On every rung of the charge ladder, and near their edges."""
USUAL: Final = (*CHARGES[:9], *(CHARGES[:3] * 3))
"""Of modes in which the rover works: enough to drive, more often than not."""
ABLE: Final = CHARGES[:3]
"""Enough to drive."""
SHORT: Final = (0.44, 0.41, 0.39, 0.36, 0.34, 0.33, 0.31, *CHARGES[9:])
"""About the edges at which loads are shed, and below."""
UNUSUAL_C: Final[Mapping[str, Sequence[float]]] = {
    "motors": (0.0, -30.0, -48.0, -53.0, -70.0),
    "battery": (15.0, 5.5, 1.5, -1.0, -4.0, -7.0, -12.0, 33.0, 46.0),
    "web": (15.0, -10.0, -22.0, -33.0, 48.0, 53.0),
}
"""By node: about its limits."""
NODES: Final = tuple(UNUSUAL_C)


def worlds(names: Sequence[str] = WORLDS) -> st.SearchStrategy[str]:
    """A shipped world by name."""
    return st.sampled_from(list(dict.fromkeys(names)) if len(names) < 3 else list(names))


@st.composite
def starts(
    draw: st.DrawFn, modes: Sequence[str] = MODES, charges: Sequence[float] = (), nodes: Sequence[str] = NODES
) -> StartSection:
    """`[start]`: any mode, one of `charges` or any that fits the mode, mild temperatures but sometimes of `nodes`."""
    mode = draw(st.sampled_from(list(modes)))
    low = mode in ("SAFE", "CHARGE", "HIBERNATE", "WAKE", "STOWED", "INIT", "SERVICE")
    return StartSection(
        time_utc=BRIGHT,
        mode=mode,  # type: ignore[arg-type]  # one of the literals, drawn as a text
        soc=draw(st.sampled_from(charges or (CHARGES if low else USUAL))),
        pose=Pose(x_m=10.0, yaw_rad=draw(between(-3.0, 3.0, 0.0))),
        temperatures_c=draw(_temperatures(nodes)),
    )


@st.composite
def _temperatures(draw: st.DrawFn, nodes: Sequence[str]) -> dict[str, float]:
    found: dict[str, Any] = {}
    for node in nodes:
        if draw(st.integers(0, 5)) == 5:
            found[node] = draw(st.sampled_from(UNUSUAL_C[node]))
    return found
