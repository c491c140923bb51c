"""A hostile client at the chip socket: dropped or answered, and a good client beside it is still served."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hal.api.clock import NS_PER_S
from hal.buses.emu_protocol import Status, decode_request, encode_drive, encode_level, encode_transfer, frame
from sim_hal.buses.gpio import GpioPins
from sim_hal.buses.i2c import I2cWires
from sim_hal.emulators.socket_server import ChipServer, InstantI2c
from sim_hal.emulators.tmp117 import Tmp117Chip
from tests.fuzz.draw import Draw
from tests.fuzz.scratch import scratch

_GOOD: Final = frame(encode_transfer(b"main", 0x48, b"\x0f", 2))
POLLS: Final = 200


def seeds() -> Iterator[bytes]:
    """Good requests of each kind, whole and in pieces."""
    good = _GOOD + frame(encode_drive(b"lines", 23, True)) + frame(encode_level(b"lines", 23))
    yield b"\xff" + good
    yield b"\x01" + good
    yield b"\xff" + frame(encode_transfer(b"main", 0x48, b"\x00", 2047)) * 3
    yield b"\xff" + frame(encode_drive(b"lines", 99, True)) + frame(encode_level(b"no", 1))


def check(data: bytes) -> None:
    """Bytes in pieces of one size."""
    draw = Draw(data)
    step = 1 + draw.number()
    stream = draw.rest()
    with contextlib.suppress(ValueError):
        decode_request(stream)
    server, pins = _server()
    try:
        with _client() as hostile, _client() as good:
            for start in range(0, len(stream), step):
                with contextlib.suppress(OSError):
                    hostile.send(stream[start : start + step])
                server.poll(0.0)
            good.send(_GOOD)
            for _ in range(POLLS):
                if not server.poll(0.0):
                    break
            answer = good.recv(100)
            assert answer[2:3] == bytes((Status.DONE,)), answer
        for _ in range(POLLS):
            if not server.poll(0.0):
                break
        assert not pins.level(23), "a client that has gone still drives a line"
    finally:
        server.close()


def _path() -> Path:
    return Path(scratch()) / f"chips-{os.getpid()}"


def _server() -> tuple[ChipServer, GpioPins]:
    wires = I2cWires("main", 400_000)
    wires.chips[0x48] = Tmp117Chip(lambda: 20.0)
    times_ns = itertools.count(0, NS_PER_S)  # whatever the hostile one has begun, a reset too, is over by the next
    pins = GpioPins("lines")
    pins.connect(23, False, lambda high: None)
    return ChipServer(_path(), {"main": InstantI2c(wires, lambda: next(times_ns))}, {"lines": pins}), pins


def _client() -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(5.0)
    line.connect(str(_path()))
    return line
