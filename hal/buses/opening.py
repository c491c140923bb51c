"""Opens the buses of a rover file by the scheme of their URLs.  A board brings the schemes that it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hal.api.clock import NS_PER_MS, Clock
from hal.api.config import ConfigError
from hal.api.wiring import BusWiring
from hal.buses.api import BusError, GpioBus, I2cBus, SerialBus
from hal.buses.budget import BudgetedI2c, BudgetedSerial
from hal.buses.lost import LostBus
from hal.buses.url import BusUrl, parse_url

T = TypeVar("T")
OpenSerial = Callable[[str, BusUrl, Clock], SerialBus]
OpenI2c = Callable[[str, BusUrl, Clock], I2cBus]
OpenGpio = Callable[[str, BusUrl, Clock], GpioBus]


@dataclass(frozen=True, kw_only=True)
class Openers:
    """What opens a bus of each kind, by scheme: given its name, its URL and the clock.

    An opener raises ValueError for a URL it cannot take and `BusError` for a port that is not there.
    """

    serial: Mapping[str, OpenSerial] = field(default_factory=dict)
    i2c: Mapping[str, OpenI2c] = field(default_factory=dict)
    gpio: Mapping[str, OpenGpio] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Buses:
    """Every bus by name, within its budget.  One that could not be opened is a `LostBus`, whose every use says why."""

    serial: Mapping[str, SerialBus]
    i2c: Mapping[str, I2cBus]
    gpio: Mapping[str, GpioBus]


def open_buses(wirings: Mapping[str, BusWiring], openers: Openers, clock: Clock, source: str) -> Buses:
    """Open every bus; one that is not there is not fatal: a rover with half its hardware still flies.

    Raises:
        ConfigError: a URL that nobody here can read; `source` names the rover file.
    """
    serial: dict[str, SerialBus] = {}
    i2c: dict[str, I2cBus] = {}
    gpio: dict[str, GpioBus] = {}
    for name, wiring in wirings.items():
        limit_ns = round(wiring.budget_ms * NS_PER_MS)
        try:
            url = parse_url(wiring.url)
            if wiring.kind == "serial":
                serial[name] = BudgetedSerial(_open(openers.serial, name, url, clock), limit_ns, clock)
            elif wiring.kind == "i2c":
                i2c[name] = BudgetedI2c(_open(openers.i2c, name, url, clock), limit_ns, clock)
            else:
                gpio[name] = _open(openers.gpio, name, url, clock)
        except ValueError as error:
            raise ConfigError(source, f"hardware.buses.{name}.url: {error}") from None
    return Buses(serial=serial, i2c=i2c, gpio=gpio)


def _open(
    openers: Mapping[str, Callable[[str, BusUrl, Clock], T]], name: str, url: BusUrl, clock: Clock
) -> T | LostBus:
    """Raises ValueError for a scheme that this board does not know."""
    opener = openers.get(url.scheme)
    if opener is None:
        raise ValueError(f"{url.text}: no scheme {url.scheme!r} here, have {', '.join(sorted(openers)) or 'none'}")
    try:
        return opener(name, url, clock)
    except BusError as error:
        return LostBus(error)
