"""Settings of the Raspberry Pi's firmware: what is missing, and what the files look like afterwards."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from sil.deploy.board import missing_settings, serial_consoles, with_settings, without_serial_consoles

UART, BLUETOOTH, I2C = "enable_uart=1", "dtoverlay=disable-bt", "dtparam=i2c_arm=on"


@pytest.mark.parametrize(
    ("config", "missing"),
    [
        ("", (UART, BLUETOOTH, I2C)),
        (f"{UART}\n{BLUETOOTH}\n{I2C}\n", ()),
        (f"[pi4]\n{UART}\n[all]\n{BLUETOOTH}\n", (UART, I2C)),
        (f"[pi4]\n[all]\n{UART}\n{BLUETOOTH}\n{I2C}\n", ()),
        (f"#{UART}\n {BLUETOOTH} # why\n{I2C}\n", (UART,)),
        (f"{UART}\n{BLUETOOTH}\n{I2C}\nenable_uart=0\n", (UART,)),
        (f"enable_uart=0\n{UART}\ndtoverlay=miniuart-bt\ndtparam=i2c=on,spi=on\n", ()),
        (f"{UART}\n{BLUETOOTH}\ndtoverlay=vc4-kms-v3d\ndtparam=audio=on\n", (I2C,)),
    ],
)
def test_what_is_missing_is_seen(config: str, missing: tuple[str, ...]) -> None:
    assert missing_settings(config) == missing


@given(
    st.lists(
        st.sampled_from([UART, "enable_uart=0", BLUETOOTH, I2C, "[pi4]", "[all]", "[none]", "dtparam=spi=on", "#x", ""])
    ).map("\n".join)
)
def test_afterwards_nothing_is_missing_and_what_was_there_still_is(config: str) -> None:
    changed = with_settings(config)

    assert missing_settings(changed) == ()
    assert changed.startswith(config)
    assert with_settings(changed) == changed


def test_only_consoles_on_the_header_go() -> None:
    cmdline = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 console=ttyAMA0 console=ttyUSB0 quiet\n"

    assert serial_consoles(cmdline) == ("console=serial0,115200", "console=ttyAMA0")
    assert without_serial_consoles(cmdline) == "console=tty1 root=PARTUUID=1-02 console=ttyUSB0 quiet\n"
