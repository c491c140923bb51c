"""Turns section `[hardware]` and its open buses into devices: the same drivers, whatever the buses lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from hal.api.absent import (
    AbsentArray,
    AbsentImu,
    AbsentPowerMonitor,
    AbsentRadio,
    AbsentSteering,
    AbsentSwitches,
    AbsentTemperatures,
    AbsentWheels,
)
from hal.api.clock import Clock
from hal.api.devices import (
    ArrayMonitor,
    Imu,
    PowerMonitor,
    Radio,
    Steering,
    SwitchBank,
    TemperatureSensors,
    WheelDrives,
)
from hal.api.errors import DeviceError, NotReady
from hal.api.wiring import Hardware, SwitchesWiring
from hal.buses.opening import Buses
from hal.drivers.bno055 import Bno055
from hal.drivers.gpio_switches import GpioSwitches
from hal.drivers.power_monitors import Ina260Array, Ina260Monitor
from hal.drivers.roboclaw_wheels import RoboClawWheels
from hal.drivers.servo_steering import ServoSteering
from hal.drivers.sik_radio import SikRadio
from hal.drivers.temperature_sensors import Tmp117Sensors

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Wired:
    """What the wiring makes of a board; fields as in `Hal`, absent devices in place of what is not fitted."""

    wheels: WheelDrives
    steering: Steering
    imu: Imu
    power_monitor: PowerMonitor
    array: ArrayMonitor
    temperatures: TemperatureSensors
    heaters: SwitchBank
    loads: SwitchBank
    radio_local: Radio
    guarded: tuple[GpioSwitches, ...]
    """Banks whose holds a guard beside flight must end in time, each by `expire`."""


def assemble(hardware: Hardware, buses: Buses, clock: Clock, guard_clock: Clock | None = None) -> Wired:
    """Make every driver.  Nothing is sent yet but the safe value of each switch.

    `guard_clock` is what the hold times of switches run by, if that is not `clock`.
    """
    heaters = _switches("heaters", hardware.heaters, buses, guard_clock or clock)
    loads = _switches("loads", hardware.loads, buses, guard_clock or clock)
    make = _Maker(hardware, buses, clock, loads)
    return Wired(
        wheels=make.wheels(),
        steering=make.steering(),
        imu=make.imu(),
        power_monitor=make.power_monitor(),
        array=make.array(),
        temperatures=make.temperatures(),
        heaters=heaters or AbsentSwitches("heaters"),
        loads=loads or AbsentSwitches("loads"),
        radio_local=make.radio_local(),
        guarded=tuple(bank for bank in (heaters, loads) if bank is not None),
    )


def _switches(device: str, wiring: SwitchesWiring | None, buses: Buses, clock: Clock) -> GpioSwitches | None:
    if wiring is None:
        return None
    return GpioSwitches(None if wiring.bus is None else buses.gpio[wiring.bus], wiring, clock, device)


class _Maker:
    """One method a device."""

    def __init__(self, hardware: Hardware, buses: Buses, clock: Clock, loads: GpioSwitches | None) -> None:
        self._hardware = hardware
        self._buses = buses
        self._clock = clock
        self._loads = loads

    def wheels(self) -> WheelDrives:
        wiring = self._hardware.wheels
        if wiring is None:
            return AbsentWheels("wheels")
        bus = self._buses.serial[wiring.bus]
        wheels = RoboClawWheels(bus, wiring, self._clock, self._powered(wiring.power))
        return AbsentWheels("wheels") if _may_be_left_out(wiring.optional, wheels.read) else wheels

    def steering(self) -> Steering:
        wiring = self._hardware.steering
        if wiring is None:
            return AbsentSteering("steering")
        bus = self._buses.i2c[wiring.bus]
        steering = ServoSteering(bus, wiring, self._clock, self._powered(wiring.power))
        return AbsentSteering("steering") if _may_be_left_out(wiring.optional, steering.read) else steering

    def imu(self) -> Imu:
        wiring = self._hardware.imu
        if wiring is None:
            return AbsentImu("imu")
        imu = Bno055(self._buses.serial[wiring.bus], wiring, self._clock, self._powered(wiring.power))
        return AbsentImu("imu") if _may_be_left_out(wiring.optional, imu.read) else imu

    def power_monitor(self) -> PowerMonitor:
        wiring = self._hardware.power_monitor
        if wiring is None:
            return AbsentPowerMonitor("power_monitor")
        monitor = Ina260Monitor(self._buses.i2c[wiring.bus], wiring, self._clock)
        return AbsentPowerMonitor("power_monitor") if _may_be_left_out(wiring.optional, monitor.read) else monitor

    def array(self) -> ArrayMonitor:
        wirings = self._hardware.array
        if not wirings:
            return AbsentArray("array")
        array = Ina260Array({face: (self._buses.i2c[item.bus], item) for face, item in wirings.items()}, self._clock)
        optional = all(item.optional for item in wirings.values())
        return AbsentArray("array") if _may_be_left_out(optional, array.read) else array

    def temperatures(self) -> TemperatureSensors:
        wirings = self._hardware.temperatures
        if not wirings:
            return AbsentTemperatures("temperatures")
        sensors = Tmp117Sensors([(self._buses.i2c[item.bus], item) for item in wirings], self._clock)
        optional = all(item.optional for item in wirings)
        return AbsentTemperatures("temperatures") if _may_be_left_out(optional, sensors.read) else sensors

    def radio_local(self) -> Radio:
        wiring = self._hardware.radio_local
        if wiring is None:
            return AbsentRadio("radio_local")
        radio = SikRadio(self._buses.serial[wiring.bus], wiring, self._clock, self._powered(wiring.power))
        return AbsentRadio("radio_local") if _may_be_left_out(wiring.optional, radio.status) else radio

    def _powered(self, load: str | None) -> Callable[[], bool]:
        """Whether the load that feeds a device is on, as its line was driven; a line that fails feeds nothing."""
        loads = self._loads
        if load is None or loads is None:
            return lambda: True
        return partial(loads.feeds, load)


def _may_be_left_out(optional: bool, ask: Callable[[], object]) -> bool:
    """Whether an optional device is not there: it does not answer at start, and is not merely getting ready."""
    if not optional:
        return False
    try:
        ask()
    except NotReady:
        return False
    except DeviceError:
        return True
    return False
