"""Instruments with drivers of a team's own: found by name, handed their bus, their supply and their options."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.board_wiring import PayloadWiring
from hal.api.config import ConfigError
from hal.api.devices import Instrument
from hal.buses.api import BusLost
from hal.buses.lost import LostBus
from hal.buses.opening import Buses
from hal.payloads import BuildPayload, PayloadParts, build_payloads
from tests.fakes.context import FakeClock
from tests.fakes.instrument import FakeInstrument

BUSES = Buses(serial={"counter": LostBus(BusLost("counter", "gone"))}, i2c={}, gpio={})


def _powered(load: str | None) -> Callable[[], bool]:
    return lambda: load == "dosimeter"


class _Driver:
    """Remembers what it was given; refuses a gain below one, as a driver of somebody else may."""

    def __init__(self) -> None:
        self.parts: list[PayloadParts] = []

    def __call__(self, parts: PayloadParts) -> Instrument:
        if float(parts.options.get("gain", 1.0)) < 1.0:
            raise ValueError("options.gain must be at least 1")
        self.parts.append(parts)
        return FakeInstrument(parts.clock, parts.powered)


def _build(wiring: PayloadWiring, driver: BuildPayload) -> dict[str, Instrument]:
    return build_payloads({"dosimeter": wiring}, BUSES, FakeClock(), _powered, "rover.toml", {"geiger": lambda: driver})


def test_a_driver_gets_its_parts() -> None:
    """The bus by its kind, the supply as a question, the options untouched."""
    driver = _Driver()
    built = _build(PayloadWiring(driver="geiger", bus="counter", power="dosimeter", options={"gain": 2}), driver)
    (parts,) = driver.parts
    assert list(built) == ["dosimeter"]
    assert (parts.name, parts.serial, parts.i2c) == ("dosimeter", BUSES.serial["counter"], None)
    assert parts.powered()
    assert parts.options == {"gain": 2}


@pytest.mark.parametrize(
    ("wiring", "problem"),
    [
        (PayloadWiring(driver="geigr"), r"payloads\.dosimeter\.driver = 'geigr': no such driver \(geiger\)"),
        (PayloadWiring(driver="geiger", options={"gain": 0}), r"payloads\.dosimeter: options\.gain must be at least 1"),
    ],
)
def test_what_cannot_be_built_is_told_by_its_key(wiring: PayloadWiring, problem: str) -> None:
    """An unknown driver with those that there are, a refused option in the driver's words."""
    with pytest.raises(ConfigError, match=problem):
        _build(wiring, _Driver())
