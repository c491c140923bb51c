"""The rover file in the image, and the one over it that puts the ground radio on the port which the card names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from flight.rover_file import RoverFile
from sil.image.tree import Entry

ROVER_FILE: Final = "etc/rahi/rover.toml"
"""What flight's unit names: a link, since the choice is made at each boot."""
BUILT_IN: Final = "etc/rahi/rover-built-in.toml"
OTHER_RADIO: Final = "etc/rahi/rover-other-radio.toml"
CHOSEN: Final = "/run/rahi-first-boot/rover.toml"
PORT: Final = "@PORT@"
DEFAULT_BAUD: Final = "57600"


def rover_entries(rover: RoverFile, text: bytes) -> Iterator[Entry]:
    """The files of /etc/rahi; a rover without a radio on a serial port has nothing to choose."""
    yield Entry(path=BUILT_IN, data=text)
    yield Entry(path=ROVER_FILE, link=CHOSEN)
    other = other_radio(rover)
    if other is not None:
        yield Entry(path=OTHER_RADIO, data=other.encode())


def other_radio(rover: RoverFile) -> str | None:
    """A file like the built-in one, its radio on a port that is filled in at boot; None if it has no such radio."""
    radio = rover.hardware.radio_local
    if radio is None:
        return None
    query = urlsplit(rover.hardware.buses[radio.bus].url).query or f"baud={DEFAULT_BAUD}"
    return f'like = "/{BUILT_IN}"\n\n[hardware.buses.{radio.bus}]\nkind = "serial"\nurl = "serial://{PORT}?{query}"\n'
