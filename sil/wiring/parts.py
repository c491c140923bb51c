"""What hangs on each bus of a rover's wiring, in the words of a wiring plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hal.api.board_wiring import PayloadWiring
from hal.api.wiring import (
    DriveUnit,
    Hardware,
    ImuWiring,
    LineWiring,
    MonitorWiring,
    SensorWiring,
    SteeringWiring,
    SwitchesWiring,
    WheelsWiring,
)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One chip, or one switched line."""

    device: str
    """As the rover file calls it."""
    chip: str
    bus: str
    """Empty for a payload that has none."""
    address: str = ""
    """On its bus; empty where it has the line to itself."""
    serves: tuple[str, ...]
    power: str | None = None
    """The load switch that feeds it."""
    optional: bool = False

    @property
    def title(self) -> str:
        """Chip and address."""
        return f"{self.chip} {self.address}".strip()


def parts_of(hardware: Hardware) -> tuple[Part, ...]:
    """Every part, in the order of the rover file's sections."""
    return tuple(_parts(hardware))


def _parts(hardware: Hardware) -> Iterator[Part]:
    if hardware.wheels is not None:
        yield from (_drive(hardware.wheels, unit) for unit in hardware.wheels.units)
    if hardware.steering is not None:
        yield _steering(hardware.steering)
    if hardware.imu is not None:
        yield _imu(hardware.imu)
    if hardware.power_monitor is not None:
        yield _monitor("power_monitor", hardware.power_monitor, "battery")
    for face, monitor in hardware.array.items():
        yield _monitor(f"array.{face}", monitor, f"array face {face}")
    yield from (_sensor(sensor) for sensor in hardware.temperatures)
    radio = hardware.radio_local
    if radio is not None:
        serves = ("local link", f"{radio.rate_bit_s:,.0f} bit/s")
        yield Part(
            device="radio_local",
            chip="SiK radio",
            bus=radio.bus,
            serves=serves,
            power=radio.power,
            optional=radio.optional,
        )
    for device, bank in (("heaters", hardware.heaters), ("loads", hardware.loads)):
        yield from _switches(device, bank)
    yield from (_payload(name, wiring) for name, wiring in hardware.payloads.items())


def not_switched(hardware: Hardware) -> tuple[tuple[str, bool], ...]:
    """Switches without a line, as `heaters.battery`, and what each always is."""
    banks = (("heaters", hardware.heaters), ("loads", hardware.loads))
    return tuple(
        (f"{device}.{name}", line.safe)
        for device, bank in banks
        if bank is not None
        for name, line in bank.lines.items()
        if line.line is None
    )


def _drive(wiring: WheelsWiring, unit: DriveUnit) -> Part:
    return Part(
        device="wheels",
        chip="RoboClaw",
        bus=wiring.bus,
        address=f"{unit.address:#04x} ({unit.address})",
        serves=(_signed(f"M1 {unit.m1}", unit.m1_sign), _signed(f"M2 {unit.m2}", unit.m2_sign)),
        power=wiring.power,
        optional=wiring.optional,
    )


def _steering(wiring: SteeringWiring) -> Part:
    corners = sorted(wiring.corners.items(), key=lambda item: item[1].channel)
    return Part(
        device="steering",
        chip="PCA9685",
        bus=wiring.bus,
        address=f"{wiring.address:#04x}",
        serves=tuple(_signed(f"channel {servo.channel} {name}", servo.sign) for name, servo in corners),
        power=wiring.power,
        optional=wiring.optional,
    )


def _imu(wiring: ImuWiring) -> Part:
    return Part(
        device="imu",
        chip="BNO055",
        bus=wiring.bus,
        serves=(f"forward {wiring.forward}", f"left {wiring.left}", f"up {wiring.up}"),
        power=wiring.power,
        optional=wiring.optional,
    )


def _monitor(device: str, wiring: MonitorWiring, what: str) -> Part:
    return Part(
        device=device,
        chip="INA260",
        bus=wiring.bus,
        address=f"{wiring.address:#04x}",
        serves=(what, "current inverted") if wiring.invert else (what,),
        optional=wiring.optional,
    )


def _sensor(wiring: SensorWiring) -> Part:
    return Part(
        device="temperatures",
        chip="TMP117",
        bus=wiring.bus,
        address=f"{wiring.address:#04x}",
        serves=wiring.measures,
        optional=wiring.optional,
    )


def _switches(device: str, bank: SwitchesWiring | None) -> Iterable[Part]:
    if bank is None or bank.bus is None:
        return
    for name, line in bank.lines.items():
        if line.line is not None:
            yield Part(
                device=f"{device}.{name}", chip="GPIO", bus=bank.bus, address=str(line.line), serves=_switch(line)
            )


def _switch(line: LineWiring) -> tuple[str, ...]:
    level = "low" if line.active_low else "high"
    return (f"on when {level}", f"safe {'on' if line.safe else 'off'}")


def _payload(name: str, wiring: PayloadWiring) -> Part:
    """Its driver is all that is known of the chip."""
    options = tuple(f"{key} {value}" for key, value in wiring.options.items())
    return Part(
        device=f"payloads.{name}", chip=wiring.driver, bus=wiring.bus or "", serves=(name, *options), power=wiring.power
    )


def _signed(text: str, sign: int) -> str:
    return text if sign > 0 else f"{text} (reversed)"
