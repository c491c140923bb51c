"""The closed registry of faults: device and kind, and all that is known of the pair."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from hal.api.config import Section, decode_raw
from sil.faults import computer, devices, links, plant, wires
from sil.faults.kinds import Fault
from sil.faults.merging import merged

REGISTRY: Final[Mapping[tuple[str, str], Fault]] = MappingProxyType(
    merged(plant.FAULTS, devices.FAULTS, wires.FAULTS, links.FAULTS, computer.FAULTS)
)


def fault_of(pair: str) -> Fault:
    """The row of DEVICE/KIND.  Raises `KeyError`."""
    device, _, kind = pair.rpartition("/")
    return REGISTRY[device, kind]


def parameters(device: str, kind: str, args: Mapping[str, Any]) -> Section:
    """The decoded parameters of a fault.  Raises `ConfigError`, `KeyError` for an unknown pair."""
    return decode_raw(dict(args), REGISTRY[device, kind].params, f"args of {device}/{kind}")
