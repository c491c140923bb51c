"""The lasting half of the wire rover: emulated chips on simulated wires, each bound to its place in the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol

from hal.api.clock import NS_PER_MS
from hal.api.config import ConfigError
from hal.api.hold import FOREVER_NS
from hal.api.wiring import Hardware, LineWiring, MonitorWiring, powered_by
from hal.buses.budget import BudgetedI2c, BudgetedSerial
from hal.buses.opening import Buses
from hal.buses.url import parse_url
from sim_hal.buses.gpio import GpioPins, GpioPort
from sim_hal.buses.i2c import I2cChip, I2cPort, I2cWires
from sim_hal.buses.serial import SerialChip, SerialLine, SerialPort
from sim_hal.clock import SimClock
from sim_hal.devices.temperatures import SensorOffsets
from sim_hal.emulators.bno055 import Bno055Chip
from sim_hal.emulators.ina260 import Ina260Chip
from sim_hal.emulators.pca9685 import AllCall, Pca9685Chip
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from sim_hal.emulators.sik import SikModem
from sim_hal.emulators.tmp117 import Tmp117Chip
from sim_hal.link import Link
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.switches import Bank
from sim_hal.wired import senses
from sim_hal.wired.corners import CornerDemand
from sim_hal.wired.modem import AirModem
from sim_hal.wired.motors import WheelDemand, make_units
from sim_hal.world.world import World

ALL_CALL: Final = 0x70
LONGEST_HZ: Final = 1_000_000


class Fed(Protocol):
    """A chip that hangs on a load switch."""

    def power(self, on: bool, now_ns: int) -> None:
        """Its supply comes or goes."""
        ...


class WireBay:
    """Makes a chip for each device of the wiring; `buses` hands out one life's ends of the wires."""

    def __init__(self, *, clock: SimClock, world: World, link: Link, wiring: Hardware, seed: int) -> None:
        self.clock = clock
        self.wiring = wiring
        self._world = world
        self._seed = seed
        self._fed: dict[str, list[Fed]] = {}
        self._feeds = powered_by(wiring)
        self.units: tuple[RoboclawUnit, ...] = ()
        """The motor controllers, in the order of the wiring; for faults."""
        self.imu_chip: Bno055Chip | None = None
        self.motor_chip: RoboclawBus | None = None
        """All motor controllers, as the line sees them."""
        self.modem_chip: SikModem | None = None
        chips: dict[str, SerialChip] = {}
        self._wheels(chips)
        self._imu(chips)
        self._modem(chips, link)
        kinds = {kind: {n: b for n, b in wiring.buses.items() if b.kind == kind} for kind in ("serial", "i2c", "gpio")}
        self.serial: Mapping[str, SerialLine] = {
            name: SerialLine(clock, name, _number(bus.url, "baud", 115_200, 4_000_000), chips[name])
            for name, bus in kinds["serial"].items()
            if name in chips
        }
        """Lines by bus name; one that no device is on has no chip either."""
        self.i2c: Mapping[str, I2cWires] = {
            name: I2cWires(name, _number(bus.url, "hz", 100_000, LONGEST_HZ)) for name, bus in kinds["i2c"].items()
        }
        self.gpio: Mapping[str, GpioPins] = {name: GpioPins(name) for name in kinds["gpio"]}
        self._steering()
        self._monitors()
        self._temperatures()
        self._switches("heaters", world.heaters)
        self._switches("loads", world.loads)

    def buses(self, plug: Plug, process: Plug) -> Buses:
        """The computer's ends; GPIO lines hang on `process`, which a guard thread shares."""
        limits = {name: round(bus.budget_ms * NS_PER_MS) for name, bus in self.wiring.buses.items()}
        return Buses(
            serial={
                name: BudgetedSerial(SerialPort(plug, line), limits[name], plug) for name, line in self.serial.items()
            },
            i2c={name: BudgetedI2c(I2cPort(plug, wires), limits[name], plug) for name, wires in self.i2c.items()},
            gpio={name: GpioPort(process, pins) for name, pins in self.gpio.items()},
        )

    def computer_gone(self) -> None:
        """GPIO lines float to their pull resistors; what was on its way to the computer is lost."""
        for pins in self.gpio.values():
            pins.release()
        for line in self.serial.values():
            line.forget()

    def supplied(self, device: str) -> bool:
        """Whether a device's load switch feeds it now; True where it hangs on none."""
        load = self._feeds.get(device)
        return load is None or self._world.load_on(load, self.clock.now_ns())

    @property
    def transactions(self) -> int:
        """Requests on serial lines and transfers on I2C buses since the start."""
        lines, buses = self.serial.values(), self.i2c.values()
        return sum(line.requests for line in lines) + sum(wires.transfers for wires in buses)

    # One method a device.

    def _wheels(self, chips: dict[str, SerialChip]) -> None:
        wiring = self.wiring.wheels
        if wiring is None:
            return
        world = self._world
        self.units = units = make_units(world, wiring, self._noise("wheels"), world.run_motion)
        chips[wiring.bus] = self.motor_chip = RoboclawBus(units)
        world.wheel_command = WheelDemand(wiring, units, world.drive.no_load_rad_s)
        for unit in units:
            self._feed("wheels", unit)

    def _imu(self, chips: dict[str, SerialChip]) -> None:
        wiring = self.wiring.imu
        if wiring is not None:
            chip = Bno055Chip(senses.FeltMotion(self._world, self._noise("imu"), wiring))
            chips[wiring.bus] = self.imu_chip = chip
            self._feed("imu", chip)

    def _modem(self, chips: dict[str, SerialChip], link: Link) -> None:
        wiring = self.wiring.radio_local
        if wiring is not None:
            baud = _number(self.wiring.buses[wiring.bus].url, "baud", 115_200, 4_000_000)
            modem = AirModem(self.clock, link, baud, wiring.rate_bit_s)
            chips[wiring.bus] = self.modem_chip = modem.chip
            self._feed("radio_local", modem.chip)

    def _steering(self) -> None:
        wiring = self.wiring.steering
        if wiring is None:
            return
        chip = Pca9685Chip(wiring.clock_hz)
        demand = CornerDemand(self._world, wiring, chip)
        chip.changed = demand.changed
        self._world.steer_command = demand
        self.i2c[wiring.bus].chips[wiring.address] = chip
        self.i2c[wiring.bus].chips.setdefault(ALL_CALL, AllCall(chip))
        self._feed("steering", chip)

    def _monitors(self) -> None:
        world, battery = self._world, self.wiring.power_monitor
        if battery is not None:
            self._monitor(
                battery, *senses.battery(world, self._noise("power_monitor"), -1.0 if battery.invert else 1.0)
            )
        noise = self._noise("array")
        for name, wiring in self.wiring.array.items():
            self._monitor(wiring, *senses.face(world, noise, name, -1.0 if wiring.invert else 1.0))

    def _monitor(self, wiring: MonitorWiring, volts: senses.Reading, amps: senses.Reading) -> None:
        self._put(wiring.bus, wiring.address, Ina260Chip(volts, amps))

    def _temperatures(self) -> None:
        noise = self._noise("temperatures")
        offsets = SensorOffsets(noise)
        for wiring in self.wiring.temperatures:
            celsius = senses.temperature(self._world, noise, offsets, wiring.measures[0])
            self._put(wiring.bus, wiring.address, Tmp117Chip(celsius))

    def _switches(self, device: str, bank: Bank) -> None:
        wiring = self.wiring.heaters if device == "heaters" else self.wiring.loads
        if wiring is None:
            return
        for name, line in wiring.lines.items():
            bank.held[name].safe = line.safe
            if wiring.bus is not None and line.line is not None:
                self.gpio[wiring.bus].connect(
                    line.line, line.safe is not line.active_low, self._watch(bank, name, line)
                )
            self._switched(name, line.safe)
            bank.held[name].stick_told = partial(self._stuck, bank, name)

    def _stuck(self, bank: Bank, name: str) -> None:
        self._switched(name, bank.on(name, self.clock.now_ns()))

    def _watch(self, bank: Bank, name: str, line: LineWiring) -> Callable[[bool], None]:
        def watch(high: bool) -> None:
            on = high is not line.active_low
            bank.held[name].set(on, self.clock.now_ns(), FOREVER_NS)
            self._stuck(bank, name)

        return watch

    # Helpers.

    def _switched(self, load: str, on: bool) -> None:
        for chip in self._fed.get(load, ()):
            chip.power(on, self.clock.now_ns())

    def _feed(self, device: str, chip: Fed) -> None:
        load = self._feeds.get(device)
        if load is not None:
            self._fed.setdefault(load, []).append(chip)

    def _put(self, bus: str, address: int, chip: I2cChip) -> None:
        self.i2c[bus].chips[address] = chip

    def _noise(self, device: str) -> Noise:
        return Noise(self._seed, device)


def _number(url: str, key: str, default: int, most: int) -> int:
    try:
        return parse_url(url).number(key, default, 300, most)
    except ValueError as error:
        raise ConfigError("[hardware.buses]", str(error)) from None
