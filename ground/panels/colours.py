"""Colours of pictures and report: the colour-blind safe set of Okabe and Ito (2008), and one colour for each mode."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from telemetry_defs.definitions import Severity

CYCLE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A500")
TRUTH_CYCLE: Final = ("#222222", "#8A5A00", "#5B5B8C")
BAND: Final = "#9575CD"
BELIEVED_TRACK: Final = "#0072B2"
TRUE_TRACK: Final = "#D55E00"
LIMIT: Final = "#C00000"
GRID: Final = "#DDDDDD"
QUIET: Final = "#888888"
LINK: Final = "#009E73"
LINK_TRUTH: Final = "#999999"

SEVERITY: Final[Mapping[Severity, str]] = MappingProxyType(
    {Severity.INFO: "#56748C", Severity.LOW: "#B8A500", Severity.MEDIUM: "#E07B00", Severity.HIGH: "#C00000"}
)
MODE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "INIT": "#CCCCCC",
        "STOWED": "#A6A6A6",
        "SERVICE": "#C9B8E8",
        "EGRESS": "#8C6BB1",
        "IDLE": "#B7D7EA",
        "CHARGE": "#F2D64B",
        "DRIVE": "#3C9D4E",
        "SCIENCE": "#2F7FB8",
        "COMM": "#63C7C0",
        "THERMAL_HOLD": "#E8A07A",
        "HIBERNATE": "#4B4B6B",
        "WAKE": "#E9B0C8",
        "SAFE": "#D9534F",
    }
)
DARK_MODES: Final = frozenset({"EGRESS", "DRIVE", "SCIENCE", "HIBERNATE", "SAFE"})


def mode_colour(name: str) -> str:
    """Return the colour of a mode, grey for one that this dictionary does not know."""
    return MODE.get(name, QUIET)
