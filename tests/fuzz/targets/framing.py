"""Frames on a byte stream: any split gives the same packets, memory stays within one frame, what came out goes in."""

from __future__ import annotations

from collections.abc import Iterator

from telemetry_defs.framing import MAX_FRAME_BYTES, FrameDecoder, decode_cobs, encode_frame
from tests.fuzz.draw import Draw


def seeds() -> Iterator[bytes]:
    """Short frames, a full run of 254, and one that is too long."""
    yield b"\x10\x03" + encode_frame(b"\x18\x00\xc0\x00") + encode_frame(bytes(5))
    yield b"\x10\x7f" + encode_frame(bytes(range(1, 255)) + b"\x00" + bytes(range(1, 255)))
    yield b"\x10\x00" + b"\x02" * (MAX_FRAME_BYTES + 3) + b"\x00" + encode_frame(b"after")
    yield b"\x40\xff" + b"\x05ab\x00\x00\x03\x01\x00\xff"


def check(data: bytes) -> None:
    """A limit, a piece size and a stream."""
    draw = Draw(data)
    limit = 4 + draw.below(256) * 5
    step = 1 + draw.below(256)
    stream = draw.rest()
    whole, pieces = FrameDecoder(limit), FrameDecoder(limit)
    packets = whole.feed(stream)
    found: list[bytes] = []
    for start in range(0, len(stream), step):
        found += pieces.feed(stream[start : start + step])
        assert len(pieces._partial) < limit, "more than a frame kept"
    assert found == packets
    assert (pieces.bad_frames, pieces.overlong) == (whole.bad_frames, whole.overlong)
    _count(stream, limit, whole, len(packets))
    for packet in [*packets, stream]:
        _round_trip(packet)


def _count(stream: bytes, limit: int, decoder: FrameDecoder, packets: int) -> None:
    """Every frame is a packet, bad or too long, and none is two of them."""
    *frames, rest = stream.split(b"\x00")
    too_long = [frame for frame in (*frames, rest) if len(frame) >= limit]
    assert decoder.overlong == len(too_long)
    assert packets + decoder.bad_frames == sum(0 < len(frame) < limit for frame in frames)


def _round_trip(packet: bytes) -> None:
    frame = encode_frame(packet)
    assert frame.count(b"\x00") == 1
    assert len(frame) <= len(packet) + len(packet) // 254 + 2
    assert decode_cobs(frame[:-1]) == packet
