"""A SiK modem's bytes into the real driver: a pipe that adds nothing, and a dialogue that ends however it goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError
from hal.drivers.sik_probe import ModemReport
from tests.fuzz.draw import Draw
from tests.fuzz.line_faults import DrawnFaults
from tests.hal.drivers.sik_rig import RadioRig

STEPS: Final = 24
PROBE_NS: Final = 6 * NS_PER_S


def seeds() -> Iterator[bytes]:
    """Bytes from the other end, a good dialogue, a wrong one."""
    yield b"\x00\x05hello\x03OK\r\x04\n+++"
    yield b"\x01"
    for kind in range(1, 10):
        yield b"\x01" + bytes((kind, 3, 0x55, 0xAA)) * 4
    yield b"\x01\x07\x04OK\r\n\x07\x30ATI\r\nSiK\r\n\x07\x30ATI7\r\nL/R RSSI: 999/1\r\n"


def check(data: bytes) -> None:
    """Without or with a dialogue."""
    draw = Draw(data)
    rig = RadioRig()
    rig.transmit()
    if draw.below(2):
        _dialogue(rig, draw)
    else:
        _pipe(rig, draw)


def _pipe(rig: RadioRig, draw: Draw) -> None:
    sent = bytearray()
    for _ in range(STEPS):
        piece = draw.some()
        sent += piece
        rig.line.babble(piece)
        rig.run(0.1)
    rig.run(1.5)
    assert rig.received == sent
    assert rig.radio.status().rx_overflow_bytes == 0


def _dialogue(rig: RadioRig, draw: Draw) -> None:
    rig.line.fault = DrawnFaults(draw, gentle=False)
    rig.radio.start_probe()
    start_ns = rig.bench.plug.now_ns()
    try:
        report = _report(rig, start_ns)
    except DeviceError as error:
        assert str(error).isprintable()
    else:
        assert report.banner.isprintable()
        assert len(report.banner) <= 60
    rig.line.fault = None
    rig.run(3.0)
    rig.radio.send(b"\x00" + bytes(range(1, 60)) + b"\x00")
    rig.run(3.0)
    assert not rig.modem.in_command_mode, "left deaf"


def _report(rig: RadioRig, start_ns: int) -> ModemReport:
    while True:
        report = rig.radio.poll_probe()
        assert rig.bench.plug.now_ns() - start_ns < PROBE_NS, "no end of the dialogue"
        if report is not None:
            return report
        rig.bench.pass_s(0.1)
