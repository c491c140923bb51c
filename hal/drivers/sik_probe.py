"""The dialogue with a SiK modem in its command mode: who it is, and how strongly it hears the other end.

"+++" between two seconds of silence enters the mode, ATO leaves it without an answer (SiK firmware, at.c).  However the
dialogue goes, it ends with ATO; and a modem that missed even that leaves the mode on the first frame that follows,
since more than 16 characters without a carriage return are no command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from hal.api.clock import NS_PER_MS, Clock
from hal.api.errors import DeviceTimeout
from hal.buses.api import SerialBus

DEVICE: Final = "radio_local"
GUARD_NS: Final = 1_200 * NS_PER_MS
"""1 s by its own clock."""
ENTER_NS: Final = 1_500 * NS_PER_MS
ANSWER_NS: Final = 400 * NS_PER_MS
_OK: Final = b"OK\r\n"
_LEAVE: Final = b"ATO\r"
_LEFT: Final = b"ATO\r\n"
_RSSI: Final = re.compile(rb"L/R RSSI: (\d{1,3})/(\d{1,3})")


class ModemReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the modem told of itself; strengths are None where it would not say."""

    banner: str
    rssi_dbm: float | None
    remote_rssi_dbm: float | None


class SikProbe:
    """One dialogue; nothing else may be written meanwhile."""

    def __init__(self, bus: SerialBus, clock: Clock, quiet_since_ns: int) -> None:
        """The host has sent nothing since `quiet_since_ns`."""
        self._bus = bus
        self._clock = clock
        self._quiet_since_ns = quiet_since_ns
        self._answer = bytearray()
        self._entering = False
        self._inside = False
        self._banner = ""
        self._rssi = b""
        self._failure: DeviceTimeout | None = None
        self._steps = self._dialogue()

    def take(self, data: bytes) -> bytes:
        """Bytes from the modem; those that come back are not part of the dialogue but from the other end."""
        if not self._entering:
            return data
        self._answer += data
        if self._inside:
            return b""
        whole = bytes(self._answer)
        held = _begun(whole)
        self._answer[:] = whole[len(whole) - held :]
        self._inside = held == len(_OK)
        return whole[: len(whole) - held]

    def rest(self) -> bytes:
        """What `take` kept for the dialogue though it was from the other end: before the mode, or behind its end."""
        if self._inside:
            return bytes(self._answer).partition(_LEFT)[2]
        return bytes(self._answer)

    def poll(self) -> ModemReport | None:
        """Go on; the report once it is there.

        Raises:
            DeviceTimeout: no answer.
            BusError: the bus failed.
        """
        if not next(self._steps, True):
            return None
        if self._failure is not None:
            raise self._failure
        local, remote = _strengths(self._rssi)
        return ModemReport(banner=self._banner, rssi_dbm=local, remote_rssi_dbm=remote)

    def _dialogue(self) -> Iterator[bool]:
        """Gives False while it waits."""
        while self._clock.now_ns() < self._quiet_since_ns + GUARD_NS:
            yield False
        try:
            yield from self._questions()
        except DeviceTimeout as error:
            self._failure = error
        yield from self._leave()

    def _questions(self) -> Iterator[bool]:
        self._entering = True
        self._bus.write(b"+++")
        end_ns = self._clock.now_ns() + ENTER_NS
        while not self._inside:
            self._need_time(end_ns, "command mode")
            yield False
        yield from self._ask(b"ATI\r")
        self._banner = _line(self._answer)
        yield from self._ask(b"ATI7\r")
        self._rssi = bytes(self._answer)

    def _ask(self, command: bytes) -> Iterator[bool]:
        """Send one command and wait for its echo and one line."""
        self._answer.clear()
        self._bus.write(command)
        end_ns = self._clock.now_ns() + ANSWER_NS
        while self._answer.count(b"\r\n") < 2:
            self._need_time(end_ns, command.decode().strip())
            yield False

    def _leave(self) -> Iterator[bool]:
        """Whether or not it is in there; its echo is awaited, lest it be taken for bytes from the other end."""
        self._bus.write(_LEAVE)
        end_ns = self._clock.now_ns() + ANSWER_NS
        while self._inside and _LEFT not in self._answer and self._clock.now_ns() < end_ns:
            yield False

    def _need_time(self, end_ns: int, what: str) -> None:
        if self._clock.now_ns() >= end_ns:
            raise DeviceTimeout(DEVICE, f"modem on {self._bus.name}: no answer to {what}; is it a SiK modem?")


def _begun(data: bytes) -> int:
    """How many of the last bytes are, or may become, the modem's OK."""
    return next(size for size in range(len(_OK), -1, -1) if data.endswith(_OK[:size]))


def _line(answer: bytearray) -> str:
    """The line after the echo, printable."""
    text = bytes(answer).split(b"\r\n")[1].decode("ascii", "replace")
    return "".join(letter for letter in text if letter.isprintable())[:60]


def _strengths(answer: bytes) -> tuple[float | None, float | None]:
    """Local and remote signal strength, dBm: RSSI / 1.9 - 127 (ArduPilot, "SiK telemetry radio: advanced")."""
    found = _RSSI.search(answer)
    if found is None:
        return None, None
    local, remote = (round(int(raw) / 1.9 - 127.0, 1) for raw in found.groups())
    return local, remote
