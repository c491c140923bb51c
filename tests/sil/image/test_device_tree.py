"""The change in the Pi's device trees, on a small tree with the same nodes."""

import subprocess
from pathlib import Path

import pytest

from sil.image.device_tree import MINI_UART, PL011, PL011_PINS, free_uart, pinless_mini_uart
from sil.image.errors import ImageError
from sil.image.tools import find

TOOLS = ("dtc", "fdtget", "fdtput")
pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(any(find(tool) is None for tool in TOOLS), reason="not installed: device-tree-compiler"),
]
SOURCE = """/dts-v1/;
/ { soc {
  gpio@7e200000 {
    uart0_gpio14 { brcm,pins = <14 15>; };
    bt: uart0_gpio32 { brcm,pins = <32 33>; };
    mini: uart1_gpio14 { brcm,pins = <14 15>; };
  };
  serial@7e201000 {
    status = "okay"; uart-has-rtscts; pinctrl-names = "default"; pinctrl-0 = <&bt>;
    bluetooth { compatible = "brcm,bcm43438-bt"; };
  };
  serial@7e215040 { status = "okay"; pinctrl-names = "default"; pinctrl-0 = <&mini>; };
}; };
"""


def compiled(path: Path, source: str = SOURCE) -> Path:
    subprocess.run([find("dtc") or "", "-q", "-O", "dtb", "-o", str(path)], input=source, text=True, check=True)
    return path


def get(tree: Path, *words: str) -> str:
    done = subprocess.run(
        [find("fdtget") or "", *words[:-2], str(tree), *words[-2:]], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_the_good_uart_gets_the_header_pins_and_the_other_one_is_off(tmp_path: Path) -> None:
    tree = compiled(tmp_path / "pi.dtb")

    assert free_uart(tree) is True

    pins = get(tree, "-t", "x", PL011_PINS, "phandle")
    assert get(tree, "-t", "x", PL011, "pinctrl-0") == pins
    others = {
        get(tree, "-t", "x", f"/soc/gpio@7e200000/{name}", "phandle") for name in ("uart0_gpio32", "uart1_gpio14")
    }
    assert pins not in others
    assert get(tree, MINI_UART, "status") == "disabled"
    assert get(tree, PL011, "uart-has-rtscts") == ""
    assert free_uart(tree) is False  # the Bluetooth chip is gone


def test_a_board_without_a_bluetooth_chip_is_left_as_it_is(tmp_path: Path) -> None:
    tree = compiled(tmp_path / "cm.dtb", SOURCE.replace('bluetooth { compatible = "brcm,bcm43438-bt"; };', ""))
    before = tree.read_bytes()

    assert free_uart(tree) is False
    assert tree.read_bytes() == before


def test_a_tree_without_the_pins_is_refused(tmp_path: Path) -> None:
    tree = compiled(tmp_path / "odd.dtb", SOURCE.replace("uart0_gpio14", "uart9_gpio14"))

    with pytest.raises(ImageError, match=r"odd\.dtb has no pin group /soc/gpio@7e200000/uart0_gpio14"):
        free_uart(tree)


def test_an_emulated_board_has_its_console_without_pins(tmp_path: Path) -> None:
    tree = compiled(tmp_path / "pi.dtb")
    free_uart(tree)

    pinless_mini_uart(tree)

    assert get(tree, MINI_UART, "status") == "okay"
    assert get(tree, MINI_UART, "pinctrl-0") == ""
