"""What an instrument is to the life cycle: a few facts, and a device that starts, is polled, and gives a payload."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from flight.products.format import Payload
from hal.api.devices import Camera, Instrument
from telemetry_defs.areas.instruments import InstrumentId


class Unit(Protocol):
    """One instrument's device; every method may raise `DeviceError`."""

    def ready(self) -> bool:
        """Powered, warm and idle."""
        ...

    def start(self, amount_s: float) -> None:
        """Begin an acquisition of this exposure or integration time."""
        ...

    def poll(self) -> Payload | None:
        """The payload once it is there."""
        ...

    def abort(self) -> None:
        """End the acquisition, dropping its data."""
        ...


@dataclass(frozen=True, kw_only=True)
class Devices:
    """Where a `SPEC` finds its device."""

    camera: Camera | None
    instruments: Mapping[str, Instrument]


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The facts of one instrument."""

    instrument: InstrumentId
    find: Callable[[Devices], Unit | None]
    """Its device on this board, None if the rover does not carry it."""
    least_warmup_s: float
    ready_timeout_s: float
    """From power-on; not ready by then is a fault."""
    margin_s: float
    """Longest time from the end of an acquisition to its payload; more is a fault."""
    min_c: float
    max_c: float
    """Working temperatures of the instrument bay."""
    most_bytes: int
    """Largest product."""

    @property
    def name(self) -> str:
        """Of its load switch and its device."""
        return self.instrument.name.lower()


class RecordUnit:
    """An integrating instrument as `Unit`."""

    def __init__(self, device: Instrument) -> None:
        self._device = device

    def ready(self) -> bool:
        """As the instrument says itself."""
        status = self._device.status()
        return status.ready and not status.fault

    def start(self, amount_s: float) -> None:
        """Integrate for `amount_s`."""
        self._device.start(amount_s)

    def poll(self) -> Payload | None:
        """The record as the instrument formats it."""
        record = self._device.poll()
        return None if record is None else Payload(data=record.data)

    def abort(self) -> None:
        """Passed on."""
        self._device.abort()


def record_unit(name: str) -> Callable[[Devices], Unit | None]:
    """Finds the integrating instrument `name`."""

    def find(devices: Devices) -> Unit | None:
        device = devices.instruments.get(name)
        return None if device is None else RecordUnit(device)

    return find
