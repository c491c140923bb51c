"""Section `[hardware]` of a rover file: which chip is where, on which bus, and how it is turned into a capability.

Names of wheels, corners, faces, sensors, heaters and loads are those of `hal.api.values` and of the rest of the rover
file.  A device that is not named is not fitted.  `optional = true`: if it does not answer at start, that is as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta

from hal.api.board_wiring import ComputerWiring, Name, PayloadWiring
from hal.api.config import Section
from hal.api.pull_ups import pull_up_problems
from hal.api.values import CORNERS, FACES, TEMPERATURES, WHEELS

Positive = Annotated[float, Meta(gt=0.0)]
I2cAddress = Annotated[int, Meta(ge=0x08, le=0x77)]
Beside = Literal[
    "ground_motion", "sun_sensor", "camera", "instruments", "egress", "power_controller", "rtc", "radio_relay"
]
Microseconds = Annotated[float, Meta(ge=400.0, le=2600.0)]


class BusWiring(Section, frozen=True, kw_only=True):
    """One bus; `url` as in docs/wiring.md, such as `serial:///dev/ttyAMA0?baud=115200`."""

    kind: Literal["serial", "i2c", "gpio"]
    url: Annotated[str, Meta(min_length=3, max_length=200)]
    budget_ms: Annotated[float, Meta(gt=0.0, le=80.0)] = 30.0
    """Longest time that one cycle may spend on it."""


class DriveUnit(Section, frozen=True, kw_only=True):
    """One RoboClaw and the wheels on its two channels."""

    address: Annotated[int, Meta(ge=0x80, le=0x87)]
    m1: Literal[WHEELS]  # type: ignore[valid-type]  # the names stand in one place, as a tuple
    m2: Literal[WHEELS]  # type: ignore[valid-type]  # as above
    m1_sign: Literal[-1, 1] = 1
    m2_sign: Literal[-1, 1] = 1


class WheelsWiring(Section, frozen=True, kw_only=True):
    """Wheel drives: RoboClaws that share one serial line in packet-serial, multi-unit mode."""

    bus: Name
    units: Annotated[tuple[DriveUnit, ...], Meta(min_length=1, max_length=8)]
    counts_per_rad: Annotated[float, Meta(ge=1.0, le=1.0e6)]
    """Quadrature counts at the wheel."""
    accel_rad_s2: Annotated[float, Meta(ge=0.05, le=100.0)] = 2.0
    """Ramp in the controller."""
    timeout_s: Annotated[float, Meta(ge=0.2, le=2.0)] = 0.5
    """The units stop by themselves after this long without a byte."""
    current_limit_a: Annotated[float, Meta(ge=0.1, le=15.0)] | None = None
    power: Name | None = None
    """The load switch that feeds the units; None: always fed."""
    optional: bool = False

    def check(self) -> Iterable[str]:
        """Six wheels, each once, each unit once."""
        wheels = [wheel for unit in self.units for wheel in (unit.m1, unit.m2)]
        if sorted(wheels) != sorted(WHEELS):
            yield f"units must name each wheel once: {', '.join(WHEELS)}"
        if len({unit.address for unit in self.units}) != len(self.units):
            yield "units: an address stands twice"


class ServoWiring(Section, frozen=True, kw_only=True):
    """One steering servo on a PCA9685 channel: pulse = centre + sign x scale x angle, kept within its limits."""

    channel: Annotated[int, Meta(ge=0, le=15)]
    centre_us: Microseconds = 1500.0
    us_per_rad: Annotated[float, Meta(ge=10.0, le=2000.0)]
    sign: Literal[-1, 1] = 1
    min_us: Microseconds = 500.0
    max_us: Microseconds = 2500.0

    def check(self) -> Iterable[str]:
        """The centre is within the limits."""
        if not self.min_us < self.centre_us < self.max_us:
            yield "centre_us must lie between min_us and max_us"


class SteeringWiring(Section, frozen=True, kw_only=True):
    """Four servos on one PCA9685.  They report no angle: it is reckoned from the pulse at the servo's rate."""

    bus: Name
    address: I2cAddress = 0x40
    corners: dict[Name, ServoWiring]
    rate_rad_s: Annotated[float, Meta(ge=0.01, le=20.0)]
    """How fast a servo turns."""
    self_locking: bool = False
    """The gearing keeps the angle without power.  Else a corner's angle is unknown after each time without."""
    clock_hz: Annotated[float, Meta(ge=20.0e6, le=30.0e6)] = 25.0e6
    """Of this very chip, where it has been measured."""
    power: Name | None = None
    optional: bool = False

    def check(self) -> Iterable[str]:
        """Four corners, each on a channel of its own."""
        if tuple(sorted(self.corners)) != tuple(sorted(CORNERS)):
            yield f"corners must be {', '.join(CORNERS)}"
        channels = [servo.channel for servo in self.corners.values()]
        if len(set(channels)) != len(channels):
            yield "corners: a channel stands twice"


class ImuWiring(Section, frozen=True, kw_only=True):
    """A BNO055 on a serial line (UART mode).  `forward`, `left`, `up`: which axis of the chip looks there."""

    bus: Name
    forward: Literal["+x", "-x", "+y", "-y", "+z", "-z"] = "+x"
    left: Literal["+x", "-x", "+y", "-y", "+z", "-z"] = "+y"
    up: Literal["+x", "-x", "+y", "-y", "+z", "-z"] = "+z"
    power: Name | None = None
    optional: bool = False

    def check(self) -> Iterable[str]:
        """A right-handed frame."""
        if sorted(axis[1] for axis in (self.forward, self.left, self.up)) != ["x", "y", "z"]:
            yield "forward, left and up must be three different axes of the chip"
        elif _handedness(self.forward, self.left, self.up) < 0:
            yield "forward, left and up must be right-handed: turn one sign"


class MonitorWiring(Section, frozen=True, kw_only=True):
    """One INA260; `invert` where its current counts the other way (battery: positive while charging)."""

    bus: Name
    address: I2cAddress
    invert: bool = False
    optional: bool = False


class SensorWiring(Section, frozen=True, kw_only=True):
    """One TMP117 and what it stands for; one sensor may stand for several names where no other is fitted."""

    bus: Name
    address: Annotated[int, Meta(ge=0x48, le=0x4B)]
    measures: Annotated[tuple[str, ...], Meta(min_length=1)]
    optional: bool = False

    def check(self) -> Iterable[str]:
        """Names of sensors."""
        for name in self.measures:
            if name not in TEMPERATURES:
                yield f"measures: {name!r} is no sensor ({', '.join(TEMPERATURES)})"


class LineWiring(Section, frozen=True, kw_only=True):
    """One switched output.  Without `line` it is not wired: what hangs on it is always `safe`."""

    line: Annotated[int, Meta(ge=0, le=1023)] | None = None
    active_low: bool = False
    safe: bool = False
    """What it goes back to when nobody refreshes it, and what the pull resistor holds without a computer."""


class SwitchesWiring(Section, frozen=True, kw_only=True):
    """A bank of switches on GPIO lines."""

    bus: Name | None = None
    max_hold_s: Annotated[float, Meta(ge=1.0, le=600.0)]
    lines: dict[Name, LineWiring]

    def check(self) -> Iterable[str]:
        """Lines of a bus, each once."""
        lines = [line.line for line in self.lines.values() if line.line is not None]
        if len(set(lines)) != len(lines):
            yield "lines: a line stands twice"
        if lines and self.bus is None:
            yield "bus is needed, since lines name lines of it"


class RadioWiring(Section, frozen=True, kw_only=True):
    """A modem that is a transparent pipe (SiK class)."""

    bus: Name
    rate_bit_s: Annotated[float, Meta(ge=300.0, le=4.0e6)]
    """Over the air; what it takes in faster than that waits in the driver."""
    lock_s: Annotated[float, Meta(ge=1.0, le=600.0)] = 15.0
    """It counts as locked for this long after bytes came from the ground."""
    power: Name | None = None
    optional: bool = False


class Hardware(Section, frozen=True, kw_only=True):
    """Everything that is wired to the flight computer."""

    computer: ComputerWiring = ComputerWiring()
    buses: dict[Name, BusWiring] = {}
    wheels: WheelsWiring | None = None
    steering: SteeringWiring | None = None
    imu: ImuWiring | None = None
    power_monitor: MonitorWiring | None = None
    array: dict[str, MonitorWiring] = {}
    """By face."""
    temperatures: tuple[SensorWiring, ...] = ()
    heaters: SwitchesWiring | None = None
    loads: SwitchesWiring | None = None
    radio_local: RadioWiring | None = None
    payloads: dict[Name, PayloadWiring] = {}
    """By the instrument's name in flight."""
    beside: tuple[Beside, ...] = ()
    """Devices that the board has besides what hangs on these buses."""

    def check(self) -> Iterable[str]:
        """Every device names a bus of its kind, no two share an address, no two sensors a name."""
        for face in self.array:
            if face not in FACES:
                yield f"array.{face} is no face ({', '.join(FACES)})"
        for key, kind, bus in self._uses():
            wiring = self.buses.get(bus)
            if wiring is None:
                yield f"{key}.bus = {bus!r} is not in buses ({', '.join(self.buses) or 'none'})"
            elif wiring.kind != kind:
                yield f"{key}.bus = {bus!r} is of kind {wiring.kind}, not {kind}"
        yield from _twice("address", [(f"{bus} {address:#04x}", key) for key, bus, address in self._addresses()])
        yield from _twice("sensor", [(name, "temperatures") for item in self.temperatures for name in item.measures])
        yield from self._serial_alone()
        lines = list(self._lines())
        yield from _twice("GPIO line", [(f"{line.line} of {bus}", key) for key, bus, line in lines])
        for key, bus, line in lines:
            url = self.buses[bus].url if bus in self.buses else ""
            yield from (f"{key}: {text}" for text in pull_up_problems(url, line.line, line.active_low, line.safe))
        yield from _twice("url", [(bus.url, f"buses.{name}") for name, bus in self.buses.items()])
        for name, payload in self.payloads.items():
            if payload.bus is not None and payload.bus not in self.buses:
                yield f"payloads.{name}.bus = {payload.bus!r} is not in buses ({', '.join(self.buses) or 'none'})"

    def _uses(self) -> Iterator[tuple[str, str, str]]:
        """Key, kind and name of every bus that a device is on."""
        for key in ("wheels", "imu", "radio_local"):
            item = getattr(self, key)
            if item is not None:
                yield key, "serial", item.bus
        for key, bus, _ in self._addresses():
            yield key, "i2c", bus
        for key in ("heaters", "loads"):
            bank: SwitchesWiring | None = getattr(self, key)
            if bank is not None and bank.bus is not None:
                yield key, "gpio", bank.bus

    def _addresses(self) -> Iterator[tuple[str, str, int]]:
        """Key, bus and address of every I2C chip."""
        if self.steering is not None:
            yield "steering", self.steering.bus, self.steering.address
        if self.power_monitor is not None:
            yield "power_monitor", self.power_monitor.bus, self.power_monitor.address
        for face, monitor in self.array.items():
            yield f"array.{face}", monitor.bus, monitor.address
        for number, sensor in enumerate(self.temperatures, 1):
            yield f"temperatures#{number}", sensor.bus, sensor.address

    def _lines(self) -> Iterator[tuple[str, str, LineWiring]]:
        """Every switch on a line, and its bus."""
        for key, bank in (("heaters", self.heaters), ("loads", self.loads)):
            for name, line in (bank.lines if bank is not None else {}).items():
                if bank is not None and line.line is not None:
                    yield f"{key}.{name}", bank.bus or "", line

    def _serial_alone(self) -> Iterator[str]:
        owners = [(bus, key) for key, kind, bus in self._uses() if kind == "serial"]
        yield from _twice("serial line", owners)


NOT_FITTED: Final = Hardware()


def _twice(what: str, items: list[tuple[str, str]]) -> Iterator[str]:
    """What stands twice, with both places."""
    seen: dict[str, str] = {}
    for item, key in items:
        if item in seen:
            yield f"{what} {item} stands twice ({seen[item]} and {key})"
        seen[item] = key


def _axis(text: str) -> tuple[int, int, int]:
    sign = 1 if text[0] == "+" else -1
    return (sign * (text[1] == "x"), sign * (text[1] == "y"), sign * (text[1] == "z"))


def _handedness(forward: str, left: str, up: str) -> int:
    (a, b, c), (d, e, f), (g, h, i) = _axis(forward), _axis(left), _axis(up)
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def powered_by(hardware: Hardware) -> Mapping[str, str]:
    """Device key to the load that feeds it, for those that have one."""
    keys = ("wheels", "steering", "imu", "radio_local")
    found = {key: getattr(getattr(hardware, key), "power", None) for key in keys}
    return {key: load for key, load in found.items() if load is not None}
