"""Opening the pipes behind links: a TCP connection, or a serial port held by this program alone."""

from __future__ import annotations

import errno
import os
import select
import socket
import termios
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ground.errors import GroundError
from sil.live.link_url import LinkUrl, SerialUrl, TcpUrl
from sil.live.links import Link
from sil.live.ports import RADIOS

CONNECT_S: Final = 3.0
READ_BYTES: Final = 1 << 16
LINK_RADIO: Final = "local"
"""A link stands in for the rover's direct radio."""
_KEEP_ALIVE: Final = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 25_000))
"""A peer that lost its power says nothing: it is missed after 25 s, silent or sent to (s, s, times, ms)."""
_IN_USE: Final = "in use by another program"
_REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {
        errno.ENOENT: "no such device",
        errno.ENXIO: "no such device",
        errno.ENODEV: "no such device",
        errno.EACCES: "permission denied; add yourself to group dialout",
        errno.EPERM: "permission denied; add yourself to group dialout",
        errno.EBUSY: _IN_USE,
        errno.EWOULDBLOCK: _IN_USE,
        errno.ENOTTY: "not a serial port",
        errno.EISDIR: "not a serial port",
    }
)


class SocketPipe:
    """A connected socket."""

    def __init__(self, connected: socket.socket, name: str, ended: str) -> None:
        """Own the socket; see `Pipe` for the texts."""
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setblocking(False)
        self.name = name
        self.ended = ended
        self._socket = connected

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def receive(self) -> bytes:
        """See `Pipe`."""
        return self._socket.recv(READ_BYTES)

    def send(self, data: bytes) -> int:
        """See `Pipe`."""
        return self._socket.send(data)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class SerialPipe:
    """A serial port, 8N1 without flow control, locked against other programs that ask.

    A radio's modem may listen for "+++" with a second of silence before and after, its way into command mode. Nothing
    is done about that here because nothing can come of it: a zero byte stands before and behind every frame sent.
    """

    def __init__(self, url: SerialUrl) -> None:
        """Open the port.

        Raises:
            OSError: no such device, not allowed, busy, or not a serial port.
            ValueError: the port cannot run at this rate.
        """
        import serial  # only the few who have a port need it

        self.name = str(url)
        self.ended = f"{url}: the port is gone; was it unplugged?"
        self._port = serial.Serial(url.path, url.baud, timeout=0, write_timeout=0, exclusive=True)

    def fileno(self) -> int:
        """For `select`."""
        return int(self._port.fileno())

    def receive(self) -> bytes:
        """See `Pipe`.  A port gives nothing both when nothing has come and when it is gone; only then it is hung up."""
        data = os.read(self.fileno(), READ_BYTES)
        if data or self._hung_up():
            return data
        raise BlockingIOError(errno.EAGAIN, "nothing has come")

    def send(self, data: bytes) -> int:
        """See `Pipe`."""
        return os.write(self.fileno(), data)

    def close(self) -> None:
        """Give the port back."""
        self._port.close()

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self.fileno(), 0)
        return bool(poll.poll(0))


def open_link(url: LinkUrl) -> Link:
    """Return an open link.

    Raises:
        GroundError: it cannot be opened; one line with URL and reason.
    """
    try:
        return Link(SerialPipe(url) if isinstance(url, SerialUrl) else _connected(url))
    except (OSError, ValueError, termios.error) as error:
        raise GroundError(f"{url}: {refusal(url, error)}") from None


def refusal(url: LinkUrl, error: Exception) -> str:
    """Return in a few words why a port could not be opened, or a server not be reached."""
    number, text = getattr(error, "errno", None), str(getattr(error, "strerror", None) or error)
    if isinstance(url, TcpUrl):
        return f"no answer within {CONNECT_S:g} s" if isinstance(error, TimeoutError) else text
    if number is None and "ioctl" in text:  # pyserial hands a failed tcgetattr on as its text
        number = errno.ENOTTY
    return _REASONS.get(number or 0, text)


def live_links(host: str, port: int) -> dict[str, Link]:
    """Return the links to both radios of a live rover; `port` is its control port, the radios are the next two.

    Raises:
        GroundError: nobody listens there; it names the port that the operator gave, not that of one radio.
    """
    links: dict[str, Link] = {}
    for offset, radio in enumerate(RADIOS, 1):
        try:
            connected = socket.create_connection((host, port + offset), CONNECT_S)
        except OSError as error:
            for link in links.values():
                link.close()
            raise no_rover(host, port, error) from None
        links[radio] = Link(SocketPipe(connected, "the live rover", "the live rover hung up"))
    return links


def no_rover(host: str, port: int, error: OSError) -> GroundError:
    """What to say where nobody listens; `port` is the one that the operator gave."""
    return GroundError(f"no live rover at {host}:{port} ({error.strerror or error}); start one with: rahi live")


def _connected(url: TcpUrl) -> SocketPipe:
    connected = socket.create_connection((url.host, url.port), CONNECT_S)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE:
        if hasattr(socket, name):  # not every system has a say in it
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return SocketPipe(connected, str(url), f"{url}: the other end hung up")
