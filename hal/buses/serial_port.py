"""A real serial port, or a TCP connection in its place: every wait has a deadline, and a port that is gone says so.

`serial:///dev/ttyAMA0?baud=115200` and `socket://192.168.7.2:4001?baud=57600`.  A port that was lost (USB unplugged,
server ended) is opened again by the next call after a while; until then every call raises `BusLost` at once.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.backoff import Backoff
from hal.buses.api import BusLost, BusTimeout, SerialBus
from hal.buses.url import BusUrl

BITS_A_BYTE: Final = 10
WRITE_NS: Final = 20 * NS_PER_MS
"""How long a write may wait for room in the kernel's buffer, which holds about 4 kB."""
FIRST_RETRY_NS: Final = NS_PER_S // 2
LONGEST_RETRY_NS: Final = 10 * NS_PER_S
FIRST_CONNECT_S: Final = 2.0
CONNECT_S: Final = 0.05
"""When connecting again, within a cycle."""
MOST_DROPPED: Final = 65_536
"""Of a babbling line `drop_input` takes no more than this in one call."""

_REASONS: Final = (
    ((errno.ENOENT, errno.ENODEV, errno.ENXIO), "no such device"),
    ((errno.EACCES, errno.EPERM), "permission denied; is the user in the group that owns it (dialout)?"),
    ((errno.EBUSY, errno.EAGAIN), "in use by another program"),
    ((errno.EIO, errno.EPIPE, errno.ECONNRESET), "unplugged or closed at the other end"),
    ((errno.ECONNREFUSED,), "nobody listens there"),
)


class Line(Protocol):
    """An open file descriptor that does not block."""

    def fileno(self) -> int:
        """The descriptor."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


def open_serial(name: str, url: BusUrl, clock: Clock) -> SerialBus:
    """Open the port of a rover file.

    Raises:
        ValueError: the URL is not one of these.
        BusLost: the port is not there, not ours to open, or busy; the text says which.
    """
    url.only("baud")
    baud = url.number("baud", 115_200, 1200, 4_000_000)
    open_line = _tcp(url) if url.scheme == "socket" else _tty(url, baud)
    return SerialPort(name, BITS_A_BYTE * NS_PER_S // baud, open_line, clock)


class SerialPort:
    """Implements `hal.buses.api.SerialBus`; the clock must be that of the world outside."""

    def __init__(self, name: str, byte_ns: int, open_line: Callable[[], Line], clock: Clock) -> None:
        """Open it; a port that is not there yet is tried again whenever it is used, later and later."""
        self.name = name
        self.byte_ns = byte_ns
        self._open = open_line
        self._clock = clock
        self._line: Line | None = None
        self._reason = ""
        self._retry = Backoff(FIRST_RETRY_NS, LONGEST_RETRY_NS)
        with contextlib.suppress(BusLost):  # whoever uses it is told, and may find it there by then
            self._fd()

    def write(self, data: bytes) -> None:
        """Hand `data` to the kernel.

        Raises:
            BusTimeout: it had no room for all of it within 20 ms; a part may be on its way.
            BusLost: the port is gone.
        """
        left = memoryview(data)
        end_ns = self._clock.now_ns() + WRITE_NS
        while left:
            fd = self._fd()
            try:
                left = left[os.write(fd, left) :]
            except BlockingIOError:
                pass
            except OSError as error:
                raise self._lost(reason_of(error)) from None
            if left and not self._wait(None, fd, end_ns):
                raise BusTimeout(self.name, f"{len(left)} of {len(data)} bytes were not taken within 20 ms")

    def read(self, size: int, deadline_ns: int) -> bytes:
        """Up to `size` bytes.  Raises `BusLost`."""
        fd = self._fd()
        data = b""
        while len(data) < size and self._wait(fd, None, deadline_ns):
            data += self._take(fd, size - len(data))
        return data

    def drop_input(self) -> int:
        """Throw away what has come.  Raises `BusLost`."""
        fd = self._fd()
        dropped = 0
        while dropped < MOST_DROPPED and self._wait(fd, None, 0):
            dropped += len(self._take(fd, 4096))
        return dropped

    def close(self) -> None:
        """Give the port back; the next call would open it again."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):
                line.close()

    def _fd(self) -> int:
        if self._line is None:
            self._reopen()
        assert self._line is not None
        return self._line.fileno()

    def _reopen(self) -> None:
        if not self._retry.due(self._clock.now_ns()):
            raise BusLost(self.name, self._reason)
        try:
            self._line = self._open()
        except OSError as error:
            raise self._lost(reason_of(error)) from None
        self._retry.succeeded()

    def _lost(self, reason: str) -> BusLost:
        self.close()
        self._reason = reason
        self._retry.failed(self._clock.now_ns())
        return BusLost(self.name, reason)

    def _take(self, fd: int, size: int) -> bytes:
        """What is there; a descriptor that is readable and gives nothing has been hung up."""
        try:
            data = os.read(fd, size)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._lost(reason_of(error)) from None
        if not data:
            raise self._lost("unplugged or closed at the other end")
        return data

    def _wait(self, reading: int | None, writing: int | None, deadline_ns: int) -> bool:
        """Whether the descriptor became ready; after the deadline it is looked at once, without waiting."""
        left_ns = max(0, deadline_ns - self._clock.now_ns())
        readers = [] if reading is None else [reading]
        writers = [] if writing is None else [writing]
        ready = select.select(readers, writers, [], left_ns / NS_PER_S)
        return bool(ready[0] or ready[1])


def reason_of(error: OSError) -> str:
    """What is wrong with a port, in an operator's words."""
    for numbers, text in _REASONS:
        if error.errno in numbers:
            return text
    return " ".join(str(error.strerror or error).split())[:120]


def _tty(url: BusUrl, baud: int) -> Callable[[], Line]:
    if url.host or url.port is not None or len(url.path) < 2:
        raise ValueError(f"{url.text}: expected a device, such as serial:///dev/ttyAMA0?baud=115200")

    def open_line() -> Line:
        import serial

        try:
            port = serial.Serial(url.path, baud, timeout=0, write_timeout=0, exclusive=True)
        except ValueError as error:  # a rate that this port cannot make
            raise OSError(errno.EINVAL, str(error)) from None
        with suppress(OSError, ValueError, AttributeError, NotImplementedError):  # not every driver knows it
            port.set_low_latency_mode(True)
        line: Line = port
        return line

    return open_line


def _tcp(url: BusUrl) -> Callable[[], Line]:
    if url.scheme != "socket" or not url.host or url.port is None or url.path:
        raise ValueError(f"{url.text}: expected an address, such as socket://127.0.0.1:4001")
    address = (url.host, url.port)
    timeout_s = FIRST_CONNECT_S

    def open_line() -> Line:
        nonlocal timeout_s
        line = socket.create_connection(address, timeout_s)
        timeout_s = CONNECT_S
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    return open_line
