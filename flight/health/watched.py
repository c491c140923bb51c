"""The board as flight sees it: every call is watched, and neither a shut-off device nor an old reading gets through.

Below 0.3 us a call on a desktop machine; the order of calls to the devices is that of their owners.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final, TypeVar

from flight.health.registry import DeviceRecord, DeviceRegistry, Probe
from hal.api.absent import Absent
from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceError, DriverDefect, NotReady
from hal.api.values import Value
from telemetry_defs.areas.health import DeviceId

T = TypeVar("T")
ALWAYS: Final = "make_safe"
"""Goes through whatever is known of a device: an output must not stay on because it was given up."""
OLDEST_NS: Final[Mapping[DeviceId, int]] = MappingProxyType(
    {
        DeviceId.WHEELS: NS_PER_S,
        DeviceId.STEERING: NS_PER_S,
        DeviceId.IMU: NS_PER_S,
        DeviceId.POWER_MONITOR: 3 * NS_PER_S,
        DeviceId.ARRAY: 3 * NS_PER_S,
        DeviceId.TEMPERATURES: 3 * NS_PER_S,
    }
)
"""A reading older than that comes from a frozen device or a stuck driver: a failure as good as silence.  Ground motion
and the Sun sensor say themselves when what they give was true."""
NO_DEVICES: Final = ("clock", "reset_cause", "host", "process")
"""What a board has besides devices: the computer itself, which never raises `DeviceError`."""


def watch(hal: Hal) -> tuple[Hal, DeviceRegistry]:
    """The same board with every device watched, and who counts what is seen."""
    registry = DeviceRegistry(hal.clock)
    watched: dict[str, Any] = {}
    for field in fields(hal):
        device = getattr(hal, field.name)
        if field.name == "instruments":
            watched[field.name] = {name: _watch(item, name, registry) for name, item in device.items()}
        elif field.name not in NO_DEVICES and device is not None:
            watched[field.name] = _watch(device, field.name, registry)
    return replace(hal, **watched), registry


def _watch(device: object, name: str, registry: DeviceRegistry) -> object:
    known = DeviceId.__members__.get(name.upper())
    if isinstance(device, Absent):  # its record keeps no probe, which says that it is absent
        return device
    if known is None:  # an instrument that only the board knows: nobody in flight uses it
        return device
    record = registry.records[known]
    methods = {key: getattr(device, key) for key in dir(type(device)) if not key.startswith("_")}
    methods = {key: method for key, method in methods.items() if callable(method)}
    record.probe = _guarded(methods.get(record.facts.probe, _nothing_to_ask), record)
    return SimpleNamespace(
        **{key: _watched(method, record, registry, always=key == ALWAYS) for key, method in methods.items()}
    )


def _watched(
    method: Callable[..., T], record: DeviceRecord, registry: DeviceRegistry, *, always: bool
) -> Callable[..., T]:
    oldest_ns = None if always else OLDEST_NS.get(record.device)
    clock = registry.clock

    def call(*args: Any) -> T:
        shut = record.dead or record.cycling
        if shut and not always:
            raise NotReady(record.device.name.lower(), "declared dead" if record.dead else "being power-cycled")
        try:
            result = method(*args)
            if oldest_ns is not None:
                _refuse_old(record, result, clock.now_ns() - oldest_ns)
        except DeviceError as error:
            if not shut:
                registry.failed(record, error)
            raise
        except Exception as error:  # a mistake in one driver costs its device, not the row that asks it
            defect = _defect(record, error)
            if not shut:
                registry.failed(record, defect)
            raise defect from error
        if record.failing_since_ns is not None and not shut:
            record.answered()
        return result

    return call


def _guarded(probe: Probe, record: DeviceRecord) -> Probe:
    """A probe asks the device itself, watched or not; of its driver's mistakes it makes the same."""

    def ask() -> object:
        try:
            return probe()
        except DeviceError:
            raise
        except Exception as error:
            raise _defect(record, error) from error

    return ask


def _defect(record: DeviceRecord, error: Exception) -> DriverDefect:
    """With type, place and text of what a driver raised: `TypeError in ina260.py:88: ...`."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception that cannot even be printed
        text = "?"
    place = f"{frame.f_code.co_filename.rpartition('/')[2]}:{line}"
    return DriverDefect(record.device.name.lower(), f"{type(error).__name__} in {place}: {text}")


def _refuse_old(record: DeviceRecord, reading: object, oldest_ns: int) -> None:
    if isinstance(reading, Value) and reading.time_ns < oldest_ns:
        raise BadReading(record.device.name.lower(), "an old reading came again")


def _nothing_to_ask() -> None:
    """Stands for the probe of a device that is never given up."""
