"""Hostile programs at the emulated chips: they answer what is asked, bounded, and a good request after all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.crc import xmodem
from hal.drivers.roboclaw import with_crc
from sim_hal.buses.i2c import I2cChip
from sim_hal.buses.serial import SerialChip
from sim_hal.emulators.bno055 import Bno055Chip
from sim_hal.emulators.ina260 import Ina260Chip
from sim_hal.emulators.pca9685 import Pca9685Chip
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from sim_hal.emulators.sik import SikModem
from sim_hal.emulators.tmp117 import Tmp117Chip
from tests.fuzz.draw import Draw
from tests.hal.drivers.bno055_rig import Truth
from tests.wire_bench import WireBench

GAPS_NS: Final = (0, NS_PER_MS, 12 * NS_PER_MS, 50 * NS_PER_MS, NS_PER_S + 1)
MOST_A_BYTE: Final = 260
"""Bytes that one byte of a request may bring back: an ATI5 of three bytes more, a version of two."""


def seeds() -> Iterator[bytes]:
    """Good requests, with and without gaps."""
    yield b"\x00\x00\x02\x80\x15\x02\x02\x81\x5a" + b"\x01\x0a" + with_crc(bytes((0x80, 34, 1, 0, 255, 0)))
    yield b"\x00\x00\x06\x80\x94\x01\x02\x03\x04\x00\x02\x80\x10"
    yield b"\x01\x00\x04\xaa\x01\x00\x08\x01\x05\xaa\x00\x3d\x01\x0c\x03\x04\xaa\x01\x35\x80"
    yield b"\x02\x04\x03+++\x04\x05ATI5\r\x00\x0aATS2=999\rA\x00\x04ATZ\r"
    for chip in range(3):
        yield bytes((3 + chip, 1, 0, 2, 3, 1, 0xFF, 0xFF, 0, 0, 40))


def check(data: bytes) -> None:
    """One kind of chip."""
    draw = Draw(data)
    kind = draw.below(6)
    if kind == 0:
        _roboclaw(draw)
    elif kind == 1:
        _imu(draw)
    elif kind == 2:
        _modem(draw)
    else:
        chips = Ina260Chip(lambda: 14.0, lambda: 1.0), Tmp117Chip(lambda: 20.0), Pca9685Chip()
        _i2c(chips[kind - 3], draw)


def _talk(chip: SerialChip, draw: Draw) -> WireBench:
    """Pieces with gaps between them; then silence."""
    bench = WireBench()
    line, port = bench.serial(chip)
    sent = received = 0
    for _ in range(40):
        if not draw.left:
            break
        bench.plug.sleep_until_ns(bench.plug.now_ns() + draw.pick(GAPS_NS))
        piece = draw.some() or b"\x00"
        sent += len(piece)
        port.write(piece)
        received += len(port.read(4096, bench.plug.now_ns() + NS_PER_MS))
    bench.pass_s(5.0)
    received += len(port.read(4096, bench.plug.now_ns()))
    assert received + line.dropped_bytes <= MOST_A_BYTE * (sent + 1)
    return bench


def _ask(chip: SerialChip, bench: WireBench, request: bytes) -> bytes:
    answer = bytearray()
    chip.connect(lambda data, delay_ns: answer.extend(data))
    now_ns = bench.plug.now_ns()
    chip.receive(request, now_ns, now_ns)
    return bytes(answer)


def _roboclaw(draw: Draw) -> None:
    units = tuple(RoboclawUnit(address, None) for address in (0x80, 0x81, 0x82))
    bus = RoboclawBus(units)
    bench = _talk(bus, draw)
    request = b"\x80\x15"
    answer = _ask(bus, bench, request)
    assert answer
    assert not xmodem(answer, xmodem(request)), answer
    for unit in units:
        for channel in (0, 1):
            unit.demand(channel, bench.plug.now_ns())


def _imu(draw: Draw) -> None:
    chip = Bno055Chip(Truth())
    bench = _talk(chip, draw)
    chip.power(False, bench.plug.now_ns())
    chip.power(True, bench.plug.now_ns())
    bench.pass_s(2.0)
    answer = bytearray()
    chip.connect(lambda data, delay_ns: answer.extend(data))
    for half in (b"\xaa\x01", b"\x00\x01"):
        chip.receive(half, bench.plug.now_ns(), bench.plug.now_ns())
        bench.plug.sleep_until_ns(bench.plug.now_ns() + 3 * NS_PER_MS)
    assert bytes(answer) == b"\xbb\x01\xa0"


def _modem(draw: Draw) -> None:
    bench = WireBench()
    air = bytearray()
    modem = SikModem(bench.clock, air.extend)
    _, port = bench.serial(modem, 57_600)
    sent = bytearray()
    for _ in range(30):
        if not draw.left:
            break
        bench.plug.sleep_until_ns(bench.plug.now_ns() + draw.pick(GAPS_NS))
        piece = draw.some() or b"\x00"
        sent += piece
        port.write(piece)
        port.read(4096, bench.plug.now_ns() + NS_PER_MS)
    bench.pass_s(30.0)
    assert len(air) + modem.lost_bytes <= len(sent)
    if not modem.lost_bytes and len(air) == len(sent):
        assert air == sent


def _i2c(chip: I2cChip, draw: Draw) -> None:
    now_ns = 0
    for _ in range(60):
        if not draw.left:
            return
        now_ns += draw.pick(GAPS_NS)
        size = draw.number()
        read = chip.transfer(draw.take(draw.below(8)), size, now_ns)
        assert read is None or len(read) == size
