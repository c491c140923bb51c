"""The sockets of a live rover: one port a radio, one for control; a single `select` waits for all of them."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable
from typing import Final

from sil.live.connection import Alignment, Connection, FrameGate
from sil.live.ports import CONTROL, MAX_CLIENTS, RADIOS, Ports

MAX_QUEUED_BYTES: Final = 1 << 16
"""While more than this waits at a radio's ground transmitter its clients are not read: TCP holds them back."""
MAX_LINE_BYTES: Final = 4096
TOO_LONG: Final = f"error: line longer than {MAX_LINE_BYTES} bytes"
TOO_MANY: Final = "error: too many clients"

Uplink = Callable[[str, bytes], None]
Queued = Callable[[str], int]
Control = Callable[[str], str]


class _Listener:
    def __init__(self, name: str, listening: socket.socket) -> None:
        self.name = name
        self.socket = listening


class _Client:
    """A connection with what its port needs to keep about it."""

    def __init__(self, name: str, connection: Connection, aligned: bool) -> None:
        self.name = name
        self.connection = connection
        self.gate = FrameGate()
        self.alignment = Alignment(aligned)
        self.line = b""
        self.interest = selectors.EVENT_READ


class LiveServer:
    """Telemetry to all clients of a radio, telecommands from each; a control line of one word and its argument.

    Attributes:
        ports: port number by name (`local`, `relay`, `control`).
        dropped: clients given up because they did not take their telemetry.
    """

    def __init__(self, *, ports: Ports, uplink: Uplink, queued_bytes: Queued, control: Control) -> None:
        """Serve `ports` from the first `wait` on, and own them."""
        self._uplink = uplink
        self._queued_bytes = queued_bytes
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._clients: dict[Connection, _Client] = {}
        self._within_frame: set[str] = set()
        """Radios whose last byte did not end a frame."""
        self.dropped = 0
        self._ports = ports
        self.ports = ports.numbers
        for name, listening in ports.sockets.items():
            self._selector.register(listening, selectors.EVENT_READ, _Listener(name, listening))

    def wait(self, timeout_s: float) -> None:
        """Serve the sockets once: return after the first activity, or after `timeout_s`."""
        self._hurry()
        self._see_interests()
        for key, events in self._selector.select(max(0.0, timeout_s)):
            if isinstance(key.data, _Listener):
                self._accept(key.data)
            else:
                self._serve(key.data, events)

    def broadcast(self, radio: str, data: bytes) -> None:
        """Telemetry to every client of a radio; goes out with the next `wait`."""
        for client in tuple(self._clients.values()):
            if client.name == radio:
                client.connection.queue(client.alignment.take(data))
                self._drop_if_closed(client)
        if data.endswith(b"\x00"):
            self._within_frame.discard(radio)
        elif data:
            self._within_frame.add(radio)

    def fileno(self) -> int:
        """Readable while any of the sockets wants to be served, for those who wait for other things too."""
        return self._selector.fileno()

    def flush(self) -> None:
        """A last attempt to send what is queued."""
        for client in tuple(self._clients.values()):
            if client.connection.wants_to_write:
                client.connection.flush()

    def close(self) -> None:
        """Hang up on everybody."""
        self.flush()
        for client in tuple(self._clients.values()):
            client.connection.close()
        self._ports.close()
        self._selector.close()

    def _accept(self, listener: _Listener) -> None:
        try:
            connected, _ = listener.socket.accept()
        except OSError:  # gone again before we looked
            return
        room = self._has_room(listener.name)
        if not room and listener.name != CONTROL:  # a radio has no words of its own
            connected.close()
            return
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = _Client(listener.name, Connection(connected), listener.name not in self._within_frame)
        self._clients[client.connection] = client
        self._selector.register(connected, client.interest, client)
        if not room:
            self._dismiss(client, TOO_MANY)
            self._drop_if_closed(client)

    def _dismiss(self, client: _Client, reason: str) -> None:
        """Tell a client why it has to go; of those who do not hang up by themselves only the latest are waited for."""
        leaving = [other for other in self._clients.values() if other.connection.leaving]
        for other in leaving[: max(0, len(leaving) + 1 - MAX_CLIENTS)]:
            self._hang_up(other)
        client.connection.queue(reason.encode() + b"\n")
        client.connection.leave()

    def _hurry(self) -> None:
        """Hang up on those who were told to go and did not."""
        for client in tuple(self._clients.values()):
            if client.connection.overdue:
                self._hang_up(client)

    def _hang_up(self, client: _Client) -> None:
        self._forget(client)
        client.connection.close()
        self._drop_if_closed(client)

    def _has_room(self, name: str) -> bool:
        """Of a full port the first client that has gone is given up: behind a full uplink nobody reads that it has."""
        mine = [client for client in self._clients.values() if client.name == name and not client.connection.leaving]
        if len(mine) < MAX_CLIENTS:
            return True
        gone = next((client for client in mine if client.connection.hung_up), None)
        if gone is not None:
            self._hang_up(gone)
        return gone is not None

    def _see_interests(self) -> None:
        """Read only where there is room behind, write only where there is something to write."""
        full = {radio for radio in RADIOS if self._queued_bytes(radio) > MAX_QUEUED_BYTES}
        for client in self._clients.values():
            wanted = (0 if client.name in full else selectors.EVENT_READ) | (
                selectors.EVENT_WRITE if client.connection.wants_to_write else 0
            )
            if wanted != client.interest:
                self._set_interest(client, wanted)

    def _set_interest(self, client: _Client, wanted: int) -> None:
        connected = client.connection.socket
        if not client.interest:
            self._selector.register(connected, wanted, client)
        elif not wanted:
            self._selector.unregister(connected)
        else:
            self._selector.modify(connected, wanted, client)
        client.interest = wanted

    def _serve(self, client: _Client, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            client.connection.flush()
        if events & selectors.EVENT_READ and not client.connection.closed:
            self._received(client, client.connection.read())
        self._drop_if_closed(client)

    def _received(self, client: _Client, data: bytes) -> None:
        if client.name == CONTROL:
            self._lines(client, data)
            return
        passed = client.gate.take(data)
        if passed:
            self._uplink(client.name, passed)

    def _lines(self, client: _Client, data: bytes) -> None:
        if client.connection.leaving:
            return
        *lines, client.line = (client.line + data).split(b"\n")
        for line in lines:
            if len(line) > MAX_LINE_BYTES:
                self._dismiss(client, TOO_LONG)
                return
            answer = self._control(line.decode("ascii", "replace").strip())
            client.connection.queue(answer.encode() + b"\n")
        if len(client.line) > MAX_LINE_BYTES:
            self._dismiss(client, TOO_LONG)

    def _drop_if_closed(self, client: _Client) -> None:
        if not client.connection.closed or self._clients.pop(client.connection, None) is None:
            return
        self._forget(client)
        self.dropped += client.connection.too_slow
        rest = client.gate.end()
        if rest and client.name != CONTROL:
            self._uplink(client.name, rest)

    def _forget(self, client: _Client) -> None:
        """Take a closed socket out of the selector, which knows it by its object."""
        if client.interest:
            client.interest = 0
            self._selector.unregister(client.connection.socket)
