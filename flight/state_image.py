"""The state that survives a restart: one small record in a kept file."""

from __future__ import annotations

from math import isfinite
from typing import Final

import msgspec

from flight.kept_file import COPIES, KeptFile, copy_name, encode_copy
from flight.mobility.kept import MAX_MAGNITUDE, KeptMotion
from hal.api.storage import Storage
from telemetry_defs.definitions import Mode

FILE: Final = "state"
FIRST_COPY: Final = copy_name(FILE, COPIES[0])
VERSION: Final = 2
MOST_POWER_CYCLES: Final = 254
"""What `health.hk` can carry."""


class StateImage(msgspec.Struct, frozen=True, kw_only=True):
    """What flight writes down; every field has the value of a rover that was never switched on."""

    boot_count: int = 0
    short_boots: int = 0
    """Boots in a row that did not last, planned ones left out."""
    crashes: int = 0
    """Boots in a row after the process ended itself because a vital row failed."""
    boot_loop: bool = False
    mode: Mode | None = None
    gps_ns: int = 0
    soc: float | None = None
    motion: KeptMotion = KeptMotion()
    command_loss_age_s: float = 0.0
    parameters: dict[int, float] = {}
    previous_parameters: dict[int, float] | None = None
    """The set before the last change, None if there was none."""
    duplicates: dict[int, list[int]] = {}
    counters: dict[int, int] = {}
    """First sequence count of the next boot for each APID: reserved ahead, so that counts jump and never repeat."""
    safe_held: bool = False
    dead_devices: list[int] = []
    """Codes of the devices that are given up."""
    power_cycles: dict[int, int] = {}
    """Power cycles used of the day's budget, by code of the device."""
    relay_windows: list[tuple[int, int]] = []
    """Start and stop of the relay windows that ground has announced, ns since the GPS epoch."""


def state_file(storage: Storage) -> KeptFile[StateImage]:
    """Where the image is kept, in two copies."""
    return KeptFile(storage, FILE, VERSION, StateImage, _plausible)


def encode(image: StateImage) -> bytes:
    """The image as the first copy holds it, for those who prepare a storage before flight is switched on."""
    return encode_copy(VERSION, 1, image)


def _plausible(image: StateImage) -> bool:
    """A good checksum does not make a good value: what wrote it may have been broken."""
    return (
        image.motion.plausible
        and image.command_loss_age_s <= MAX_MAGNITUDE
        and image.command_loss_age_s >= 0.0
        and (image.soc is None or 0.0 <= image.soc <= 1.0)
        and all(isfinite(value) for value in (*image.parameters.values(), *(image.previous_parameters or {}).values()))
        and all(0 <= used <= MOST_POWER_CYCLES for used in image.power_cycles.values())
        and all(start < stop for start, stop in image.relay_windows)
    )
