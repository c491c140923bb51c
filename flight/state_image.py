"""The state that survives a restart: one small record, versioned and checksummed."""

from __future__ import annotations

import binascii
from math import isfinite
from typing import Final

import msgspec

from telemetry_defs.definitions import Mode

FILE: Final = "state"
VERSION: Final = 1
MAX_MAGNITUDE: Final = 1.0e9
"""Metres, radians, seconds: far beyond any mission; also refuses infinite values and NaN."""
_CRC_BYTES: Final = 4


class StateImage(msgspec.Struct, frozen=True, kw_only=True):
    """What flight writes down; every field has the value of a rover that was never switched on."""

    version: int = VERSION
    boot_count: int = 0
    short_boots: int = 0
    """Boots in a row that did not last, planned ones left out."""
    crashes: int = 0
    """Boots in a row after the process ended itself because a vital row failed."""
    boot_loop: bool = False
    mode: Mode | None = None
    gps_ns: int = 0
    soc: float | None = None
    x_m: float = 0.0
    y_m: float = 0.0
    yaw_rad: float = 0.0
    odometer_m: float = 0.0
    command_loss_age_s: float = 0.0
    parameters: dict[int, float] = {}
    duplicates: dict[int, list[int]] = {}


class StateError(Exception):
    """A state image cannot be read."""


def encode(image: StateImage) -> bytes:
    """CRC-32 and MessagePack."""
    body = msgspec.msgpack.encode(image)
    return binascii.crc32(body).to_bytes(_CRC_BYTES, "big") + body


def decode(data: bytes) -> StateImage:
    """Raises `StateError` for anything but a whole image of this version."""
    body = data[_CRC_BYTES:]
    if len(data) <= _CRC_BYTES or binascii.crc32(body) != int.from_bytes(data[:_CRC_BYTES], "big"):
        raise StateError("checksum")
    try:
        image = msgspec.msgpack.decode(body, type=StateImage)
    except msgspec.DecodeError as error:
        raise StateError(str(error)) from None
    if image.version != VERSION:
        raise StateError(f"version {image.version}, not {VERSION}")
    if not _plausible(image):
        raise StateError("a value that no rover has")
    return image


def _plausible(image: StateImage) -> bool:
    """A good checksum does not make a good value: what wrote it may have been broken."""
    floats = (image.x_m, image.y_m, image.yaw_rad, image.odometer_m, image.command_loss_age_s)
    return (
        all(abs(value) <= MAX_MAGNITUDE for value in floats)
        and image.odometer_m >= 0.0
        and image.command_loss_age_s >= 0.0
        and (image.soc is None or 0.0 <= image.soc <= 1.0)
        and all(isfinite(value) for value in image.parameters.values())
    )
