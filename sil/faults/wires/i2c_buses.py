"""Faults of the I2C buses: steering and power on `body`, temperatures on `body`, `left` and `right`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.clock import NS_PER_MS
from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, NoParams, SetLevel
from sil.faults.wires.parts import FAILING, Make, Share, bay_of, dice, row
from sim_hal.buses import i2c_faults
from sim_hal.buses.dirty_wires import BitNoise
from sim_hal.buses.fault_chain import switch_part, switch_read
from sim_hal.buses.i2c import I2cWires, ReadFault
from sim_hal.wired.bay import WireBay

BUSES: Final = ("body", "left", "right")
SENSORS: Final = ("thermal.sensor_lost",)
LOST: Final[Mapping[str, tuple[str, ...]]] = {
    "body": ("mobility.steering_lost", "power.monitor_lost", "power.array_monitor_lost", *SENSORS, FAILING),
    "left": SENSORS,
    "right": SENSORS,
}
RESPONSE: Final = "asks the bus no more than its budget allows, does without what hangs on it, drives no further"
FILTER: Final = "believes only what the chips can have measured; asks again"


class Rarely(Section, frozen=True, kw_only=True):
    """Chance of each transfer not to be acknowledged."""

    probability: Share = 0.2


class Level(Section, frozen=True, kw_only=True):
    """What every byte reads: 0 is a line shorted to ground, 255 one that nobody drives."""

    value: Annotated[int, Meta(ge=0, le=255)] = 0


class Stretched(Section, frozen=True, kw_only=True):
    """How long the chips hold the clock down in each transfer."""

    extra_ms: Annotated[float, Meta(ge=0.0, le=20.0)] = 5.0


class Short(Section, frozen=True, kw_only=True):
    """How many bytes of an answer still come."""

    kept_bytes: Annotated[int, Meta(ge=0, le=16)] = 1


class Flaw(Section, frozen=True, kw_only=True):
    """Which of the reads come with the top bits of a byte wrong."""

    every: Annotated[int, Meta(ge=1, le=10_000)] = 10


class Noisy(Section, frozen=True, kw_only=True):
    """Chance of each bit that is read to come wrong."""

    bit_error_rate: Annotated[float, Meta(ge=0.0, le=0.1)] = 1e-4


def _nak(name: str) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        wires = bay_of(bench).i2c[name]

        def deaf(_address: int) -> bool:
            return True

        def set_level(level: float) -> None:
            wires.deaf = switch_part(wires.deaf, deaf, level > 0.0)

        return set_level

    return make


def _nak_sometimes(name: str) -> Make:
    def make(bench: Bench, params: Rarely) -> SetLevel:
        wires, noise, chance = bay_of(bench).i2c[name], dice(bench, f"bus.{name}", "nak_sometimes"), [0.0]

        def deaf(_address: int) -> bool:
            return noise.uniform() < chance[0]

        def set_level(level: float) -> None:
            chance[0] = level * params.probability
            wires.deaf = switch_part(wires.deaf, deaf, level > 0.0)

        return set_level

    return make


def _stuck(name: str) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        wires = bay_of(bench).i2c[name]

        def set_level(level: float) -> None:
            wires.stuck = level > 0.0

        return set_level

    return make


def _late(name: str) -> Make:
    def make(bench: Bench, params: Stretched) -> SetLevel:
        wires = bay_of(bench).i2c[name]

        def set_level(level: float) -> None:
            wires.stretch_ns = round(level * params.extra_ms * NS_PER_MS)

        return set_level

    return make


def _reads(wires: I2cWires, fault: ReadFault) -> SetLevel:
    return lambda level: switch_read(wires, fault, level > 0.0)


def _shorted(name: str) -> Make:
    return lambda bench, params: _reads(bay_of(bench).i2c[name], i2c_faults.constant(params.value))


def _truncated(name: str) -> Make:
    return lambda bench, params: _reads(bay_of(bench).i2c[name], i2c_faults.truncated(params.kept_bytes))


def _flaw(name: str) -> Make:
    return lambda bench, params: _reads(bay_of(bench).i2c[name], i2c_faults.ClockStretchFlaw(params.every))


def _noise(name: str) -> Make:
    def make(bench: Bench, params: Noisy) -> SetLevel:
        wires, noise = bay_of(bench).i2c[name], BitNoise(dice(bench, f"bus.{name}", "noise"))
        read = noise.read

        def set_level(level: float) -> None:
            noise.rate = level * params.bit_error_rate
            switch_read(wires, read, level > 0.0)

        return set_level

    return make


def _bus(name: str) -> Iterator[tuple[str, Fault]]:
    lost = LOST[name]

    def find(bay: WireBay) -> I2cWires:
        return bay.i2c[name]

    yield "nak", row(find, "no chip acknowledges", RESPONSE, _nak(name), events=lost)
    yield (
        "nak_sometimes",
        row(find, "transfers fail now and then", FILTER, _nak_sometimes(name), Rarely, ramps=True, events=lost),
    )
    yield "stuck", row(find, "a line is held low: transfers time out", RESPONSE, _stuck(name), events=lost)
    yield "shorted", row(find, "every byte reads the same", RESPONSE, _shorted(name), Level, events=lost)
    yield "late", row(find, "chips stretch the clock", RESPONSE, _late(name), Stretched, ramps=True, events=lost)
    yield "truncated", row(find, "answers end early", RESPONSE, _truncated(name), Short, events=lost)
    yield (
        "clock_stretch_flaw",
        row(find, "the master does not wait for a stretched clock: top bits wrong", FILTER, _flaw(name), Flaw),
    )
    yield "noise", row(find, "bits are read wrong", FILTER, _noise(name), Noisy, ramps=True)


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    (f"bus.{name}", kind): fault for name in BUSES for kind, fault in _bus(name)
}
