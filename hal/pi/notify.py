"""What systemd is told through its notification socket (sd_notify(3)): ready, alive, stopping, how it goes."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "NOTIFY_SOCKET"


class Notifier:
    """Sends without ever waiting.  Without an address it is silent and all is well."""

    def __init__(self, address: str | None) -> None:
        """`address`: a path, or a name in the abstract name space led by `@`."""
        self._address = None if not address else "\0" + address[1:] if address[0] == "@" else address
        self._socket: socket.socket | None = None
        self.failures = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Notifier:
        """The socket that systemd named, if it started this process as a unit of type notify."""
        return cls(environment.get(VARIABLE))

    def send(self, *assignments: str) -> bool:
        """Send `NAME=value` lines as one message; False if systemd could not be told."""
        if self._address is None:
            return True
        try:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
                self._socket.setblocking(False)
            self._socket.sendto("\n".join(assignments).encode(), self._address)
        except OSError:
            self.failures += 1
            return False
        return True

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
