"""Faults of single motor controllers, named by their address on the line, hexadecimal as the data sheet has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta

from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, NoParams, SetLevel
from sil.faults.wires.parts import FAILING, Make, Off, bay_of, brown_out, row
from sim_hal.buses import reply_faults
from sim_hal.buses.fault_chain import switch_reply
from sim_hal.buses.serial import ReplyFault
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from sim_hal.wired.bay import WireBay

ADDRESSES: Final = (0x80, 0x81, 0x82)
LOST: Final = ("mobility.output_failed", "mobility.encoder_lost", "mobility.wheels_lost", FAILING)
STOPS: Final = "ends the motion; goes on reading the other units"
IDLE: Final = (*LOST, "mobility.stall")
"""What tells of wheels that get no current."""


class Output(Section, frozen=True, kw_only=True):
    """Which motor of the unit."""

    motor: Literal["m1", "m2"] = "m1"


class Address(Section, frozen=True, kw_only=True):
    """Where the unit answers."""

    address: Annotated[int, Meta(ge=0x80, le=0x87)] = 0x87


class Heat(Section, frozen=True, kw_only=True):
    """What its own thermometer shows; from 100 C on it switches its outputs off."""

    temperature_c: Annotated[float, Meta(ge=-40.0, le=150.0)] = 105.0


class Volts(Section, frozen=True, kw_only=True):
    """What it measures at its main battery input; below 6 V it switches its outputs off."""

    main_v: Annotated[float, Meta(ge=0.0, le=40.0)] = 4.0


def _unit(bay: WireBay, address: int) -> RoboclawUnit:
    """By its wiring: a fault may have given it another address."""
    wheels = bay.wiring.wheels
    for wiring, unit in zip(() if wheels is None else wheels.units, bay.units, strict=True):
        if wiring.address == address:
            return unit
    raise LookupError(f"no motor controller at {address:#04x}")


def _replies(address: int, fault: ReplyFault) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        unit = _unit(bay_of(bench), address)
        return lambda level: switch_reply(unit, fault, level > 0.0)

    return make


def _stuck_encoder(address: int) -> Make:
    def make(bench: Bench, params: Output) -> SetLevel:
        unit = _unit(bay_of(bench), address)
        number = int(params.motor == "m2")

        def set_level(level: float) -> None:
            now_ns = bench.clock.now_ns()
            unit.advance(now_ns)
            unit.channels[number].stuck_at = unit.count(number) if level > 0.0 else None
            unit.tell()

        return set_level

    return make


def _driver_fault(address: int) -> Make:
    def make(bench: Bench, params: Output) -> SetLevel:
        unit = _unit(bay_of(bench), address)

        def set_level(level: float) -> None:
            unit.channels[int(params.motor == "m2")].driver_fault = level > 0.0
            unit.tell()

        return set_level

    return make


def _emergency_stop(address: int) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        unit = _unit(bay_of(bench), address)
        return lambda level: unit.press_stop(level > 0.0, bench.clock.now_ns())

    return make


def _measured(address: int, name: str) -> Make:
    """The unit's own measurement called `name` is the parameter of that name."""

    def make(bench: Bench, params: Section) -> SetLevel:
        unit = _unit(bay_of(bench), address)
        healthy = getattr(unit.supply, name)

        def set_level(level: float) -> None:
            setattr(unit.supply, name, getattr(params, name) if level > 0.0 else healthy)
            unit.tell()

        return set_level

    return make


def _other_address(address: int) -> Make:
    def make(bench: Bench, params: Address) -> SetLevel:
        bay = bay_of(bench)
        unit = _unit(bay, address)

        def set_level(level: float) -> None:
            unit.address = params.address if level > 0.0 else address
            if bay.motor_chip is not None:
                bay.motor_chip.regroup()

        return set_level

    return make


def _rows(address: int) -> Iterator[tuple[str, Fault]]:
    def find(bay: WireBay) -> RoboclawUnit:
        return _unit(bay, address)

    def of(meaning: str, make: Make, params: type[Section] = NoParams, events: tuple[str, ...] = LOST) -> Fault:
        return row(find, meaning, STOPS, make, params, events=events)

    yield "silent", of("the unit answers nothing", _replies(address, reply_faults.silence))
    yield "corrupt_crc", of("the unit's answers have a wrong CRC", _replies(address, reply_faults.corrupted(-1)))
    yield "wrong_device", of("the unit answers at another address", _other_address(address), Address)
    yield (
        "stuck_encoder",
        of("an encoder's register stays as it is", _stuck_encoder(address), Output, ("mobility.stall",)),
    )
    yield "driver_fault", of("the bridge of one motor reports an error", _driver_fault(address), Output, IDLE)
    yield "emergency_stop", of("its emergency stop input is active", _emergency_stop(address), events=IDLE)
    yield "hot", of("the unit measures that it is too hot", _measured(address, "temperature_c"), Heat, IDLE)
    yield "low_voltage", of("the unit measures too low a supply", _measured(address, "main_v"), Volts, IDLE)
    yield (
        "brown_out",
        row(
            find,
            "its supply dips: counts, serial timeout and speed loop are back at the defaults in its memory",
            "sees the restart, sets it up anew before it turns a wheel again, goes on from the angle that it had",
            brown_out("wheels", find),
            Off,
            lasting=False,
            events=("mobility.output_failed",),
        ),
    )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    (f"roboclaw.{address:x}", kind): fault for address in ADDRESSES for kind, fault in _rows(address)
}
