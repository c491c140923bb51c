"""The one aggregate of devices that flight is handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Protocol, runtime_checkable

from hal.api.clock import Clock
from hal.api.devices import (
    ArrayMonitor,
    Camera,
    Egress,
    GroundMotion,
    Host,
    Imu,
    Instrument,
    PowerController,
    PowerMonitor,
    Radio,
    Rtc,
    Steering,
    SunSensor,
    SwitchBank,
    TemperatureSensors,
    Watchdog,
    WheelDrives,
)
from hal.api.errors import ComputerStopped
from hal.api.process import BoardOptions, Process
from hal.api.storage import Storage
from hal.api.values import ResetCause


@runtime_checkable
class Output(Protocol):
    """Anything that can move, heat, radiate or draw power."""

    def make_safe(self) -> None:
        """Return to the safe value at once."""
        ...


@dataclass(frozen=True, kw_only=True)
class Hal:
    """Every device of one board.  None means that this rover has no such device, not that it is broken.

    A context manager: leaving it makes every output safe, each in its own attempt, unless the computer stopped.
    """

    clock: Clock
    reset_cause: ResetCause
    wheels: WheelDrives
    steering: Steering
    imu: Imu
    power_monitor: PowerMonitor
    array: ArrayMonitor
    temperatures: TemperatureSensors
    heaters: SwitchBank
    loads: SwitchBank
    radio_relay: Radio
    radio_local: Radio
    storage: Storage
    watchdog: Watchdog
    ground_motion: GroundMotion | None = None
    sun_sensor: SunSensor | None = None
    camera: Camera | None = None
    instruments: Mapping[str, Instrument]
    egress: Egress | None = None
    power_controller: PowerController | None = None
    rtc: Rtc | None = None
    host: Host | None = None
    process: Process | None = None

    def __enter__(self) -> Hal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ComputerStopped):  # a computer without power switches nothing
            self.make_safe()

    def make_safe(self) -> list[Exception]:
        """Make every output safe; returns the errors of those that would not."""
        failed: list[Exception] = []
        for device in (getattr(self, field.name) for field in fields(self)):
            if isinstance(device, Output):
                try:
                    device.make_safe()
                except Exception as error:  # noqa: BLE001 - a defect of one driver must not leave the others' outputs on
                    failed.append(error)
        return failed


BuildHal = Callable[[object, Clock | None, BoardOptions], Hal]
"""What an entry point of group `rahi.hal` provides: `build(config, clock, options)`; clock None: the board's own.

It raises `ConfigError` for what is wrong in a file, `DeviceError` when the board cannot run at all.
"""
