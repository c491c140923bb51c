"""Steering centres and signs of motors and servos into a rover file: nothing else, comments and layout kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.items import Array, InlineTable

from flight.rover_file import RoverFile, load_rover, shipped_rovers
from hal.api.config import ConfigError
from hal.api.wiring import DriveUnit, ServoWiring
from sil.checkout.record import Findings

CHANNELS: Final = ("m1", "m2")


def write_findings(name_or_path: str, rover: RoverFile, findings: Findings) -> Path:
    """Put the findings into a rover file, or into a new one beside it for a shipped rover; returns the file.

    A file that is changed is kept as FILE.bak (FILE.bak2 and so on if there is one).

    Raises:
        ConfigError: it cannot be read or written, or would be no rover file any more; then it is as before.
    """
    shipped = name_or_path in shipped_rovers()
    path = Path(f"{name_or_path}-calibrated.toml" if shipped else name_or_path)
    draft = path.with_name(f".{path.stem}.draft.toml")
    try:
        text = f'like = "{name_or_path}"\n' if shipped else path.read_text(encoding="utf-8")
        draft.write_text(corrected(text, rover, findings), encoding="utf-8")
        load_rover(str(draft))
        if path.exists():
            shutil.copy2(path, _backup(path))
            shutil.copymode(path, draft)
        os.replace(draft, path)
    except OSError as error:
        raise ConfigError(str(path), f"cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    return path


def corrected(text: str, rover: RoverFile, findings: Findings) -> str:
    """The text of a rover file with the findings in it; `rover` is what it amounts to with its ancestors."""
    document = tomlkit.parse(text)
    hardware = _table(document, "hardware")
    for name, centre_us in findings.centre_us.items():
        _corner(hardware, name)["centre_us"] = centre_us
    for name in findings.mirrored:
        _corner(hardware, name)["sign"] = -_servo(rover, name).sign
    if findings.turned_round:
        wheels = _table(hardware, "wheels")
        if "units" not in wheels:  # an array of an ancestor is replaced as a whole
            wheels["units"] = _units(rover)
        for unit in wheels["units"]:
            for channel in CHANNELS:
                if unit[channel] in findings.turned_round:
                    unit[f"{channel}_sign"] = -unit.get(f"{channel}_sign", 1)
    return tomlkit.dumps(document)


def _corner(hardware: MutableMapping[str, Any], name: str) -> MutableMapping[str, Any]:
    corners = _table(_table(hardware, "steering"), "corners")
    if name not in corners:
        corners[name] = tomlkit.inline_table()
    corner: MutableMapping[str, Any] = corners[name]
    return corner


def _servo(rover: RoverFile, name: str) -> ServoWiring:
    steering = rover.hardware.steering
    if steering is None:
        raise ConfigError(rover.name, "names no steering servos to correct")
    return steering.corners[name]


def _table(parent: MutableMapping[str, Any], key: str) -> MutableMapping[str, Any]:
    if key not in parent:
        inline = isinstance(parent, InlineTable)  # which holds nothing but its like
        parent[key] = tomlkit.inline_table() if inline else tomlkit.table(is_super_table=True)
    table: MutableMapping[str, Any] = parent[key]
    return table


def _units(rover: RoverFile) -> Array:
    units = tomlkit.array().multiline(True)
    for unit in () if rover.hardware.wheels is None else rover.hardware.wheels.units:
        units.append(_unit(unit))
    return units


def _unit(unit: DriveUnit) -> Any:
    table = tomlkit.inline_table()
    table["address"] = tomlkit.parse(f"x = {unit.address:#04x}")["x"]  # as in a person's file, not in decimal
    for channel in CHANNELS:
        table[channel] = getattr(unit, channel)
    for channel in CHANNELS:
        if getattr(unit, f"{channel}_sign") < 0:
            table[f"{channel}_sign"] = -1
    return table


def _backup(path: Path) -> Path:
    number = 1
    while True:
        backup = path.with_name(f"{path.name}.bak{number if number > 1 else ''}")
        if not backup.exists():
            return backup
        number += 1
