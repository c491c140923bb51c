"""The three TCP ports of a live rover, taken before anything else is made."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Final

from ground.errors import GroundError

RADIOS: Final = ("local", "relay")
CONTROL: Final = "control"
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 7400
"""Control; the local radio is the next one, the relay the one after."""
MAX_CLIENTS: Final = 16
"""A port."""


class Ports:
    """Listening sockets by name (`control`, `local`, `relay`); a context manager that closes them."""

    def __init__(self, host: str, numbers: Mapping[str, int]) -> None:
        """Open all ports; number 0 takes any free one.

        Raises:
            GroundError: a port is taken or the address is not ours.
        """
        self._host = host
        self.sockets: dict[str, socket.socket] = {}
        for name in (CONTROL, *RADIOS):
            self._listen(name, host, numbers[name])
        self.numbers = {name: int(listening.getsockname()[1]) for name, listening in self.sockets.items()}

    def __str__(self) -> str:
        return f"{self._host}: {', '.join(f'{name} {number}' for name, number in self.numbers.items())}"

    def __enter__(self) -> Ports:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give them back."""
        for listening in self.sockets.values():
            listening.close()

    def _listen(self, name: str, host: str, port: int) -> None:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self.sockets[name] = listening
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(MAX_CLIENTS)
        except OSError as error:
            self.close()
            raise GroundError(
                f"{name} port {host}:{port}: {error.strerror or error}; take three others with --port"
            ) from None
        listening.setblocking(False)
