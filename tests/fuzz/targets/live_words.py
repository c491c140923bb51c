"""What clients and operators of a live session send: injected faults, link URLs, keys, and frames of two clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ground.errors import GroundError
from hal.api.config import ConfigError
from sil.live.connection import FrameGate
from sil.live.injection import injection_of, parse_injection, plain
from sil.live.keys import parse_keys
from sil.live.link_url import parse_link
from telemetry_defs.framing import MAX_FRAME_BYTES, FrameDecoder, encode_frame
from tests.fuzz.draw import Draw
from tests.fuzz.toml_text import fit_to_show


def seeds() -> Iterator[bytes]:
    """Good ones of each."""
    yield b'\x00{"device":"imu","kind":"timeout"}'
    yield b'\x00{"device":"imu","kind":"stuck","end":true}'
    yield b"\x01serial:///dev/ttyUSB0?baud=57600"
    yield b"\x01tcp://[::1]:7401"
    yield b"\x02w\x1b[A\x1b[D q"
    yield b"\x03\x05" + encode_frame(b"\x00abc") * 2 + b"\x03ab"


def check(data: bytes) -> None:
    """One of four kinds."""
    draw = Draw(data)
    (_injection, _link, _keys, _gate)[draw.below(4)](draw)


def _injection(draw: Draw) -> None:
    try:
        injection = parse_injection(draw.rest().decode("ascii", "replace"), "device")
    except ConfigError as error:
        fit_to_show(error)
        return
    assert injection_of(plain(injection), "device") == injection


def _link(draw: Draw) -> None:
    with suppress(GroundError):
        parse_link(draw.rest().decode("utf-8", "replace"))


def _keys(draw: Draw) -> None:
    data = draw.rest()
    assert len(parse_keys(data)) <= len(data)


def _gate(draw: Draw) -> None:
    """Another client's frame between any two pieces arrives whole."""
    gate, decoder, step = FrameGate(), FrameDecoder(), 1 + draw.number()
    stream, other, came = draw.rest(), encode_frame(b"other"), 0
    pieces = [stream[start : start + step] for start in range(0, len(stream), step)]
    for piece in pieces:
        came += decoder.feed(gate.take(piece)).count(b"never")
        assert b"other" in decoder.feed(other)
        assert len(gate._partial) <= MAX_FRAME_BYTES
    assert came == FrameDecoder().feed(stream).count(b"never")
    decoder.feed(gate.end())
    assert b"other" in decoder.feed(other)
