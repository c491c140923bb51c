"""Register access to a BNO055 over its serial protocol (BNO055 data sheet 4.7), one bounded transaction a call.

The chip's receive buffer overruns unless bytes come two at a time with a pause, and a gap of more than 30 ms makes it
forget half a request (comments of the Linux driver bno055_ser_core.c).  Both waits are reads of the bus with a
deadline, so a chip that speaks out of turn is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_US, Clock
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, GettingReady
from hal.buses.api import BusBusy, BusError, SerialBus

DEVICE: Final = "imu"

START: Final = 0xAA
WRITE: Final = 0x00
READ: Final = 0x01
DATA_FOLLOWS: Final = 0xBB
STATUS: Final = 0xEE
OK: Final = 0x01
OVERRUN: Final = 0x07

STATUS_TEXT: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x01: "ok",
        0x02: "read failed",
        0x03: "write failed",
        0x04: "no such register",
        0x05: "write disabled",
        0x06: "wrong start byte",
        0x07: "receive buffer overrun",
        0x08: "length too high",
        0x09: "length too low",
        0x0A: "receive timeout",
    }
)

PAIR_PAUSE_NS: Final = 2_500 * NS_PER_US
"""After each two bytes: 2 to 3 ms."""
LATENCY_NS: Final = 8 * NS_PER_MS
"""From the end of a request to the begin of its reply; the data sheet gives none."""
CALL_NS: Final = 20 * NS_PER_MS
"""A status that may pass is asked away only while the next try ends within this."""
RESYNC_NS: Final = 35 * NS_PER_MS
"""Silence after a failure: more than the 30 ms after which the chip forgets half a request."""
OVERRUN_NS: Final = 300 * NS_PER_MS
"""Silence after an overrun: it recovers within 100 to 400 ms (Bosch community forum)."""


class Bno055Link:
    """Reads and writes registers; every failure leaves the chip alone for a while."""

    __slots__ = ("_bus", "_clock", "_pair_ns", "_quiet_until_ns", "in_doubt", "where")

    def __init__(self, bus: SerialBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._pair_ns = 2 * bus.byte_ns
        self._quiet_until_ns = 0
        self.where = f"BNO055 on {bus.name}"
        self.in_doubt = True
        """A transaction failed since the caller last cleared this: a reply to it may still come."""

    def need_quiet(self) -> None:
        """Whether the chip may be spoken to.

        Raises:
            GettingReady: a transaction failed a moment ago.
        """
        if self._clock.now_ns() < self._quiet_until_ns:
            raise GettingReady(DEVICE, f"{self.where} is left alone after a failed transaction")

    def read(self, register: int, size: int) -> bytes:
        """`size` registers from `register` on.

        Raises:
            DeviceTimeout: no answer in time, or the bus refused.
            BadReading: an answer, but not to this.
        """
        return self._ask(bytes((START, READ, register, size)), size)

    def write(self, register: int, value: int) -> None:
        """Write one register and have it confirmed.  Raises as `read`."""
        self._ask(bytes((START, WRITE, register, 1, value)), 0)

    def write_blind(self, register: int, value: int) -> None:
        """Write one register that the chip does not confirm: the reset.  Raises `DeviceTimeout`, `BadReading`."""
        self._guarded(bytes((START, WRITE, register, 1, value)), None)

    def _ask(self, request: bytes, size: int) -> bytes:
        wire_ns = (len(request) + 2 + size) * self._bus.byte_ns
        longest_ns = wire_ns + (len(request) - 1) // 2 * PAIR_PAUSE_NS + LATENCY_NS
        end_ns = self._clock.now_ns() + CALL_NS
        while True:
            status, data = self._guarded(request, size)
            if status == OK:
                return data
            again = status != OVERRUN and self._clock.now_ns() + longest_ns <= end_ns
            if not again:
                self._leave_alone(OVERRUN_NS if status == OVERRUN else RESYNC_NS)
                text = STATUS_TEXT.get(status, "unknown")
                raise BadReading(DEVICE, f"{self.where}: status {status:#04x} ({text}) to {request.hex(' ')}")

    def _guarded(self, request: bytes, size: int | None) -> tuple[int, bytes]:
        try:
            self._bus.drop_input()
            self._send(request)
            return (OK, b"") if size is None else self._reply(size)
        except BusError as error:
            self._leave_alone(RESYNC_NS)
            detail = f"bus budget: {error.detail}" if isinstance(error, BusBusy) else error.detail
            raise DeviceTimeout(DEVICE, f"{self.where}: {detail}") from None
        except DeviceError:
            self._leave_alone(RESYNC_NS)
            raise

    def _send(self, request: bytes) -> None:
        bus = self._bus
        last = len(request) - 1
        for start in range(0, len(request), 2):
            bus.write(request[start : start + 2])
            if start + 1 < last and bus.read(1, self._clock.now_ns() + self._pair_ns + PAIR_PAUSE_NS):
                raise BadReading(DEVICE, f"{self.where} speaks before it was asked")

    def _reply(self, size: int) -> tuple[int, bytes]:
        """Status and data; a read is answered by data or a status, a write by a status."""
        bus, clock = self._bus, self._clock
        head = bus.read(2, clock.now_ns() + 2 * self._pair_ns + LATENCY_NS)
        if not head:
            raise DeviceTimeout(DEVICE, f"{self.where}: no answer within {LATENCY_NS // NS_PER_MS} ms")
        if len(head) == 2 and head[0] == STATUS and not (size and head[1] == OK):
            return head[1], b""
        if len(head) < 2 or head[0] != DATA_FOLLOWS or head[1] != size or not size:
            expected = f"bb {size:02x}" if size else "ee 01"
            raise BadReading(DEVICE, f"{self.where}: answered {head.hex(' ')}, expected {expected}")
        data = bus.read(size, clock.now_ns() + (size + 2) * bus.byte_ns + LATENCY_NS // 2)
        if len(data) < size:
            raise BadReading(DEVICE, f"{self.where}: {len(data)} of {size} bytes came")
        return OK, data

    def _leave_alone(self, pause_ns: int) -> None:
        self._quiet_until_ns = self._clock.now_ns() + pause_ns
        self.in_doubt = True
