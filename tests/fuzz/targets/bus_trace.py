"""Bus trace files: a line that says what is wrong, or text fit for a terminal, one line a record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from flight.rover_file import load_rover
from ground.errors import GroundError
from hal.buses.tracing import Record
from sil.bus_trace.reading import read_trace
from sil.bus_trace.text import TraceText
from tests.fuzz.draw import Draw
from tests.fuzz.scratch import scratch

_ROVER = load_rover("open_source_rover").hardware
_BUSES = (*_ROVER.buses, "x")
_KINDS = ("write", "read", "drop", "transfer", "claim", "set", "get", "end")


def seeds() -> Iterator[bytes]:
    """A file as written, and records of every kind."""
    records = (
        Record(t_ns=1, bus="motors", kind="write", sent=b"\x80\x31\x00\x00"),
        Record(t_ns=2, bus="motors", kind="read", got=b"\xff", took_ns=5),
        Record(t_ns=3, bus="main", kind="transfer", place=0x40, sent=b"\x06", got=bytes(4)),
        Record(t_ns=4, bus="", kind="end", dropped=3),
    )
    yield b"\x00" + b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    yield b"\x00" + msgspec.json.encode(records[0]) + b"\n{"
    for number in range(len(_KINDS)):
        for bus in range(len(_BUSES)):
            yield bytes((1, number, bus, 0x40)) + b"\x04\x80\x00\x01\x02\x05\xaa\x01\x08\x06\x02" * 2


def check(data: bytes) -> None:
    """A file, or records made of what is drawn."""
    draw = Draw(data)
    if draw.below(2):
        _records(draw)
    else:
        _file(draw.rest())


def _file(data: bytes) -> None:
    path = Path(scratch()) / f"trace-{os.getpid()}"
    path.write_bytes(data)
    texts = TraceText(), TraceText(_ROVER)
    try:
        for record in read_trace(path):
            for text in texts:
                _fit(text.line(record, 0))
    except GroundError as error:
        assert str(path) in str(error)


def _records(draw: Draw) -> None:
    texts = TraceText(), TraceText(_ROVER)
    for number in range(20):
        if not draw.left:
            return
        kind, bus, place = draw.pick(_KINDS), draw.pick(_BUSES), draw.number()
        record = Record(
            t_ns=number,
            bus=bus,
            kind=kind,  # type: ignore[arg-type]  # one of its literals
            place=place if kind in ("transfer", "claim", "set", "get") else None,
            sent=draw.some(),
            got=draw.some(),
        )
        for text in texts:
            _fit(text.line(record, 0))


def _fit(line: str) -> None:
    assert line.isprintable(), line
