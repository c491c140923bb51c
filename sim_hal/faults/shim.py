"""Stands between flight and its devices: passes every call through, until a fault says otherwise.

The fault outlives a reset of the computer, as a broken device does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final

from hal.api.absent import Absent
from hal.api.board import Hal

Call = Callable[..., Any]
CallFault = Callable[[str, tuple[Any, ...], Call], Any]
"""Given the method's name, its arguments and the healthy method; answers in its place."""
NO_DEVICES: Final = ("clock", "reset_cause", "host", "process", "instruments")


class _Box:
    """The faults of one device, outermost last."""

    __slots__ = ("faults",)

    def __init__(self) -> None:
        self.faults: tuple[CallFault, ...] = ()


class DeviceFaults:
    """The faults in force, by device as `Hal` names it."""

    def __init__(self) -> None:
        self._boxes: dict[str, _Box] = {}

    def setter(self, device: str, fault: CallFault) -> Callable[[float], None]:
        """Puts `fault` around `device` while its level is above 0."""
        box = self._box(device)

        def set_level(level: float) -> None:
            others = tuple(item for item in box.faults if item is not fault)
            box.faults = (*others, fault) if level > 0.0 else others

        return set_level

    def around(self, hal: Hal) -> Hal:
        """The same board with this in between."""
        shims: dict[str, Any] = {
            field.name: self._shim(getattr(hal, field.name), field.name)
            for field in fields(hal)
            if field.name not in NO_DEVICES and getattr(hal, field.name) is not None
        }
        payloads = {name: self._shim(device, name) for name, device in hal.instruments.items()}
        return replace(hal, instruments=payloads, **shims)

    def _box(self, device: str) -> _Box:
        return self._boxes.setdefault(device, _Box())

    def _shim(self, device: Any, name: str) -> Any:
        if isinstance(device, Absent):
            return device
        box = self._box(name)
        methods = (key for key in dir(type(device)) if not key.startswith("_"))
        calls = {key: _call(getattr(device, key), key, box) for key in methods if callable(getattr(device, key))}
        # A class of its own: flight looks at a device's type for what it offers.
        return type(f"Shim{type(device).__name__}", (), {key: staticmethod(call) for key, call in calls.items()})()


def _call(method: Call, key: str, box: _Box) -> Call:
    def call(*args: Any) -> Any:
        return _faulty(method, key, args, box.faults) if box.faults else method(*args)

    return call


def _faulty(method: Call, key: str, args: tuple[Any, ...], faults: tuple[CallFault, ...]) -> Any:
    *inner, last = faults
    if not inner:
        return last(key, args, method)
    return last(key, args, lambda *new: _faulty(method, key, new, tuple(inner)))
