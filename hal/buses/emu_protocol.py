"""Bytes between an emulator's socket and the port that uses it: one frame asks, one answers.

A frame is a length (2 bytes, big-endian) and that many bytes.  A request is its kind, the length of the bus name, the
name, and a body; an answer is a status and a body.  Levels of GPIO lines are physical: 1 is high.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

import msgspec

HEAD: Final = 2
MOST: Final = 2048
"""Longest frame; a longer one is nobody's we know."""
MOST_READ: Final = MOST - 1


class Kind(IntEnum):
    """What is asked."""

    TRANSFER = 1
    DRIVE = 2
    LEVEL = 3


class Status(IntEnum):
    """How it went."""

    DONE = 0
    NAK = 1
    TIMEOUT = 2
    LOST = 3


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request taken apart: `number` is the I2C address or the GPIO line."""

    kind: Kind
    bus: str
    number: int
    read_size: int = 0
    high: bool = False
    written: bytes = b""


def frame(body: bytes) -> bytes:
    """Put the length before it."""
    return len(body).to_bytes(HEAD, "big") + body


def take_frame(buffer: bytearray) -> bytes | None:
    """Take the first whole frame out of `buffer`; None while it is not complete.

    Raises:
        ValueError: it is empty or longer than any.
    """
    if len(buffer) < HEAD:
        return None
    size = int.from_bytes(buffer[:HEAD], "big")
    if not 0 < size <= MOST:
        raise ValueError(f"a frame of {size} bytes, expected 1 to {MOST}")
    if len(buffer) < HEAD + size:
        return None
    body = bytes(buffer[HEAD : HEAD + size])
    del buffer[: HEAD + size]
    return body


def encode_transfer(bus: bytes, address: int, written: bytes, read_size: int) -> bytes:
    """Ask for one I2C transfer."""
    return _head(Kind.TRANSFER, bus) + struct.pack(">BH", address, read_size) + written


def encode_drive(bus: bytes, line: int, high: bool) -> bytes:
    """Ask for a line to be driven, and kept so while this connection lasts."""
    return _head(Kind.DRIVE, bus) + struct.pack(">HB", line, high)


def encode_level(bus: bytes, line: int) -> bytes:
    """Ask for the level of a line."""
    return _head(Kind.LEVEL, bus) + struct.pack(">H", line)


def decode_request(body: bytes) -> Request:
    """Take a request apart.

    Raises:
        ValueError: it is none.
    """
    try:
        kind, size = Kind(body[0]), body[1]
        bus, rest = body[2 : 2 + size].decode("ascii"), body[2 + size :]
        if kind is Kind.TRANSFER:
            address, read_size = struct.unpack_from(">BH", rest)
            if read_size > MOST_READ:
                raise ValueError(f"{read_size} bytes cannot be answered in one frame")
            return Request(kind=kind, bus=bus, number=address, read_size=read_size, written=rest[3:])
        if kind is Kind.DRIVE:
            line, high = struct.unpack(">HB", rest)
            return Request(kind=kind, bus=bus, number=line, high=bool(high))
        return Request(kind=kind, bus=bus, number=struct.unpack(">H", rest)[0])
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"no request: {error}") from None


def encode_answer(status: Status, body: bytes = b"") -> bytes:
    """Answer; the body of a failure is a text."""
    return bytes((status,)) + body


def decode_answer(body: bytes) -> tuple[Status, bytes]:
    """Take an answer apart.

    Raises:
        ValueError: it is none.
    """
    return Status(body[0]), body[1:]


def _head(kind: Kind, bus: bytes) -> bytes:
    return bytes((kind, len(bus))) + bus
