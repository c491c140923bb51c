"""The registry as people read it: pairs that differ by their device alone are one family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from sil.faults.kinds import Fault
from sil.faults.registry import REGISTRY

FEW: Final = 3
"""So many devices are named one by one where there is little room."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """Devices that fail in the same way."""

    devices: tuple[str, ...]
    kind: str
    fault: Fault
    """Of the first device; the others' is the same but for the device."""

    @property
    def name(self) -> str:
        """The device, or what stands for them all: `wheels.*`, `array.left, array.right`."""
        if len(self.devices) <= FEW:
            return ", ".join(self.devices)
        owner = _owner(self.devices[0])
        return f"{owner}{self.devices[0][len(owner)]}*"

    @property
    def id(self) -> str:
        """For a test's name."""
        return f"{self.devices[0]}/{self.kind}"


def families() -> tuple[Family, ...]:
    """In the order of the registry."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for (device, kind), fault in REGISTRY.items():
        groups.setdefault(_likeness(device, kind, fault), []).append(device)
    return tuple(_family(devices, str(key[0])) for key, devices in groups.items())


def _family(devices: list[str], kind: str) -> Family:
    return Family(devices=tuple(devices), kind=kind, fault=REGISTRY[devices[0], kind])


def _likeness(device: str, kind: str, fault: Fault) -> tuple[object, ...]:
    """What two members have in common: all but the device and the functions that act."""
    return (kind, _owner(device), *_said(fault))


def _owner(device: str) -> str:
    """`wheels` of `wheels.front_left`, `radio` of `radio_local`."""
    return device.partition("." if "." in device else "_")[0]


def _said(fault: Fault) -> Iterator[object]:
    for field in msgspec.structs.fields(Fault):
        if field.name not in ("make", "absent"):
            yield getattr(fault, field.name)
