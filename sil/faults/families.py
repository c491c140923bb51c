"""The registry as people read it: pairs that differ by their device alone are one family."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
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
        """The device, or what stands for them all: `array.left, array.right`, `wheels.*`, `loads.* (not charge)`."""
        if len(self.devices) <= FEW:
            return ", ".join(self.devices)
        start = _common_start(self.devices)
        alike = [name for name in _devices() if name.startswith(start)]
        others = [name.removeprefix(start) for name in alike if name not in self.devices]
        return f"{start}* (not {', '.join(others)})" if others else f"{start}*"

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


def _common_start(devices: tuple[str, ...]) -> str:
    """Up to the end of a word: `wheels.`, `heaters.motor_`."""
    words = zip(*(re.split(r"(?<=[._])", name) for name in devices), strict=False)
    return "".join(word for word, *_ in takewhile(lambda column: len(set(column)) == 1, words))


@cache
def _devices() -> tuple[str, ...]:
    """All of the registry, each once, in its order."""
    return tuple(dict.fromkeys(device for device, _ in REGISTRY))


def _owner(device: str) -> str:
    """`wheels` of `wheels.front_left`, `radio` of `radio_local`."""
    return device.partition("." if "." in device else "_")[0]


def _said(fault: Fault) -> Iterator[object]:
    for field in msgspec.structs.fields(Fault):
        if field.name not in ("make", "absent"):
            yield getattr(fault, field.name)
