"""The rover file that belongs to a folder of emulated chips: what the rover believes, with its buses there."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

from flight.rover_file import RoverFile
from hal.api.config import ConfigError
from hal.buses.url import parse_url
from sil.emulate.rover import SOCKET

FILE: Final = "rover.toml"
STORAGE: Final = "storage"
MARK: Final = "# Written by `rahi emulate rover`, and again at its next start: the chips that it serves here."


def write_rover_file(folder: Path, name_or_path: str, rover: RoverFile) -> Path:
    """Write it and return its path; one that somebody else has written stays as it is.

    Raises:
        ConfigError: it cannot be written.
    """
    file = folder / FILE
    try:
        if file.exists() and not file.read_bytes().startswith(MARK.encode()):
            return file
        file.write_text(rover_text(folder.absolute(), name_or_path, rover), encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(file), f"cannot be written: {error.strerror}") from None
    except UnicodeEncodeError:
        raise ConfigError(str(file), "cannot be written: a path in it is not UTF-8") from None
    return file


def rover_text(folder: Path, name_or_path: str, rover: RoverFile) -> str:
    """TOML: like the rover that was given, every bus and the storage in `folder`."""
    like = str(Path(name_or_path).absolute()) if name_or_path.endswith(".toml") else name_or_path
    head = (
        f"{MARK}\nname = {_quoted(rover.name)}\nlike = {_quoted(like)}\n\n"
        f"[hardware.computer]\nstorage = {_quoted(str(folder / STORAGE))}\n\n[hardware.buses]\n"
    )
    return head + "".join(
        f'{name} = {{ kind = "{bus.kind}", url = {_quoted(_url(folder, name, bus.kind, bus.url))}, '
        f"budget_ms = {bus.budget_ms!r} }}\n"
        for name, bus in rover.hardware.buses.items()
    )


def _url(folder: Path, name: str, kind: str, url: str) -> str:
    if kind == "serial":
        return f"serial://{quote(str(folder / name))}?baud={parse_url(url).query.get('baud', '115200')}"
    return f"emu://{quote(str(folder / SOCKET))}?bus={name}"


def _quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0: no control characters in it, any code point by its number)."""
    marks = {**{code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)}, ord("\\"): "\\\\", ord('"'): '\\"'}
    return f'"{text.translate(marks)}"'
