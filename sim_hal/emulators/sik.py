"""A SiK modem: a transparent pipe with its own small buffers, an air rate, and the command mode behind "+++".

After the open firmware (ArduPilot SiK, Firmware/radio/at.c): the escape detector is the same state machine, characters
are echoed, ATO answers nothing, a command of more than 16 characters leaves the mode.  Flow control is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S
from sim_hal.buses.serial import BITS_A_BYTE, Emit
from sim_hal.clock import Rank, SimClock, Timer
from sim_hal.emulators.sik_commands import MODE_LEFT, REBOOT, SikCommands

BUFFER_BYTES: Final = 2048
"""Each way; what comes on top is lost."""
PACKET_BYTES: Final = 252
"""Longest on the air."""
GUARD_NS: Final = NS_PER_S
BOOT_NS: Final = 300 * NS_PER_MS
_WAIT_FOR_IDLE: Final = 0
_WAIT_FOR_PLUS1: Final = 1
_WAIT_FOR_ENABLE: Final = 4

ToAir = Callable[[bytes], None]


class SikModem:
    """Implements `sim_hal.buses.serial.SerialChip`; gives packets to `to_air` when they have left the antenna."""

    def __init__(self, clock: SimClock, to_air: ToAir, *, baud: int = 57_600, rssi_dbm: float = -70.0) -> None:
        self._clock = clock
        self._to_air = to_air
        self._byte_ns = BITS_A_BYTE * NS_PER_S // baud
        self.commands = SikCommands()
        self.rssi_dbm = rssi_dbm
        self.lost_bytes = 0
        """Of either direction: no room, in command mode, or unpowered."""
        self._emit: Emit = lambda data, delay_ns: None
        self._on = True
        self._ready_ns = 0
        self._in_commands = False
        self._escape = _WAIT_FOR_IDLE
        self._enable: Timer | None = None
        self._last_ns = -GUARD_NS
        self._out_free_ns = 0
        self._queue = bytearray()
        self._flight: Timer | None = None

    @property
    def in_command_mode(self) -> bool:
        """Deaf."""
        return self._in_commands

    @property
    def powered(self) -> bool:
        """Whether it has a supply."""
        return self._on

    def enter_commands(self) -> None:
        """Be in command mode out of nothing, as after the escape sequence (fault)."""
        self._enter()

    def leave_commands(self) -> None:
        """Be a pipe again."""
        self._in_commands = False

    @property
    def on_air(self) -> bool:
        """Whether a packet is on its way to the other end."""
        return self._flight is not None

    def connect(self, emit: Emit) -> None:
        self._emit = emit

    def power(self, on: bool, now_ns: int) -> None:
        """Switch the supply; settings that were not saved and everything on its way are lost."""
        if on is not self._on:
            self._on = on
            self._boot(now_ns)

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        if not self._on or start_ns < self._ready_ns:
            self.lost_bytes += len(data)
            return
        self._detect(data, start_ns, end_ns)
        if self._in_commands:
            self._command(data, end_ns)
            return
        room = BUFFER_BYTES - len(self._queue)
        self._queue += data[:room]
        self.lost_bytes += max(0, len(data) - room)
        self._fly()

    def from_air(self, data: bytes) -> None:
        """A packet from the other end."""
        now_ns = self._clock.now_ns()
        if not self._on or self._in_commands or now_ns < self._ready_ns:
            self.lost_bytes += len(data)
            return
        waiting = max(0, self._out_free_ns - now_ns) // self._byte_ns
        room = max(0, BUFFER_BYTES - waiting)
        self.lost_bytes += max(0, len(data) - room)
        self._say(data[:room])

    def _say(self, data: bytes) -> None:
        if data:
            self._out_free_ns = max(self._out_free_ns, self._clock.now_ns()) + len(data) * self._byte_ns
            self._emit(data, 0)

    def _boot(self, now_ns: int) -> None:
        self.commands.reload()
        self._in_commands = False
        self._escape, self._last_ns = _WAIT_FOR_IDLE, now_ns
        self._ready_ns = now_ns + BOOT_NS
        self.lost_bytes += len(self._queue)
        self._queue.clear()
        for timer in (self._flight, self._enable):
            if timer is not None:
                timer.cancel()
        self._flight = self._enable = None

    # The air.

    def _fly(self) -> None:
        """Put what is queued on the air, a packet at a time."""
        if self._flight is not None or not self._queue:
            return
        packet = bytes(self._queue[:PACKET_BYTES])
        end_ns = self._clock.now_ns() + round(len(packet) * 8 * NS_PER_S / self.commands.air_bit_s)
        self._flight = self._clock.at(end_ns, Rank.BYTES, lambda: self._flown(packet))

    def _flown(self, packet: bytes) -> None:
        self._flight = None
        del self._queue[: len(packet)]
        self._to_air(packet)
        self._fly()

    # Command mode.

    def _detect(self, data: bytes, start_ns: int, end_ns: int) -> None:
        """The firmware's detector: a second of silence, three "+", a second of silence."""
        if self._escape == _WAIT_FOR_IDLE and start_ns - self._last_ns >= GUARD_NS:
            self._escape = _WAIT_FOR_PLUS1
        self._last_ns = end_ns
        if self._enable is not None:
            self._enable.cancel()
            self._enable = None
        if self._in_commands or data.strip(b"+"):
            self._escape = _WAIT_FOR_IDLE
            return
        if self._escape >= _WAIT_FOR_PLUS1:
            self._escape = min(_WAIT_FOR_ENABLE, self._escape + len(data))
        if self._escape == _WAIT_FOR_ENABLE:
            self._enable = self._clock.at(end_ns + GUARD_NS, Rank.BYTES, self._enter)

    def _enter(self) -> None:
        self._enable = None
        self._escape = _WAIT_FOR_IDLE
        self._in_commands = True
        self.commands.begin()
        self._say(b"OK\r\n")

    def _command(self, data: bytes, now_ns: int) -> None:
        answer, outcome = self.commands.take(data, self.rssi_dbm)
        self._say(answer)
        if outcome == REBOOT:
            self._boot(now_ns)
        elif outcome == MODE_LEFT:
            self._in_commands = False
