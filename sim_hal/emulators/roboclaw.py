"""RoboClaws on a shared serial line, byte by byte: packets in, one timed answer out.

As the units do it: an incomplete packet is dropped after 10 ms without a byte, a wrong CRC, another address or an
unknown command is met with silence (RoboClaw user manual p.59).
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from hal.api.clock import NS_PER_MS
from hal.crc import xmodem
from sim_hal.buses.serial import Emit
from sim_hal.emulators.roboclaw_commands import READS, TOGETHER, WRITES
from sim_hal.emulators.roboclaw_unit import TENTH_NS, RoboclawUnit

GAP_NS: Final = 10 * NS_PER_MS
ACK: Final = b"\xff"
_FIRST_ADDRESS, _LAST_ADDRESS = 0x80, 0x87
_WRITE_BYTES: Final = MappingProxyType({number: 4 + write.data.size for number, write in WRITES.items()})
"""Length of each write packet with its address, command and CRC."""


class RoboclawBus:
    """Implements `sim_hal.buses.serial.SerialChip` for all `units`; two at one address answer over each other."""

    ANSWERS_ONLY: Final = True

    def __init__(self, units: Iterable[RoboclawUnit]) -> None:
        self.units = tuple(units)
        self._at: dict[int, tuple[RoboclawUnit, ...]] = {}
        self.regroup()
        self._emit: Emit | None = None
        self._part = b""
        """The beginning of a packet."""
        self._lost = False
        """An unknown command: where the next packet begins only a gap can tell."""
        self._end_ns = 0

    def regroup(self) -> None:
        """See at which addresses the units are; to be called when one has changed."""
        addresses = dict.fromkeys(unit.address for unit in self.units)
        self._at = {a: tuple(unit for unit in self.units if unit.address == a) for a in addresses}

    def connect(self, emit: Emit) -> None:
        self._emit = emit

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        gap_ns = start_ns - self._end_ns
        for unit in self.units:
            if gap_ns > TENTH_NS:  # no serial timeout is shorter
                unit.hear(start_ns, end_ns)
            else:
                unit.heard_ns = end_ns
        if gap_ns > GAP_NS:
            self._part = b""
            self._lost = False
        self._end_ns = end_ns
        if self._lost or (len(data) == 2 and not self._part and self._quick(data)):
            return
        if self._part:
            data = self._part + data
        while len(data) >= 2:
            used = self._packet(data, end_ns)
            if not used:
                break
            data = data[used:]
        self._part = data

    def _quick(self, data: bytes) -> bool:
        """The common case at once: a whole read request to one unit alone, in good health."""
        units, read = self._at.get(data[0], ()), READS.get(data[1])
        if len(units) != 1 or read is None or self._emit is None:
            return False
        unit = units[0]
        if not unit.powered or unit.free or unit.fault is not None or (data[1] in TOGETHER and not unit.together):
            return False
        reply = data + read(unit)
        self._emit(reply[2:] + xmodem(reply).to_bytes(2, "big"), unit.latency_ns)
        return True

    def _packet(self, data: bytes, now_ns: int) -> int:
        """Do what the first packet in `data` asks; returns its length, 0 if it is not complete."""
        address, command = data[0], data[1]
        if not _FIRST_ADDRESS <= address <= _LAST_ADDRESS:
            return 1
        if command in READS:
            self._answer(address, command, None, now_ns)
            return 2
        size = _WRITE_BYTES.get(command)
        if size is None:
            self._lost = True
            return len(data)
        if len(data) < size:
            return 0
        if not xmodem(data[:size]):
            self._answer(address, command, data[2 : size - 2], now_ns)
        return size

    def _answer(self, address: int, command: int, payload: bytes | None, now_ns: int) -> None:
        """Let each unit at this address do it and send what comes of it."""
        replies = []
        for unit in self._at.get(address, ()):
            if not unit.powered or (command in TOGETHER and not unit.together):
                continue
            reply = _read(unit, command, now_ns) if payload is None else _written(unit, command, payload, now_ns)
            if reply:
                replies.append(reply)
                first = unit
        if replies:
            self._send(first, replies[0] if len(replies) == 1 else _collided(replies))

    def _send(self, unit: RoboclawUnit, reply: bytes) -> None:
        if self._emit is None:
            return
        if unit.fault is None:
            self._emit(reply, unit.latency_ns)
            return
        for piece, delay_ns in unit.fault(reply, unit.latency_ns):
            self._emit(piece, delay_ns)


def _read(unit: RoboclawUnit, command: int, now_ns: int) -> bytes:
    unit.advance(now_ns)
    data = READS[command](unit)
    crc = xmodem(bytes((unit.address, command)) + data)
    return data + crc.to_bytes(2, "big")


def _written(unit: RoboclawUnit, command: int, payload: bytes, now_ns: int) -> bytes:
    write = WRITES[command]
    unit.advance(now_ns)
    if write.effect(unit, *write.data.unpack(payload)) is False:
        return b""
    unit.tell()
    return ACK


def _collided(replies: list[bytes]) -> bytes:
    """Two open-collector outputs on one wire: a bit is high only where all are, or have ended."""
    longest = max(len(reply) for reply in replies)
    wire = bytearray(b"\xff" * longest)
    for reply in replies:
        for index, byte in enumerate(reply):
            wire[index] &= byte
    return bytes(wire)
