"""The air side of an emulated SiK modem on a loopback TCP port: what a second modem would hear and say."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Final

from hal.api.clock import NS_PER_S
from hal.api.config import ConfigError
from sil.live.connection import Connection
from sim_hal.clock import Rank, SimClock
from sim_hal.emulators.sik import PACKET_BYTES, SikModem

HOST: Final = "127.0.0.1"
MOST_CLIENTS: Final = 8


class AirPort:
    """Implements `sil.emulate.realtime.Port`; owns the modem.

    All clients hear everything.  What they send waits in their sockets until the air is free, packet after packet.
    """

    def __init__(self, clock: SimClock, port: int, *, baud: int, rssi_dbm: float) -> None:
        """Listen on `port`, 0 for any free one; `baud` is that of the modem's serial side.

        Raises:
            ConfigError: the port is taken.
        """
        self._clock = clock
        self.modem = SikModem(clock, self._hear, baud=baud, rssi_dbm=rssi_dbm)
        try:
            self._listening = socket.create_server((HOST, port))
        except OSError as error:
            raise ConfigError(f"--port {port}", f"cannot be listened on: {error.strerror or error}") from None
        self._listening.setblocking(False)
        self.port = int(self._listening.getsockname()[1])
        self._clients: dict[int, Connection] = {}
        self._free_ns = 0
        """When the packet that is on its way down to the modem has arrived."""

    def filenos(self) -> Sequence[int]:
        """The listener, and while the air is free every client."""
        busy = self._clock.now_ns() < self._free_ns
        return (self._listening.fileno(),) if busy else (self._listening.fileno(), *self._clients)

    def serve(self, fileno: int) -> None:
        """Somebody comes, or has something for the modem."""
        if fileno == self._listening.fileno():
            self._accept()
        elif fileno in self._clients and self._clock.now_ns() >= self._free_ns:
            self._send(self._clients[fileno].read(PACKET_BYTES))
            self._forget_closed()

    def next_ns(self) -> int | None:
        """When the air is free again."""
        return self._free_ns if self._free_ns > self._clock.now_ns() else None

    def flush(self) -> None:
        """What the modem has sent goes out to the clients."""
        for client in self._clients.values():
            if client.wants_to_write:
                client.flush()
        self._forget_closed()

    def close(self) -> None:
        """Hang up on everybody."""
        self.flush()
        for client in self._clients.values():
            client.close()
        self._listening.close()

    def _accept(self) -> None:
        try:
            connected, _ = self._listening.accept()
        except OSError:
            return  # it has gone again
        if len(self._clients) >= MOST_CLIENTS:
            connected.close()
            return
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[connected.fileno()] = Connection(connected)

    def _send(self, data: bytes) -> None:
        """One packet to the modem, which takes its time on the air."""
        if data:
            air_ns = round(len(data) * 8 * NS_PER_S / self.modem.commands.air_bit_s)
            self._free_ns = self._clock.now_ns() + air_ns
            self._clock.at(self._free_ns, Rank.BYTES, lambda: self.modem.from_air(data))

    def _hear(self, data: bytes) -> None:
        for client in self._clients.values():
            client.queue(data)

    def _forget_closed(self) -> None:
        self._clients = {fileno: client for fileno, client in self._clients.items() if not client.closed}
