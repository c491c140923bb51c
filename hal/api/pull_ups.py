"""Lines of a Raspberry Pi's header that are high whenever nobody drives them, whatever hangs on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

PULLED_UP: Final = (2, 3)
"""SDA and SCL of I2C bus 1: pulled up by fixed resistors (Raspberry Pi documentation, on voltages of pins)."""
_PI_CHIPS: Final = ("gpio://pinctrl-bcm", "gpio://pinctrl-rp1", "gpio:///dev/gpiochip0", "gpio:///dev/gpiochip4")


def pull_up_problems(url: str, line: int | None, active_low: bool, safe: bool) -> Iterator[str]:
    """What speaks against a switch on that line of a bus: without a computer it would not be what `safe` says."""
    on = not active_low
    if line in PULLED_UP and on is not safe and url.lower().startswith(_PI_CHIPS):
        state = "on" if on else "off"
        remedy = "give it another line" if active_low else "give it another line, or switch it active_low"
        yield f"line {line} has a fixed pull-up on a Raspberry Pi, so it is {state} while the computer starts: {remedy}"
