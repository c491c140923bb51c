"""I2C and GPIO over a Unix socket, to chips that another process emulates: `emu:///run/rahi/chips.sock?bus=main`."""

from __future__ import annotations

import socket
from threading import Lock
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.buses.api import BusError, BusLost, BusNak, BusTimeout
from hal.buses.emu_protocol import (
    MOST_READ,
    Status,
    decode_answer,
    encode_drive,
    encode_level,
    encode_transfer,
    frame,
    take_frame,
)
from hal.buses.url import BusUrl

FIRST_PAUSE_NS: Final = NS_PER_S // 4
MOST_PAUSE_NS: Final = 4 * NS_PER_S
LONGEST_PATH: Final = 107
"""A Unix socket's address has no room for more."""


class EmuLink:
    """One connection, made when it is needed and made again after a failure, later and later.

    Several threads may ask: a guard of switches does so beside flight.
    """

    def __init__(self, name: str, path: str, timeout_ns: int, clock: Clock) -> None:
        self._name = name
        self._path = path
        self._timeout_ns = timeout_ns
        self._clock = clock
        self._socket: socket.socket | None = None
        self._next_ns = 0
        self._pause_ns = 0
        self._lock = Lock()

    def ask(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer.

        Raises:
            BusNak, BusTimeout, BusLost: as the other end says, or no answer in time, or nobody is there.
        """
        with self._lock:
            status, body = self._exchange(request)
        if status is not Status.DONE:
            raise self._told(status, body)
        return body

    def _exchange(self, request: bytes) -> tuple[Status, bytes]:
        deadline_ns = self._clock.now_ns() + self._timeout_ns
        line = self._socket or self._connect(deadline_ns)
        try:
            line.settimeout(self._left_s(deadline_ns))
            line.sendall(frame(request))
            answer = decode_answer(self._receive(line, deadline_ns))
        except TimeoutError:
            self._drop()  # an answer that comes late would be taken for the next one
            raise BusTimeout(self._name, f"no answer within {self._timeout_ns / NS_PER_MS:g} ms") from None
        except (OSError, ValueError) as error:
            self._drop()
            raise BusLost(self._name, f"{self._path}: {error}") from error
        self._pause_ns = 0
        return answer

    def close(self) -> None:
        """Leave; legal at any time."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self, deadline_ns: int) -> socket.socket:
        wait_ns = self._next_ns - self._clock.now_ns()
        if wait_ns > 0:
            raise BusLost(self._name, f"{self._path}: nobody there, next try in {wait_ns / NS_PER_S:.1f} s")
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(self._left_s(deadline_ns))
            line.connect(self._path)
        except OSError as error:
            line.close()
            self._drop()
            raise BusLost(self._name, f"{self._path}: {error.strerror or error}") from error
        self._socket = line
        return line

    def _receive(self, line: socket.socket, deadline_ns: int) -> bytes:
        buffer = bytearray()
        while True:
            answer = take_frame(buffer)
            if answer is not None:
                if buffer:
                    raise ValueError("more than one answer")
                return answer
            line.settimeout(self._left_s(deadline_ns))
            read = line.recv(4096)
            if not read:
                raise ConnectionResetError("closed by the other end")
            buffer += read

    def _left_s(self, deadline_ns: int) -> float:
        left_ns = deadline_ns - self._clock.now_ns()
        if left_ns <= 0:
            raise TimeoutError
        return left_ns / NS_PER_S

    def _drop(self) -> None:
        self.close()
        self._pause_ns = min(2 * self._pause_ns, MOST_PAUSE_NS) if self._pause_ns else FIRST_PAUSE_NS
        self._next_ns = self._clock.now_ns() + self._pause_ns

    def _told(self, status: Status, body: bytes) -> BusError:
        text = body.decode("utf-8", "replace")
        kind = {Status.NAK: BusNak, Status.TIMEOUT: BusTimeout}.get(status, BusLost)
        return kind(self._name, text)


class EmuI2c:
    """Implements `hal.buses.api.I2cBus`."""

    def __init__(self, name: str, bus: str, link: EmuLink) -> None:
        self.name = name
        self._bus = bus.encode("ascii")
        self._link = link

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        """As the interface; raises `ValueError` beyond one frame, some 2000 bytes."""
        if read_size > MOST_READ or len(written) > MOST_READ - 300:
            raise ValueError(f"{self.name}: {len(written)} bytes out and {read_size} in do not fit a frame")
        return self._link.ask(encode_transfer(self._bus, address, written, read_size))

    def close(self) -> None:
        """Leave; legal at any time."""
        self._link.close()


class EmuGpio:
    """Implements `hal.buses.api.GpioBus`.  Lines are released, to their pull resistors, when the connection ends."""

    def __init__(self, name: str, bus: str, link: EmuLink) -> None:
        self.name = name
        self._bus = bus.encode("ascii")
        self._link = link
        self._inverted: dict[int, bool] = {}

    def claim(self, line: int, value: bool, *, active_low: bool = False) -> None:
        """Raises `BusLost` or `BusTimeout`."""
        self._inverted[line] = active_low
        self.set(line, value)

    def set(self, line: int, value: bool) -> None:
        """Raises `BusLost` or `BusTimeout`."""
        self._link.ask(encode_drive(self._bus, line, value is not self._inverts(line)))

    def get(self, line: int) -> bool:
        """Raises `BusLost` or `BusTimeout`."""
        return (self._link.ask(encode_level(self._bus, line)) == b"\x01") is not self._inverts(line)

    def close(self) -> None:
        """Leave; legal at any time."""
        self._link.close()

    def _inverts(self, line: int) -> bool:
        if line not in self._inverted:
            raise BusLost(self.name, f"line {line} is not claimed")
        return self._inverted[line]


def open_emu_i2c(name: str, url: BusUrl, clock: Clock) -> EmuI2c:
    """Open `emu:///PATH?bus=NAME&timeout_ms=50`; nobody needs to be there yet.

    Raises:
        ValueError: not such a URL.
    """
    return EmuI2c(name, *_link(name, url, clock))


def open_emu_gpio(name: str, url: BusUrl, clock: Clock) -> EmuGpio:
    """As `open_emu_i2c`, for GPIO lines."""
    return EmuGpio(name, *_link(name, url, clock))


def _link(name: str, url: BusUrl, clock: Clock) -> tuple[str, EmuLink]:
    url.only("bus", "timeout_ms")
    bus = url.query.get("bus", "")
    if url.host or not 1 < len(url.path.encode()) <= LONGEST_PATH:
        raise ValueError(f"{url.text}: expected the path of a socket, at most {LONGEST_PATH} bytes")
    if not (bus.isascii() and 0 < len(bus) <= 40):
        raise ValueError(f"{url.text}: expected ?bus=NAME, a bus of the emulator")
    timeout_ns = url.number("timeout_ms", 50, 1, 1000) * NS_PER_MS
    return bus, EmuLink(name, url.path, timeout_ns, clock)
