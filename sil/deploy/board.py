"""What the Raspberry Pi's firmware must be told: the good UART on the header, no console on it, I2C on.

Raspberry Pi documentation: config.txt ("enable_uart", conditional filters), UART configuration ("disable-bt").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sil.deploy.host_files import HostFile, read_file
from sil.deploy.layout import Layout
from sil.deploy.transport import Target

FIRMWARE_FOLDERS: Final = ("/boot/firmware", "/boot")
"""Since Bookworm, and before."""
MODULES: Final = "/etc/modules-load.d/rahi.conf"
MODULES_TEXT: Final = "i2c-dev\n"
_SERIAL_CONSOLE: Final = re.compile(r"console=(serial0|ttyAMA0|ttyS0)(,\S*)?")
_SATISFIES: Final = (
    ("enable_uart=1", ("enable_uart=1",)),
    ("dtoverlay=disable-bt", ("dtoverlay=disable-bt", "dtoverlay=miniuart-bt")),
    ("dtparam=i2c_arm=on", ("dtparam=i2c_arm=on", "dtparam=i2c=on", "dtparam=i2c1=on")),
)
"""What is added, and what may stand in its place."""


@dataclass(frozen=True)
class Change:
    """One file of the board's, as it should be, and what that changes in words."""

    file: HostFile
    what: tuple[str, ...]


def missing_settings(config: str) -> tuple[str, ...]:
    """Lines that config.txt lacks: of each key what stands last counts, under no filter or [all]."""
    settings = list(_settings(config))
    last = {key: line for line, key in settings}
    lines = {line for line, key in settings if key != "enable_uart"} | set(last.values())
    return tuple(line for line, alternatives in _SATISFIES if not lines & set(alternatives))


def with_settings(config: str) -> str:
    """The same file with the missing lines at its end."""
    missing = missing_settings(config)
    if not missing:
        return config
    gap = "" if config.endswith("\n") or not config else "\n"
    return config + gap + "\n".join(["", "# Rahi flight software", "[all]", *missing, ""])


def serial_consoles(cmdline: str) -> tuple[str, ...]:
    """Words of cmdline.txt that put a console on the header's UART."""
    return tuple(word for word in cmdline.split() if _SERIAL_CONSOLE.fullmatch(word))


def without_serial_consoles(cmdline: str) -> str:
    """One line, as the firmware wants it."""
    return " ".join(word for word in cmdline.split() if not _SERIAL_CONSOLE.fullmatch(word)) + "\n"


def board_changes(target: Target, layout: Layout) -> list[Change] | None:
    """What has to change on this board; None if it has no such firmware."""
    for folder in FIRMWARE_FOLDERS:
        path = layout.path(folder)
        config = read_file(target, f"{path}/config.txt")
        if config is not None:
            return list(_changes(target, layout, path, config.decode()))
    return None


def _changes(target: Target, layout: Layout, folder: str, config: str) -> Iterator[Change]:
    missing = missing_settings(config)
    if missing:
        yield Change(HostFile(f"{folder}/config.txt", with_settings(config).encode()), missing)
    cmdline = (read_file(target, f"{folder}/cmdline.txt") or b"").decode()
    consoles = serial_consoles(cmdline)
    if consoles:
        changed = HostFile(f"{folder}/cmdline.txt", without_serial_consoles(cmdline).encode())
        yield Change(changed, tuple(f"without {word}" for word in consoles))
    modules = read_file(target, layout.path(MODULES))
    if modules != MODULES_TEXT.encode():
        yield Change(HostFile(layout.path(MODULES), MODULES_TEXT.encode()), ("load i2c-dev",))


def _settings(config: str) -> Iterator[tuple[str, str]]:
    """Lines that count on every board, one setting each, with their keys."""
    everywhere = True
    for line in (line.split("#", 1)[0].strip() for line in config.splitlines()):
        if line.startswith("["):
            everywhere = line == "[all]"
        elif everywhere and line:
            key, _, value = (part.strip() for part in line.partition("="))
            for part in value.split(",") if key == "dtparam" else (value,):
                yield f"{key}={part}", key
