"""The Pi's device trees, changed so that the good UART (PL011) is on pins 8 and 10 and not with the Bluetooth chip.

This is what Raspberry Pi's `disable-bt` overlay does; Debian's kernel comes with device trees that take no overlays.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sil.image.errors import ImageError
from sil.image.tools import run

PL011: Final = "/soc/serial@7e201000"
MINI_UART: Final = "/soc/serial@7e215040"
PL011_PINS: Final = "/soc/gpio@7e200000/uart0_gpio14"
_PHANDLE: Final = re.compile(r"\bphandle = <(0x[0-9a-f]+)>")


def free_uart(tree: Path) -> bool:
    """Change one device tree in place; False if no Bluetooth chip sits on its PL011.

    Raises:
        ImageError: the tree is not as expected.
    """
    if "bluetooth" not in run("fdtget", "-l", tree, PL011).split():
        return False
    pins = next_phandle(run("dtc", "-I", "dtb", "-O", "dts", "-q", tree))
    if "uart0_gpio14" not in run("fdtget", "-l", tree, PL011_PINS.rpartition("/")[0]).split():
        raise ImageError(f"{tree.name} has no pin group {PL011_PINS}")
    run("fdtput", "-r", tree, f"{PL011}/bluetooth")
    run("fdtput", "-t", "x", tree, PL011_PINS, "phandle", f"{pins:x}")
    run("fdtput", "-t", "x", tree, PL011, "pinctrl-0", f"{pins:x}")
    if "uart-has-rtscts" in run("fdtget", "-p", tree, PL011).split():
        run("fdtput", "-d", tree, PL011, "uart-has-rtscts")
    run("fdtput", "-t", "s", tree, MINI_UART, "status", "disabled")  # it would drive the same two pins
    return True


def pinless_mini_uart(tree: Path) -> None:
    """Give an emulated board its second UART back, as a console: without pins, which the first one has now.

    Raises:
        ImageError: the tree has no such UART.
    """
    run("fdtput", "-t", "s", tree, MINI_UART, "status", "okay")
    for name in ("pinctrl-0", "pinctrl-names"):
        if name in run("fdtget", "-p", tree, MINI_UART).split():
            run("fdtput", "-d", tree, MINI_UART, name)


def next_phandle(source: str) -> int:
    """A number that no node of a decompiled tree has."""
    return max((int(number, 16) for number in _PHANDLE.findall(source)), default=0) + 1
