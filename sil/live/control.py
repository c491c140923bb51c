"""An operator's end of the control line of a live rover: one line out, one line back."""

from __future__ import annotations

import socket
from typing import Final

from ground.errors import GroundError
from sil.live.pipes import CONNECT_S, no_rover

ANSWER_S: Final = 10.0
"""A session serves its sockets between any two cycles."""
MAX_ANSWER_BYTES: Final = 1 << 16
REFUSED: Final = "error: "


def ask(host: str, port: int, line: str) -> str:
    """Send one line and return the answer.

    Raises:
        GroundError: nobody listens there, no answer came, or the session refused: then in its own words.
    """
    try:
        with socket.create_connection((host, port), CONNECT_S) as connected:
            return _answer(connected, line)
    except OSError as error:
        raise no_rover(host, port, error) from None


def _answer(connected: socket.socket, line: str) -> str:
    connected.settimeout(ANSWER_S)
    connected.sendall(line.encode("ascii") + b"\n")
    answer = b""
    while not answer.endswith(b"\n") and len(answer) < MAX_ANSWER_BYTES:
        data = connected.recv(4096)
        if not data:
            raise GroundError("the live rover hung up without an answer")
        answer += data
    text = answer.decode("utf-8", "replace").strip()
    if text.startswith(REFUSED):
        raise GroundError(text.removeprefix(REFUSED))
    return text
