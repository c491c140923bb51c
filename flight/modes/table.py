"""The mode table: where each mode may lead, what guards its entry, where it falls back to.

What each subsystem does in a mode is its own table `MODE_TARGETS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from flight.modes import guards
from flight.modes.guards import Guard
from telemetry_defs.definitions import Mode


class ModeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table."""

    meaning: str
    next: frozenset[Mode]
    guards: tuple[Guard, ...] = ()
    fallback: Mode | None = None
    """Where the rover goes by itself when the mode's reason has ended."""


def _modes(*names: str) -> frozenset[Mode]:
    return frozenset(Mode[name] for name in (*names, "SAFE"))


MODES: Final[Mapping[Mode, ModeSpec]] = MappingProxyType(
    {
        Mode.INIT: ModeSpec(
            meaning="first seconds after boot, until the rover knows itself",
            next=_modes("STOWED", "SERVICE", "IDLE", "CHARGE", "WAKE"),
            fallback=Mode.SAFE,
        ),
        Mode.STOWED: ModeSpec(
            meaning="on the lander, kept alive by its power",
            next=_modes("SERVICE"),
            guards=(guards.no_boot_loop, guards.on_lander),
        ),
        Mode.SERVICE: ModeSpec(
            meaning="checkout under ground control",
            next=_modes("STOWED", "EGRESS", "IDLE"),
            guards=(guards.no_boot_loop,),
        ),
        Mode.EGRESS: ModeSpec(
            meaning="leaving the lander",
            next=_modes("SERVICE", "IDLE"),
            guards=(guards.soc_for_drive, guards.level, guards.temperate, guards.linked),
            fallback=Mode.SERVICE,
        ),
        Mode.IDLE: ModeSpec(
            meaning="awake and waiting",
            next=_modes("SERVICE", "CHARGE", "DRIVE", "SCIENCE", "COMM", "THERMAL_HOLD", "HIBERNATE"),
            guards=(guards.no_boot_loop, guards.released, guards.soc_for_work),
        ),
        Mode.CHARGE: ModeSpec(
            meaning="standing still for the battery's sake",
            next=_modes("IDLE", "COMM", "THERMAL_HOLD", "HIBERNATE"),
            guards=(guards.no_boot_loop,),
            fallback=Mode.IDLE,
        ),
        Mode.DRIVE: ModeSpec(
            meaning="moving",
            next=_modes("IDLE", "CHARGE", "THERMAL_HOLD"),
            guards=(guards.soc_for_drive, guards.level, guards.temperate, guards.linked),
            fallback=Mode.IDLE,
        ),
        Mode.SCIENCE: ModeSpec(
            meaning="acquiring",
            next=_modes("IDLE", "CHARGE", "THERMAL_HOLD"),
            guards=(guards.soc_for_work, guards.temperate),
            fallback=Mode.IDLE,
        ),
        Mode.COMM: ModeSpec(
            meaning="downlink at the highest rate",
            next=_modes("IDLE", "CHARGE", "THERMAL_HOLD"),
            guards=(guards.soc_for_work, guards.temperate, guards.linked),
            fallback=Mode.IDLE,
        ),
        Mode.THERMAL_HOLD: ModeSpec(
            meaning="parked until the electronics are within their working range again",
            next=_modes("IDLE", "CHARGE", "HIBERNATE"),
            fallback=Mode.IDLE,
        ),
        Mode.HIBERNATE: ModeSpec(
            meaning="flight computer off, power controller on watch",
            next=_modes("WAKE"),
            guards=(guards.controller_present,),
            fallback=Mode.SAFE,
        ),
        Mode.WAKE: ModeSpec(meaning="warming up after HIBERNATE or a dead bus", next=_modes(), fallback=Mode.SAFE),
        Mode.SAFE: ModeSpec(
            meaning="wheels still, loads shed, receiver on, waiting for ground",
            next=_modes("STOWED", "SERVICE", "IDLE", "CHARGE", "HIBERNATE") - {Mode.SAFE},
        ),
    }
)

RESUMED: Final = frozenset({Mode.STOWED, Mode.SERVICE, Mode.IDLE, Mode.CHARGE, Mode.SAFE})
"""A boot returns to these; from any other mode it comes up in SAFE."""
