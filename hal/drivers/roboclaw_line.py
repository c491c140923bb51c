"""The serial line that RoboClaws share: one request, one answer, within a deadline, and quiet after an error.

A byte that came before its request was out cannot belong to it.  Such bytes are counted and dropped; for a while
after any of them the line is watched for more while each request goes out.  So the baud rate must be that of the wire;
for a port without one (USB) give a high rate.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.buses.api import BusBusy, BusError, BusTimeout, SerialBus
from hal.crc import xmodem

DEVICE: Final = "wheels"
ANSWER_NS: Final = 8 * NS_PER_MS
"""What a unit may take beside the time on the wire.  The manual gives none; 5 ms were seen to be too few."""
QUIET_NS: Final = 10 * NS_PER_MS
"""After so long without a byte a unit drops what it has of a packet (RoboClaw user manual p.59)."""
WATCH_NS: Final = 2 * NS_PER_S
VERSION_BYTES: Final = 50
"""Up to 48 of text with its line feed and zero, then the CRC (RoboClaw user manual p.68)."""
ACK: Final = b"\xff"
STRAY_BYTES: Final = 6
"""So many stray bytes at once may be an answer to an earlier request; fewer are noise or an acknowledgement."""
_FLOOD: Final = 4096
_COMMANDS: Final = MappingProxyType(
    {
        14: "set serial timeout", 15: "serial timeout", 16: "encoder M1", 17: "encoder M2", 18: "speed M1",
        19: "speed M2", 21: "version", 24: "main battery", 25: "logic battery", 34: "duty", 40: "speed", 49: "currents",
        78: "encoders", 79: "speeds", 82: "temperature", 90: "status", 133: "M1 current limit",
        134: "M2 current limit",
    }
)  # fmt: skip


class LineBusy(NotReady):
    """The time that the line may take in this cycle is used up; it says nothing about the unit."""


class RoboClawLine:
    """Carries requests to any unit; every failure names the unit, the bus and what was asked."""

    __slots__ = ("_bus", "_clock", "_deadline_ns", "_quiet_ns", "_sent_ns", "_watch_ns", "stale_bytes", "strays")

    def __init__(self, bus: SerialBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._sent_ns = self._deadline_ns = 0
        self._quiet_ns = 0
        """No request before this time."""
        self._watch_ns = 0
        """Until then bytes may come unasked."""
        self.stale_bytes = 0
        """Bytes dropped because they belonged to no request, since this object was made."""
        self.strays = 0
        """How often they were enough to be an answer: what was taken for one just before may have been an older one."""

    def read(self, request: bytes, size: int) -> bytes:
        """`size` bytes of answer to a read request, the last two its CRC, which has been checked.

        Raises:
            DeviceTimeout: no answer, or not all of it.
            BadReading: the CRC over request and answer is wrong.
            LineBusy: no time left on the bus.
            NotReady: the port is gone.
        """
        data = self._exchange(request, size)
        if xmodem(data, xmodem(request)):
            raise self._spoilt(request, "wrong CRC")
        return data

    def write(self, packet: bytes) -> None:
        """Send a write packet and take its one byte 0xFF; raises as `read` does."""
        data = self._exchange(packet, 1)
        if data != ACK:
            raise self._spoilt(packet, f"{data[0]:#04x} instead of 0xFF")

    def read_version(self, request: bytes) -> bytes:
        """The text of a version answer, which ends with line feed and zero; raises as `read` does."""
        data = self._exchange(request, 4, VERSION_BYTES)
        while (missing := _version_missing(data)) > 0:
            if len(data) + missing > VERSION_BYTES:
                raise self._spoilt(request, "no end of text")
            data += self._rest(request, data, missing)
        if xmodem(data, xmodem(request)):
            raise self._spoilt(request, "wrong CRC")
        return data[:-4]

    def read_either(self, request: bytes, short: int, long: int) -> bytes:
        """An answer of one of two lengths, for a unit of which it is not known yet; raises as `read` does."""
        data = self._exchange(request, short, long)
        bus = self._bus
        try:
            data += bus.read(long - short, self._clock.now_ns() + (long - short) * bus.byte_ns + NS_PER_MS)
        except BusError as error:
            raise self._refused(request, error) from error
        if xmodem(data, xmodem(request)):
            raise self._spoilt(request, "wrong CRC")
        return data

    def describe(self, request: bytes) -> str:
        """Whom a request is for, and what it asks."""
        return f"{self.name_of(request[0])}: {_COMMANDS.get(request[1], f'command {request[1]}')}"

    def name_of(self, address: int) -> str:
        """A unit, for people."""
        return f"unit {address:#04x} on {self._bus.name}"

    def _exchange(self, request: bytes, size: int, most: int = 0) -> bytes:
        """Send, and take `size` bytes that can be the answer; it may have up to `most` bytes."""
        bus, clock = self._bus, self._clock
        try:
            if self._quiet_ns:
                self._keep_quiet()
            if dropped := bus.drop_input():
                self._stale(dropped)
            now_ns = clock.now_ns()
            byte_ns = bus.byte_ns
            self._sent_ns = sent_ns = now_ns + len(request) * byte_ns
            self._deadline_ns = deadline_ns = sent_ns + (most or size) * byte_ns + ANSWER_NS
            bus.write(request)
            data = self._watched(sent_ns, size) if now_ns < self._watch_ns else b""
            # An eighth is more than any two baud rates differ that still understand each other.
            earliest_ns = sent_ns + size * byte_ns * 7 // 8
            while True:
                data += bus.read(size - len(data), deadline_ns)
                if len(data) < size:
                    raise self._silence(request, data, size)
                if clock.now_ns() >= earliest_ns:
                    return data
                self._stale(size)
                data = b""
        except BusError as error:
            raise self._refused(request, error) from error

    def _rest(self, request: bytes, have: bytes, size: int) -> bytes:
        """`size` more bytes of an answer that has begun."""
        try:
            data = self._bus.read(size, self._deadline_ns)
        except BusError as error:
            raise self._refused(request, error) from error
        if len(data) < size:
            raise self._silence(request, have + data, len(have) + size)
        return data

    def _watched(self, sent_ns: int, size: int) -> bytes:
        """Drop what comes while the request goes out; after a late wake it may be the answer, and is returned."""
        byte_ns = self._bus.byte_ns
        data = self._bus.read(_FLOOD, sent_ns - byte_ns)
        if not data or (len(data) <= size and self._clock.now_ns() > sent_ns + byte_ns):
            return data
        self._stale(len(data))
        return b""

    def _keep_quiet(self) -> None:
        """Wait for the rest of the silence that follows an error; what comes meanwhile is nobody's."""
        while self._clock.now_ns() < self._quiet_ns:
            if data := self._bus.read(_FLOOD, self._quiet_ns):
                self._stale(len(data))
        self._quiet_ns = 0

    def _stale(self, size: int) -> None:
        self.stale_bytes += size
        self.strays += size >= STRAY_BYTES
        self._watch_ns = self._clock.now_ns() + WATCH_NS

    def _silence(self, request: bytes, data: bytes, size: int) -> DeviceTimeout | LineBusy:
        """The error for an answer that is missing or ended early: the unit's, unless the bus cut the wait short."""
        now_ns = self._clock.now_ns()
        self._quiet_ns = (now_ns if data else self._sent_ns) + QUIET_NS
        what = self.describe(request)
        if now_ns < self._deadline_ns:
            self._watch_ns = now_ns + WATCH_NS
            return LineBusy(DEVICE, f"{what}: no time left on the bus for the answer")
        if data:
            return DeviceTimeout(DEVICE, f"{what}: {len(data)} of {size} bytes came")
        return DeviceTimeout(DEVICE, f"{what}: no answer")

    def _spoilt(self, request: bytes, why: str) -> BadReading:
        now_ns = self._clock.now_ns()
        self._quiet_ns = now_ns + QUIET_NS
        self._watch_ns = now_ns + WATCH_NS
        return BadReading(DEVICE, f"{self.describe(request)}: {why}")

    def _refused(self, request: bytes, error: BusError) -> DeviceTimeout | NotReady:
        """What an error of the bus means for the device."""
        detail = f"{self.describe(request)}: {error.detail}"
        if isinstance(error, BusBusy):
            return LineBusy(DEVICE, detail)
        return DeviceTimeout(DEVICE, detail) if isinstance(error, BusTimeout) else NotReady(DEVICE, detail)


def _version_missing(data: bytes) -> int:
    """How many bytes an answer with these first bytes lacks at least."""
    end = data.find(b"\n\0")
    if end >= 0:
        return end + 4 - len(data)
    return 3 if data.endswith(b"\n") else 4
