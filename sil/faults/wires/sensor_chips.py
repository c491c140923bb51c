"""Faults of the small I2C sensors: INA260 of battery and array faces, twelve TMP117."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final, TypeVar

from msgspec import Meta

from hal.api.config import Section
from hal.api.values import FACES, TEMPERATURES
from sil.faults.kinds import Bench, Fault, NoParams, SetLevel
from sil.faults.wires.parts import Make, Off, bay_of, brown_out, row
from sim_hal.buses.fault_chain import switch_part
from sim_hal.emulators.ina260 import Ina260Chip
from sim_hal.emulators.tmp117 import Tmp117Chip
from sim_hal.wired.bay import WireBay

Where = tuple[str, int]
"""Bus and address."""
Chip = TypeVar("Chip", Ina260Chip, Tmp117Chip)
POWER_LOST: Final = ("power.monitor_lost",)
FACE_RESPONSE: Final = "counts the face as not known; lives on"
SENSOR_LOST: Final = ("thermal.sensor_lost",)
SENSOR_RESPONSE: Final = "does without the sensor, the worse for its place: no driving on motors not known to be warm"


class Shown(Section, frozen=True, kw_only=True):
    """What it measures in place of the truth; it can show -55 to 150 C."""

    temperature_c: Annotated[float, Meta(ge=-55.0, le=150.0)] = 150.0


def _battery(bay: WireBay) -> Where:
    wiring = bay.wiring.power_monitor
    if wiring is None:
        raise LookupError("no battery monitor is wired")
    return wiring.bus, wiring.address


def _face(bay: WireBay, name: str) -> Where:
    wiring = bay.wiring.array[name]
    return wiring.bus, wiring.address


def _place(bay: WireBay, name: str) -> Where:
    for wiring in bay.wiring.temperatures:
        if name in wiring.measures:
            return wiring.bus, wiring.address
    raise LookupError(f"no sensor measures {name}")


def _chip(bay: WireBay, where: Callable[[WireBay], Where], kind: type[Chip]) -> Chip:
    bus, address = where(bay)
    chip = bay.i2c[bus].chips[address]
    assert isinstance(chip, kind)
    return chip


def _silent(where: Callable[[WireBay], Where]) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        bay = bay_of(bench)
        bus, own = where(bay)
        wires = bay.i2c[bus]

        def deaf(address: int) -> bool:
            return address == own

        def set_level(level: float) -> None:
            wires.deaf = switch_part(wires.deaf, deaf, level > 0.0)

        return set_level

    return make


def _attribute(where: Callable[[WireBay], Where], kind: type[Any], name: str) -> Make:
    """A fault that the emulator has by name."""

    def make(bench: Bench, _: NoParams) -> SetLevel:
        chip = _chip(bay_of(bench), where, kind)
        return lambda level: setattr(chip, name, level > 0.0)

    return make


def _shows(where: Callable[[WireBay], Where]) -> Make:
    def make(bench: Bench, params: Shown) -> SetLevel:
        chip = _chip(bay_of(bench), where, Tmp117Chip)

        def set_level(level: float) -> None:
            chip.shows_c = params.temperature_c if level > 0.0 else None

        return set_level

    return make


def _monitor(where: Callable[[WireBay], Where], device: str) -> Iterator[tuple[str, Fault]]:
    battery = device == "power_monitor"
    lost = POWER_LOST if battery else ()
    response = "takes the charge as not known: SAFE, loads shed" if battery else FACE_RESPONSE

    def find(bay: WireBay) -> Ina260Chip:
        return _chip(bay, where, Ina260Chip)

    dip = brown_out(device, find)
    yield "silent", row(find, "it does not acknowledge", response, _silent(where), events=lost)
    yield (
        "saturated",
        row(find, "it shows its greatest current", response, _attribute(where, Ina260Chip, "saturated"), events=lost),
    )
    yield (
        "stuck",
        row(find, "it converts no more", response, _attribute(where, Ina260Chip, "stopped"), events=lost),
    )
    yield "brown_out", row(find, "its supply dips: power-on settings", "sets it up anew", dip, Off, lasting=False)


def _thermometer(where: Callable[[WireBay], Where]) -> Iterator[tuple[str, Fault]]:
    def find(bay: WireBay) -> Tmp117Chip:
        return _chip(bay, where, Tmp117Chip)

    dip = brown_out("temperatures", find)
    yield "silent", row(find, "it does not acknowledge", SENSOR_RESPONSE, _silent(where), events=SENSOR_LOST)
    yield (
        "saturated",
        row(
            find, "it shows an end of its range", SENSOR_RESPONSE, _shows(where), Shown,
            events=("thermal.sensor_implausible", *SENSOR_LOST),
        ),
    )  # fmt: skip
    yield (
        "stuck",
        row(find, "it converts no more: the last value stays", "none: a slow body reads so too",
            _attribute(where, Tmp117Chip, "stopped")),
    )  # fmt: skip
    yield "brown_out", row(find, "its supply dips: no value until it has converted", "asks again", dip, Off,
                           lasting=False)  # fmt: skip


def _rows() -> Iterator[tuple[tuple[str, str], Fault]]:
    for kind, fault in _monitor(_battery, "power_monitor"):
        yield ("chip.power_monitor", kind), fault
    for face in FACES:
        for kind, fault in _monitor(lambda bay, face=face: _face(bay, face), "array"):  # type: ignore[misc]  # binds the loop's
            yield (f"chip.array_{face}", kind), fault
    for place in TEMPERATURES:
        for kind, fault in _thermometer(lambda bay, place=place: _place(bay, place)):  # type: ignore[misc]  # binds the loop's
            yield (f"tmp117.{place}", kind), fault


FAULTS: Final[Mapping[tuple[str, str], Fault]] = dict(_rows())
