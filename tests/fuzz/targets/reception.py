"""Bytes from a radio into a whole flight: no row raises; each frame is accepted, refused with a code or counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from flight.app import Flight
from hal.api.board import Hal
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc
from telemetry_defs.wire import fields_of
from tests.flight.board_bench import board, flight_on
from tests.fuzz.draw import Draw

CYCLES_TO_IDLE: Final = 60
"""INIT is over."""
_CODECS: Final = Codecs()
_COMMANDS: Final = tuple(
    (area.apid, command) for area in DICTIONARY.areas for command in area.commands if command.name != "system.restart"
)
_SIZES: Final = {command.name: _CODECS.of(command.cls).max_size for _, command in _COMMANDS}


class Pipe:
    """A radio's receiving half in front of the real one, which does the rest."""

    def __init__(self, radio: Any) -> None:
        self._radio = radio
        self.waiting = b""

    def receive(self, max_bytes: int) -> bytes:
        taken, self.waiting = self.waiting[:max_bytes], self.waiting[max_bytes:]
        return taken

    def send(self, data: bytes) -> Any:
        return self._radio.send(data)

    def set_transmitter(self, on: bool, rate_bit_s: float, hold_ns: int) -> None:
        self._radio.set_transmitter(on, rate_bit_s, hold_ns)

    def set_receiver(self, on: bool) -> None:
        self._radio.set_receiver(on)

    def status(self) -> Any:
        return self._radio.status()

    def make_safe(self) -> None:
        self._radio.make_safe()


def seeds() -> Iterator[bytes]:
    """A few commands of each area with bodies of zeros and of ones, raw frames, armed ones."""
    yield b"\x00\x10" + encode_frame(build_tc(0x100, 17, 1, 1, 1, b""))
    for number in range(0, len(_COMMANDS), 5):
        yield b"\x01" + number.to_bytes(1, "big") + b"\x00" * 12 + b"\x01" + number.to_bytes(1, "big") + b"\xff" * 12
        yield b"\x02" + number.to_bytes(1, "big") + b"\x00\x10" + b"\x3f\x80" * 8


def check(data: bytes) -> None:
    """Bytes and telecommands for some seconds."""
    draw = Draw(data)
    pipe, flight = _flight()
    packets = 0
    for _ in range(8):
        if not draw.left:
            break
        for _ in range(1 + draw.below(3)):
            packet = _packet(draw)
            if packet is None:
                pipe.waiting += draw.some()
            else:
                pipe.waiting += b"\x00" + encode_frame(packet)
                packets += 1
        if not flight.cycle():
            return  # it was told to restart
    for _ in range(20):
        if not flight.cycle():
            return
    _judge(flight, packets)


def _flight() -> tuple[Pipe, Flight]:
    hal: Hal = board()
    pipe = Pipe(hal.radio_local)
    flight = flight_on(dataclasses.replace(hal, radio_local=pipe), CYCLES_TO_IDLE)
    return pipe, flight


def _packet(draw: Draw) -> bytes | None:
    """A known telecommand with a drawn body, which may be armed before; None for raw bytes."""
    kind = draw.below(4)
    if kind == 0:
        return None
    apid, command = draw.pick(_COMMANDS)
    if kind == 3:
        apid ^= draw.number() & 7
    size = max(0, _SIZES[command.name] - (draw.number() & 1 if kind == 2 else 0))
    body = draw.take(min(size, 230)).ljust(_fixed(command), b"\x00")
    count, source = draw.number() % 4, draw.below(3)
    return _built(apid, command, body, count, source)


def _fixed(command: Command) -> int:
    return _CODECS.of(command.cls).size if fields_of(command.cls) else 0


def _built(apid: int, command: Command, body: bytes, count: int, source: int) -> bytes:
    if command.function_id is not None:
        body = command.function_id.to_bytes(2, "big") + body
    return build_tc(apid, command.service, command.subtype, count, source, body[:243])


def _judge(flight: Flight, packets: int) -> None:
    received, links = flight.core.path.received, flight.core.path.links
    failed = {name: state.failures for name, state in flight.executive.rows.items() if state.failures}
    assert not failed, f"rows failed: {failed}, {flight._crashes._record}"
    assert received.accepted + received.rejected + received.bad_packets >= packets
    # A bad frame is among the bad packets and not among the received ones.
    assert received.accepted + received.rejected + received.bad_packets == links.frames_received + links.frames_bad
