"""An operator's desk at a live rover: one station over the TCP ends of both radios."""

from __future__ import annotations

import os
import select
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from ground.errors import GroundError
from ground.sequence_file import SequenceFile
from ground.station import Station
from sil.live.ports import RADIOS

SOURCE_ID: Final = 2
"""The station of the mission itself is 1: what a scenario sends and what an operator sends never share a count."""
CONNECT_S: Final = 3.0
READ_BYTES: Final = 1 << 16


def state_folder() -> Path:
    """Where an operator's counters live, by the XDG rules."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "rahi"


class Desk:
    """Connected to both radios; sends on either, hears both.  A context manager."""

    def __init__(self, host: str, port: int, *, counters: Path | None = None) -> None:
        """Connect; `port` is the control port, the radios are the next two.

        Raises:
            GroundError: nobody listens there, or the counter file cannot be used.
        """
        self.closed = False
        self.station = Station(
            send=self._send, source_id=SOURCE_ID, counter=SequenceFile(counters or state_folder(), SOURCE_ID)
        )
        self._sockets: dict[str, socket.socket] = {}
        for offset, radio in enumerate(RADIOS, 1):
            self._sockets[radio] = self._connect(host, port, offset)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    def now_ns(self) -> int:
        """Time on the wall, for the station's records."""
        return time.monotonic_ns()

    def poll(self, timeout_s: float) -> None:
        """Take what has come, waiting at most `timeout_s` for something."""
        ready, _, _ = select.select(list(self._sockets.values()), [], [], timeout_s)
        for radio, connected in self._sockets.items():
            if connected in ready:
                self._read(radio, connected)
        self.station.tick(self.now_ns())

    def close(self) -> None:
        """Hang up."""
        for connected in self._sockets.values():
            connected.close()

    def _connect(self, host: str, port: int, offset: int) -> socket.socket:
        """A refusal names the port that the operator gave, not the one of this radio."""
        try:
            connected = socket.create_connection((host, port + offset), CONNECT_S)
        except OSError as error:
            self.close()
            raise GroundError(
                f"no live rover at {host}:{port} ({error.strerror or error}); start one with: rahi live"
            ) from None
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def _send(self, radio: str, data: bytes) -> None:
        try:
            self._sockets[radio].sendall(data)
        except OSError as error:
            self.closed = True
            raise GroundError(f"the live rover hung up ({error.strerror or error})") from None

    def _read(self, radio: str, connected: socket.socket) -> None:
        try:
            data = connected.recv(READ_BYTES)
        except OSError:
            data = b""
        if data:
            self.station.receive(radio, data, self.now_ns())
        else:
            self.closed = True
