"""Emulated chips for other processes: I2C buses and GPIO chips behind a Unix socket, for `hal.buses.emu`."""

from __future__ import annotations

import contextlib
import selectors
import socket
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hal.buses.api import BusError, BusNak, BusTimeout, I2cBus
from hal.buses.emu_protocol import HEAD, MOST, Kind, Request, Status, decode_request, encode_answer, frame, take_frame
from sim_hal.buses.gpio import GpioPins
from sim_hal.buses.i2c import I2cWires

MOST_CLIENTS: Final = 16
MOST_UNREAD: Final = 16 * MOST
"""Answers that a client does not fetch, bytes; then it is dropped."""
OWNER_ONLY: Final = 0o600


class InstantI2c:
    """Simulated wires whose transfers take no time of their own; implements `hal.buses.api.I2cBus`.

    For a server on real time: the socket has taken longer than the wires would.  A stuck bus times out at once.
    """

    def __init__(self, wires: I2cWires, now_ns: Callable[[], int]) -> None:
        self._wires = wires
        self._now_ns = now_ns
        self.name = wires.name

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        wires = self._wires
        if wires.stuck:
            raise BusTimeout(self.name, "the clock line is held down")
        chip = wires.chips.get(address)
        read = None if chip is None else chip.transfer(written, read_size, self._now_ns())
        if read is not None and wires.fault is not None:
            read = wires.fault(address, read)
        if read is None:
            raise BusNak(self.name, f"no answer at {address:#04x}")
        return read


class _Client:
    """A connection: what has come, what has not gone yet, the GPIO chips on which it drives lines."""

    __slots__ = ("drives", "incoming", "line", "outgoing")

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.drives: set[str] = set()


class ChipServer:
    """Never blocks but in `poll`.  Any transfer's time is for the bus that the caller gives to model.

    A client that sends what is no request is dropped.  Lines go to their pull resistors when the last client that
    drove any of that chip has gone, as they do when a computer loses power, unless the kernel `keeps` their levels.
    """

    def __init__(
        self, path: Path, i2c: Mapping[str, I2cBus], gpio: Mapping[str, GpioPins], *, keeps: bool = False
    ) -> None:
        """Listen at `path`, for this user only; what a dead server left there is removed.

        Raises:
            OSError: the path cannot be used, or a server is there already.
        """
        self._path = path
        self._i2c = i2c
        self._gpio = gpio
        self._keeps = keeps
        self._clients: dict[int, _Client] = {}
        self._selector = selectors.DefaultSelector()
        self._listener = _listen(path)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self.dropped = 0
        """Clients that sent what is no request, or did not fetch their answers."""

    def filenos(self) -> tuple[int, ...]:
        """What to wait for before `poll(0.0)`."""
        return (self._listener.fileno(), *self._clients)

    def poll(self, timeout_s: float) -> int:
        """Serve what has come, waiting up to `timeout_s` for the first of it; returns how many events there were."""
        events = self._selector.select(timeout_s)
        for key, mask in events:
            client = self._clients.get(key.fd)
            if client is None:
                self._accept()
            else:
                self._serve(client, mask)
        return len(events)

    def close(self) -> None:
        """Drop everybody and remove the socket; legal at any time."""
        for client in list(self._clients.values()):
            self._drop(client)
        self._selector.close()
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    def _accept(self) -> None:
        try:
            line, _ = self._listener.accept()
        except OSError:
            return  # it has gone again
        if len(self._clients) >= MOST_CLIENTS:
            line.close()
            return
        line.setblocking(False)
        self._clients[line.fileno()] = _Client(line)
        self._selector.register(line, selectors.EVENT_READ)

    def _serve(self, client: _Client, mask: int) -> None:
        try:
            if mask & selectors.EVENT_READ:
                read = client.line.recv(4096)
                if not read:
                    self._drop(client)
                    return
                client.incoming += read
                self._answer_all(client)
            self._flush(client)
        except (OSError, ValueError):
            self.dropped += 1
            self._drop(client)

    def _answer_all(self, client: _Client) -> None:
        while (body := take_frame(client.incoming)) is not None:
            client.outgoing += frame(self._answer(client, decode_request(body)))
        if len(client.outgoing) > MOST_UNREAD or len(client.incoming) > HEAD + MOST:
            raise ValueError("answers are not fetched")

    def _answer(self, client: _Client, request: Request) -> bytes:
        try:
            if request.kind is Kind.TRANSFER:
                bus = self._i2c.get(request.bus)
                if bus is not None:
                    return encode_answer(Status.DONE, bus.transfer(request.number, request.written, request.read_size))
            else:
                pins = self._gpio.get(request.bus)
                if pins is not None and not pins.unplugged:
                    return encode_answer(Status.DONE, self._line(client, pins, request))
        except BusError as error:
            kinds = {BusNak: Status.NAK, BusTimeout: Status.TIMEOUT}
            return encode_answer(kinds.get(type(error), Status.LOST), error.detail.encode())
        known = ", ".join(self._i2c if request.kind is Kind.TRANSFER else self._gpio) or "none"
        return encode_answer(Status.LOST, f"no bus {request.bus!r} here (have {known})".encode())

    @staticmethod
    def _line(client: _Client, pins: GpioPins, request: Request) -> bytes:
        if request.kind is Kind.LEVEL:
            return bytes((pins.level(request.number),))
        client.drives.add(request.bus)
        pins.drive(request.number, request.high)
        return b""

    def _flush(self, client: _Client) -> None:
        if client.outgoing:
            with contextlib.suppress(BlockingIOError):
                sent = client.line.send(client.outgoing)
                del client.outgoing[:sent]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.outgoing else 0)
        self._selector.modify(client.line, wanted)

    def _drop(self, client: _Client) -> None:
        self._selector.unregister(client.line)
        del self._clients[client.line.fileno()]
        client.line.close()
        if self._keeps:
            return
        still = {name for other in self._clients.values() for name in other.drives}
        for name in client.drives - still:
            self._gpio[name].release()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        listener.bind(str(path))
        path.chmod(OWNER_ONLY)  # nobody can connect before `listen`
        listener.listen(MOST_CLIENTS)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _clear(path: Path) -> None:
    """Remove the socket of a server that is dead; leave anything else for `bind` to complain of."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
