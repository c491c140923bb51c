"""The closed registry of faults that a scenario can inject: device, kind, and what starts and ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from hal.api.values import FACES, WHEELS
from sim_hal.simulation import Simulation

Switch = Callable[[Simulation, bool], None]
"""Starts (True) or ends (False) a fault in a simulation."""


class Fault(msgspec.Struct, frozen=True):
    """One registered device/kind pair."""

    switch: Switch
    meaning: str


def _jam(index: int) -> Switch:
    def switch(simulation: Simulation, on: bool) -> None:
        simulation.world.drive.jammed[index] = on

    return switch


def _lose_face(index: int) -> Switch:
    def switch(simulation: Simulation, on: bool) -> None:
        simulation.world.energy.array.lost[index] = on

    return switch


def _blackout(radio: str) -> Switch:
    def switch(simulation: Simulation, on: bool) -> None:
        simulation.links[radio].channel.gaps += 1 if on else -1

    return switch


REGISTRY: Final[Mapping[tuple[str, str], Fault]] = MappingProxyType(
    {
        **{(f"wheels.{name}", "jam"): Fault(_jam(i), "the wheel cannot turn") for i, name in enumerate(WHEELS)},
        **{(f"array.{name}", "lost"): Fault(_lose_face(i), "the face gives no power") for i, name in enumerate(FACES)},
        **{
            (f"radio_{name}", "blackout"): Fault(_blackout(name), "no carrier either way")
            for name in ("local", "relay")
        },
    }
)
