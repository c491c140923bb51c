"""A BNO055 at the end of a serial line: its protocol with all its touchiness, its registers, its modes and their times.

Protocol and registers: BNO055 data sheet rev. 1.4, 3.3 to 4.7; how its receive buffer overruns and when it forgets
half a request: comments of the Linux driver bno055_ser_core.c.  What the chip does with a request while it changes its
mode is written nowhere; here it is silent, the hardest case for a driver.
"""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_MS
from sim_hal.buses.serial import Emit
from sim_hal.emulators.bno055_registers import (
    CONFIG_MODE,
    OPR_MODE,
    PAGE_BYTES,
    PAGE_ID,
    RESET_BIT,
    SYS_TRIGGER,
    ImuTruth,
    Registers,
)

BOOT_NS: Final = 650 * NS_PER_MS
GAP_NS: Final = 30 * NS_PER_MS
"""A longer silence makes the parser forget what it has."""
PAIR_NS: Final = 2 * NS_PER_MS
"""What came is read out of the two-byte buffer only this long after it."""
DEAF_NS: Final = 200 * NS_PER_MS
"""After an overrun; 100 to 400 ms in the field (Bosch community forum)."""
LATENCY_NS: Final = NS_PER_MS
TO_CONFIG_NS: Final = 19 * NS_PER_MS
FROM_CONFIG_NS: Final = 7 * NS_PER_MS
MOST_BYTES: Final = 128

OK: Final = 0x01
WRITE_FAILED: Final = 0x03
NO_REGISTER: Final = 0x04
WRITE_DISABLED: Final = 0x05
WRONG_START: Final = 0x06
OVERRUN: Final = 0x07
TOO_LONG: Final = 0x08
TOO_SHORT: Final = 0x09


class Bno055Chip:
    """Implements `sim_hal.buses.serial.SerialChip`; `truth` is what the chip feels, in its own axes."""

    ANSWERS_ONLY: Final = True

    def __init__(self, truth: ImuTruth, powered_ns: int = -BOOT_NS) -> None:
        """Powered since `powered_ns`: by default it is just ready at time 0."""
        self.registers = Registers(truth)
        self.touchy = True
        """Its receive buffer overruns; off where nobody knows when bytes were really sent, as behind a terminal."""
        self.next_status: int | None = None
        """Answer the next request with this status instead (fault)."""
        self._emit: Emit = lambda data, delay_ns: None
        self._on = True
        self._silent_until_ns = powered_ns + BOOT_NS
        self._request = bytearray()
        self._unread = 0
        self._last_ns = powered_ns

    def connect(self, emit: Emit) -> None:
        self._emit = emit

    @property
    def powered(self) -> bool:
        """Whether it has a supply."""
        return self._on

    def power(self, on: bool, now_ns: int) -> None:
        """Switch the supply; everything is forgotten."""
        if on is not self._on:
            self._on = on
            self._restart(now_ns)

    def fall_back(self, now_ns: int) -> None:
        """Fall back to CONFIG without a word, as these chips have been seen to do."""
        self.registers.enter(CONFIG_MODE, now_ns)

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        if not self._on or start_ns < self._silent_until_ns:
            return
        gap_ns = start_ns - self._last_ns
        self._last_ns = end_ns
        if gap_ns > GAP_NS:
            self._request.clear()
        if gap_ns >= PAIR_NS:
            self._unread = 0
        self._unread += len(data)
        if self._unread > 2 and self.touchy:
            self._request.clear()
            self._say(OVERRUN)
            self._silent_until_ns = end_ns + DEAF_NS
            return
        self._request += data
        self._parse(end_ns)
        if not self._request:  # it has read them, or it could not have answered
            self._unread = 0

    def _restart(self, now_ns: int) -> None:
        self.registers.reset()
        self._request.clear()
        self._silent_until_ns = now_ns + BOOT_NS

    def _parse(self, now_ns: int) -> None:
        """Answer the request once it is whole, or as soon as it can be none."""
        request = self._request
        if request[0] != 0xAA or (len(request) > 1 and request[1] > 1):
            request.clear()
            self._say(WRONG_START)
            return
        if len(request) < 4:
            return
        _, reads, register, size = request[:4]
        if not 0 < size <= MOST_BYTES:
            request.clear()
            self._say(TOO_LONG if size else TOO_SHORT)
        elif reads:
            request.clear()
            self._read(register, size, now_ns)
        elif len(request) >= 4 + size:
            values = bytes(request[4 : 4 + size])
            request.clear()
            self._write(register, values, now_ns)

    def _read(self, register: int, size: int, now_ns: int) -> None:
        if self._forced():
            return
        if register + size > PAGE_BYTES:
            self._say(NO_REGISTER)
            return
        self._emit(bytes((0xBB, size)) + self.registers.read(register, size, now_ns), LATENCY_NS)

    def _write(self, register: int, values: bytes, now_ns: int) -> None:
        if self._forced():
            return
        if register + len(values) > PAGE_BYTES:
            self._say(NO_REGISTER)
            return
        for offset, value in enumerate(values):
            status = self._write_one(register + offset, value, now_ns)
            if status is None:  # a reset: it takes the answer with it
                return
            if status != OK:
                self._say(status)
                return
        self._say(OK)

    def _write_one(self, register: int, value: int, now_ns: int) -> int | None:
        registers = self.registers
        if register == PAGE_ID:
            registers.page = value & 1
            return OK
        if not registers.writable(register):
            return WRITE_FAILED
        if registers.page == 0 and register == SYS_TRIGGER and value & RESET_BIT:
            self._restart(now_ns)
            return None
        if registers.page == 0 and register == OPR_MODE:
            return self._change_mode(value & 0x0F, now_ns)
        if registers.mode != CONFIG_MODE:
            return WRITE_DISABLED
        registers.store(register, value)
        return OK

    def _change_mode(self, mode: int, now_ns: int) -> int:
        """Always by way of CONFIG."""
        registers = self.registers
        if mode == registers.mode:
            return OK
        if mode > 0x0C or CONFIG_MODE not in (mode, registers.mode):
            return WRITE_FAILED
        taken_ns = TO_CONFIG_NS if mode == CONFIG_MODE else FROM_CONFIG_NS
        self._silent_until_ns = now_ns + taken_ns
        registers.enter(mode, now_ns + taken_ns)
        return OK

    def _forced(self) -> bool:
        status, self.next_status = self.next_status, None
        if status is not None:
            self._say(status)
        return status is not None

    def _say(self, status: int) -> None:
        self._emit(bytes((0xEE, status)), LATENCY_NS)
