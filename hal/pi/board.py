"""Entry point `pi` of group `rahi.hal`: real ports, or whatever the URLs of the rover file lead to, in real time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from hal.api.absent import AbsentRadio
from hal.api.board import Hal
from hal.api.clock import Clock
from hal.api.config import ConfigError
from hal.api.process import JUST_FLY, BoardOptions, Purpose
from hal.api.wiring import NOT_FITTED, Hardware
from hal.assembly import Wired, assemble
from hal.buses.emu import open_emu_gpio, open_emu_i2c
from hal.buses.gpiod_lines import open_gpiod
from hal.buses.opening import Openers, open_buses
from hal.buses.serial_port import open_serial
from hal.buses.smbus import open_smbus
from hal.buses.tracing import TraceFile, traced
from hal.buses.url import BusUrl
from hal.drivers.rpicam import RpicamCamera
from hal.payloads import build_payloads, installed_drivers
from hal.pi.computer import Computer, ComputerSettings, open_computer

B = TypeVar("B")
BESIDE: Final = ("rtc", "camera")
"""What this board has besides what hangs on buses."""
FAILED: Final = 70
BAD_INPUT: Final = 2
"""A rover file with a mistake is no crash: once it is mended, flight starts with every row."""


def build(config: object, clock: Clock | None = None, options: BoardOptions = JUST_FLY) -> Hal:
    """Open the board that section `[hardware]` of the rover file `config` describes.

    Raises:
        ConfigError: there is no such section, or something in it cannot be on this board.
        NotReady: the storage folder cannot be used, or another flight process has it.
        ValueError: a clock was given; a board in real time has its own.
    """
    if clock is not None:
        raise ValueError("this board brings its own clock")
    hardware = _hardware(config, options.source)
    if options.latencies is not None and options.purpose is not Purpose.MAKE_SAFE:
        _check_writable(options.latencies)
    wiring = hardware.computer
    settings = ComputerSettings(
        folder=Path(wiring.storage), capacity_bytes=wiring.storage_bytes, watchdog=wiring.watchdog
    )
    computer = open_computer(settings, options)
    try:
        return _assembled(computer, hardware, options)
    except BaseException as error:
        computer.process.ended(BAD_INPUT if isinstance(error, ConfigError) else FAILED)
        raise


def _assembled(computer: Computer, hardware: Hardware, options: BoardOptions) -> Hal:
    process = computer.process
    openers = closing(OPENERS, process.on_close)
    if options.trace is not None:
        trace = _trace(options)
        process.on_close(trace.close)
        openers = traced(openers, trace.add)
    buses = open_buses(hardware.buses, openers, computer.clock, options.source)
    wired = assemble(hardware, buses, computer.clock)
    for bank in wired.guarded:
        computer.guard.watch(bank)
    camera = RpicamCamera(computer.clock) if "camera" in hardware.beside else None
    if camera is not None:
        process.on_close(camera.close)
    parts = computer.parts()
    if "rtc" not in hardware.beside:
        parts["rtc"] = None
    instruments = build_payloads(
        hardware.payloads, buses, computer.clock, wired.powered, options.source, installed_drivers()
    )
    relay = AbsentRadio("radio_relay")
    return Hal(**parts, **_devices(wired), radio_relay=relay, camera=camera, instruments=instruments)


def _devices(wired: Wired) -> dict[str, Any]:
    return {name: getattr(wired, name) for name in wired.__dataclass_fields__ if name not in ("guarded", "powered")}


def _hardware(config: object, source: str) -> Hardware:
    hardware = getattr(config, "hardware", None)
    if not isinstance(hardware, Hardware) or hardware == NOT_FITTED:
        raise ConfigError(source, "has no section [hardware], so there is no board to build; fly it with --hal sim")
    for device in hardware.beside:
        if device not in BESIDE:
            there = ", ".join(BESIDE)
            raise ConfigError(source, f"hardware.beside: this board has no {device}, only {there}")
    return hardware


def _check_writable(path: Path) -> None:
    """It is written at the end of the flight, which is too late to hear that it cannot be."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o666))
    except OSError as error:
        raise ConfigError(f"--latencies {path}", f"cannot be written: {error.strerror or error}") from None


def _trace(options: BoardOptions) -> TraceFile:
    assert options.trace is not None  # asked for
    try:
        return TraceFile(options.trace)
    except OSError as error:
        raise ConfigError(f"--trace {options.trace}", f"cannot be written: {error.strerror or error}") from None


OPENERS: Final = Openers(
    serial={"serial": open_serial, "socket": open_serial},
    i2c={"i2c": open_smbus, "emu": open_emu_i2c},
    gpio={"gpio": open_gpiod, "emu": open_emu_gpio},
)


def closing(openers: Openers, on_close: Callable[[Callable[[], object]], None]) -> Openers:
    """Openers that see to it that what they opened is closed at the end."""

    def watched(opener: Callable[[str, BusUrl, Clock], B]) -> Callable[[str, BusUrl, Clock], B]:
        def opened(name: str, url: BusUrl, clock: Clock) -> B:
            bus: Any = opener(name, url, clock)
            on_close(bus.close)
            result: B = bus
            return result

        return opened

    def all_of(table: Mapping[str, Callable[[str, BusUrl, Clock], B]]) -> dict[str, Callable[[str, BusUrl, Clock], B]]:
        return {scheme: watched(opener) for scheme, opener in table.items()}

    return Openers(serial=all_of(openers.serial), i2c=all_of(openers.i2c), gpio=all_of(openers.gpio))
