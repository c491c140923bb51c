"""A whole set of parameter values as bytes: what TM[20,133] carries in parts and its checksum covers."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping

_PAIR = struct.Struct(">Hd")
PAIRS_PER_PART = 96


def pack_set(values: Mapping[int, float]) -> bytes:
    """Return (parameter id u16, value f64) each, in the order of their ids."""
    return b"".join(_PAIR.pack(number, value) for number, value in sorted(values.items()))


def unpack_set(data: bytes) -> dict[int, float]:
    """Return the values by parameter id.

    Raises:
        ValueError: the length is no whole number of pairs.
    """
    if len(data) % _PAIR.size:
        raise ValueError(f"{len(data)} bytes are no whole number of parameters")
    return dict(_PAIR.iter_unpack(data))


def set_crc(packed: bytes) -> int:
    """Return the CRC-32 of a packed set; 0xFFFFFFFF, which means "no value" in telemetry, becomes 0xFFFFFFFE."""
    return min(binascii.crc32(packed), 0xFFFFFFFE)


def split_set(packed: bytes) -> list[bytes]:
    """Return the parts that fit a report each; at least one, be it empty."""
    size = PAIRS_PER_PART * _PAIR.size
    return [packed[start : start + size] for start in range(0, len(packed), size)] or [b""]
