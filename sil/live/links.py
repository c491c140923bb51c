"""Byte pipes to a rover that never block: sockets and serial ports behind one shape, with bounded buffers."""

from __future__ import annotations

import select
import time
from typing import Final, Protocol

from ground.errors import GroundError

MAX_UNSENT_BYTES: Final = 1 << 16
"""Eleven seconds of a 57,600 baud radio: a pipe that lags by more is not going to take what is sent."""
DRAIN_S: Final = 3.0
"""What is queued when a link is closed may take so long to leave."""


class Pipe(Protocol):
    """What a link needs of its socket or serial port; none of it waits.

    Attributes:
        name: what an operator calls it.
        ended: what is said when it is gone, one line without a reason.
    """

    name: str
    ended: str

    def fileno(self) -> int:
        """For `select`."""
        ...

    def receive(self) -> bytes:
        """What has come; nothing means that the other end is gone.

        Raises:
            BlockingIOError: nothing has come, all is well.
            OSError: the pipe is gone.
        """
        ...

    def send(self, data: bytes) -> int:
        """Send as much as there is room for now; return how many bytes those are.

        Raises:
            OSError: as above.
        """
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class Link:
    """One radio's bytes, both ways.

    Attributes:
        lost: why the link has ended, in one line; empty while it lives.
    """

    def __init__(self, pipe: Pipe) -> None:
        """Own an open pipe."""
        self.lost = ""
        self._pipe = pipe
        self._unsent = bytearray()

    def fileno(self) -> int:
        """For `select`."""
        return self._pipe.fileno()

    @property
    def wants_to_write(self) -> bool:
        """Whether bytes are waiting to go out."""
        return bool(self._unsent) and not self.lost

    def read(self) -> bytes:
        """What has come, nothing if nothing has, or if the link is lost."""
        try:
            data = self._pipe.receive()
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            return self._lose(error)
        return data or self._lose()

    def write(self, data: bytes) -> None:
        """Send now what there is room for, the rest when there is.

        Raises:
            GroundError: the link is lost, or takes nothing any more.
        """
        self.flush()
        if len(self._unsent) + len(data) > MAX_UNSENT_BYTES:
            raise GroundError(f"{self._pipe.name}: takes no more ({len(self._unsent)} bytes are waiting)")
        self._unsent += data
        self.flush()
        if self.lost:
            raise GroundError(self.lost)

    def flush(self) -> None:
        """Send what there is room for now."""
        try:
            while self.wants_to_write:
                del self._unsent[: self._pipe.send(bytes(self._unsent))]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        """Let what is queued leave, for at most three seconds, and hang up."""
        end_s = time.monotonic() + DRAIN_S
        while self.wants_to_write and (left_s := end_s - time.monotonic()) > 0.0:
            select.select([], [self], [], left_s)
            self.flush()
        self._unsent.clear()
        self._pipe.close()

    def _lose(self, error: OSError | None = None) -> bytes:
        reason = "" if error is None else f" ({error.strerror or error})"
        self.lost = self.lost or f"{self._pipe.ended}{reason}"
        return b""
