"""Pins of a Raspberry Pi's 40-pin header, as the command `pinout` of Raspberry Pi OS shows them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hal.api.wiring import BusWiring
from hal.buses.url import parse_url

LINE_PINS: Final[Mapping[int, int]] = MappingProxyType(
    {
        2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33, 14: 8, 15: 10, 16: 36,
        17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
    }
)  # fmt: skip
"""GPIO line to pin of the header."""
_PORT_PINS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/dev/ttyAMA0": "pins 8 (TX), 10 (RX)",
        "/dev/serial0": "pins 8 (TX), 10 (RX)",
        "/dev/ttyS0": "pins 8 (TX), 10 (RX)",
        "/dev/i2c-1": "pins 3 (SDA), 5 (SCL)",
    }
)
_PI_CHIPS: Final = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")


def port_of(wiring: BusWiring) -> tuple[str, str]:
    """The computer's end of a bus: its port, and where that is on the board (empty if nobody can tell).

    A URL that cannot be read is told as it stands: the board judges it, not a picture.
    """
    try:
        url = parse_url(wiring.url)
    except ValueError:
        return wiring.url, ""
    port = (f"{url.host}:{url.port}" if url.port is not None else url.host) or url.path
    if port.startswith(("/dev/ttyUSB", "/dev/ttyACM")):
        return port, "USB"
    if url.scheme not in ("serial", "i2c"):
        return (port if url.scheme == "gpio" else f"{url.scheme} {port}"), ""
    return port, _PORT_PINS.get(port, "")


def pin_of(wiring: BusWiring, line: int) -> str:
    """`pin 16` for a line of a Pi's own GPIO chip, else nothing."""
    pin = LINE_PINS.get(line)
    return f"pin {pin}" if pin is not None and port_of(wiring)[0].lower() in _PI_CHIPS else ""
