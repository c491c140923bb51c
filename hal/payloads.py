"""Instruments with drivers of a team's own: entry points of group `rahi.instruments`, wired by the rover file.

A driver is a function of `PayloadParts` that returns an `hal.api.devices.Instrument`; it opens nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Final

from hal.api.board_wiring import PayloadWiring
from hal.api.clock import Clock
from hal.api.config import ConfigError
from hal.api.devices import Instrument
from hal.buses.api import I2cBus, SerialBus
from hal.buses.opening import Buses

GROUP: Final = "rahi.instruments"


@dataclass(frozen=True, kw_only=True)
class PayloadParts:
    """What a driver gets."""

    name: str
    """The instrument's name, for errors."""
    clock: Clock
    powered: Callable[[], bool]
    serial: SerialBus | None
    i2c: I2cBus | None
    options: Mapping[str, str | int | float | bool]


BuildPayload = Callable[[PayloadParts], Instrument]


def installed_drivers() -> dict[str, Callable[[], BuildPayload]]:
    """Every driver that is installed, by name; each is imported when it is called for."""
    return {entry.name: entry.load for entry in entry_points(group=GROUP)}


def build_payloads(
    wirings: Mapping[str, PayloadWiring],
    buses: Buses,
    clock: Clock,
    powered: Callable[[str | None], Callable[[], bool]],
    source: str,
    drivers: Mapping[str, Callable[[], BuildPayload]],
) -> dict[str, Instrument]:
    """The instruments of the wiring by name; `powered` makes the question of a load switch.

    Raises:
        ConfigError: a driver that is not installed, or that does not take its options (a ValueError of its own).
    """
    built: dict[str, Instrument] = {}
    for name, wiring in wirings.items():
        if wiring.driver not in drivers:
            there = ", ".join(sorted(drivers)) or "none is installed"
            raise ConfigError(source, f"hardware.payloads.{name}.driver = {wiring.driver!r}: no such driver ({there})")
        parts = PayloadParts(
            name=name,
            clock=clock,
            powered=powered(wiring.power),
            serial=buses.serial.get(wiring.bus or ""),
            i2c=buses.i2c.get(wiring.bus or ""),
            options=wiring.options,
        )
        try:
            built[name] = drivers[wiring.driver]()(parts)
        except (ValueError, ImportError) as error:
            raise ConfigError(source, f"hardware.payloads.{name}: {error}") from None
    return built
