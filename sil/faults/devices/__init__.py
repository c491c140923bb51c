"""Faults of single devices, between flight and what the device truly measures or moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sil.faults.devices import core, drives, heat, motion, payloads, power, radios, switches
from sil.faults.kinds import Fault

FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **motion.FAULTS,
    **drives.FAULTS,
    **power.FAULTS,
    **heat.FAULTS,
    **switches.FAULTS,
    **radios.FAULTS,
    **payloads.FAULTS,
    **core.FAULTS,
}
