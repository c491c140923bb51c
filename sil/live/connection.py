"""One client of a live rover: a non-blocking socket with bounded buffers both ways."""

from __future__ import annotations

import select
import socket
import time
from typing import Final

from telemetry_defs.framing import MAX_FRAME_BYTES

MAX_UNSENT_BYTES: Final = 1 << 20
"""A client that lags by more is dropped: at the local radio's full rate that is eight seconds of telemetry."""
READ_BYTES: Final = 1 << 16
LEAVE_S: Final = 2.0
"""So long a client that was told to go may take to hear it and to hang up."""


class Connection:
    """Bytes to and from one client; `closed` once either end is gone or the client was too slow."""

    def __init__(self, connected: socket.socket) -> None:
        """Take over a connected socket."""
        connected.setblocking(False)
        self.socket = connected
        self.closed = False
        self.too_slow = False
        self._unsent = bytearray()
        self._leave_by_s: float | None = None

    @property
    def leaving(self) -> bool:
        """Whether it hears no more than what is queued, and what it says is thrown away."""
        return self._leave_by_s is not None

    @property
    def overdue(self) -> bool:
        """Whether it has had the time to leave."""
        return self._leave_by_s is not None and time.monotonic() >= self._leave_by_s

    @property
    def wants_to_write(self) -> bool:
        """Whether bytes are waiting to go out."""
        return bool(self._unsent)

    @property
    def hung_up(self) -> bool:
        """Whether the client has gone, which nobody has read yet if what it sent before is not read."""
        look = select.poll()
        look.register(self.socket, select.POLLRDHUP)
        return bool(look.poll(0))

    def queue(self, data: bytes) -> None:
        """Send when the socket takes it; over the limit the client is given up."""
        self._unsent += data
        if len(self._unsent) > MAX_UNSENT_BYTES:
            self.too_slow = True
            self.close()

    def flush(self) -> None:
        """Send what the socket takes now."""
        try:
            del self._unsent[: self.socket.send(self._unsent)]
            if self.leaving and not self._unsent:
                self.socket.shutdown(socket.SHUT_WR)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # the client went away
            self.close()

    def leave(self) -> None:
        """Send what is queued and wait for the client to hang up: a close with bytes unread would take it back."""
        if not self.closed:
            self._leave_by_s = time.monotonic() + LEAVE_S
            self.flush()

    def read(self, size: int = READ_BYTES) -> bytes:
        """What has come, at most `size` bytes, nothing if nothing has; the end of the stream closes."""
        try:
            data = self.socket.recv(size)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            data = b""
        if not data:
            self.close()
        return data

    def close(self) -> None:
        """Hang up."""
        self.closed = True
        self._unsent.clear()
        self.socket.close()


class FrameGate:
    """Lets the bytes of one client through in whole frames, so that those of two clients never mix.

    Content is not looked at: what is no packet is for the rover to refuse and to count.
    """

    def __init__(self) -> None:
        """Nothing held back."""
        self._partial = b""

    def take(self, data: bytes) -> bytes:
        """Bytes up to the last end of a frame; an endless frame is ended at the greatest length there is."""
        whole, zero, rest = (self._partial + data).rpartition(b"\x00")
        passed = whole + zero
        if len(rest) > MAX_FRAME_BYTES:
            passed, rest = passed + rest + b"\x00", b""
        self._partial = rest
        return passed

    def end(self) -> bytes:
        """The client is gone: its half frame, ended."""
        rest, self._partial = self._partial, b""
        return rest + b"\x00" if rest else b""


class Alignment:
    """A client that joins in the middle of a frame gets telemetry from the next one on."""

    def __init__(self, aligned: bool) -> None:
        """`aligned`: the next byte begins a frame."""
        self._aligned = aligned

    def take(self, data: bytes) -> bytes:
        """What this client shall see of `data`."""
        if self._aligned:
            return data
        _, zero, rest = data.partition(b"\x00")
        self._aligned = bool(zero)
        return rest
