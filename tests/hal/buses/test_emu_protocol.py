"""Frames between an emulator's socket and its users: whole, in pieces, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.buses.emu_protocol import (
    MOST,
    Kind,
    Status,
    decode_answer,
    decode_request,
    encode_answer,
    encode_drive,
    encode_level,
    encode_transfer,
    frame,
    take_frame,
)

names = st.text("abcdefghijklmnop_0123456789", min_size=1, max_size=40)


@given(names, st.integers(0, 127), st.binary(max_size=64), st.integers(0, MOST - 1))
def test_a_transfer_survives(bus: str, address: int, written: bytes, size: int) -> None:
    """Address, bytes and size come out as they went in."""
    request = decode_request(encode_transfer(bus.encode(), address, written, size))
    assert (request.kind, request.bus, request.number) == (Kind.TRANSFER, bus, address)
    assert (request.written, request.read_size) == (written, size)


@given(names, st.integers(0, 1023), st.booleans())
def test_lines_survive(bus: str, line: int, high: bool) -> None:
    """Driving and asking."""
    drive, level = (
        decode_request(encode_drive(bus.encode(), line, high)),
        decode_request(encode_level(bus.encode(), line)),
    )
    assert (drive.kind, drive.bus, drive.number, drive.high) == (Kind.DRIVE, bus, line, high)
    assert (level.kind, level.bus, level.number) == (Kind.LEVEL, bus, line)


@given(st.sampled_from(Status), st.binary(max_size=64))
def test_an_answer_survives(status: Status, body: bytes) -> None:
    """Status and body."""
    assert decode_answer(encode_answer(status, body)) == (status, body)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(1, 7))
def test_frames_come_out_whole_however_they_come_in(bodies: list[bytes], step: int) -> None:
    """A stream has no borders."""
    stream = b"".join(map(frame, bodies))
    buffer, taken = bytearray(), []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        while (body := take_frame(buffer)) is not None:
            taken.append(body)
    assert (taken, buffer) == (bodies, b"")


@pytest.mark.parametrize("size", [0, MOST + 1, 0xFFFF])
def test_a_length_that_no_frame_has_is_refused_at_once(size: int) -> None:
    """Nobody waits for 64 kB to come."""
    with pytest.raises(ValueError, match=f"a frame of {size} bytes"):
        take_frame(bytearray(size.to_bytes(2, "big")))


@given(st.binary(min_size=1, max_size=64))
def test_any_bytes_are_a_request_or_refused(body: bytes) -> None:
    """ValueError and nothing else."""
    try:
        request = decode_request(body)
    except ValueError:
        return
    assert request.kind in Kind
    assert 0 <= request.read_size < MOST
