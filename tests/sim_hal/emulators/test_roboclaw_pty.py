"""The emulator behind a pseudo-terminal: bytes take their time, clients come and go."""

from __future__ import annotations

import os
import select
import tty
from collections.abc import Iterator
from contextlib import suppress

import pytest

from hal.api.clock import NS_PER_MS
from sil.emulate.pty_line import PtyLine
from sim_hal.buses.serial import SerialLine
from sim_hal.clock import SimClock
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_unit import RoboclawUnit

pytestmark = pytest.mark.process

BYTE_NS = 86_805
BATTERY = bytes.fromhex("8018")


class Server:
    """A chip at the end of a terminal, its time told by the test."""

    def __init__(self) -> None:
        self._clock = SimClock()
        self.line = SerialLine(self._clock, "motors", 115_200, RoboclawBus([RoboclawUnit(0x80)]))
        self.terminal = PtyLine(self.line, self._clock)

    def take(self) -> None:
        """What the client has written goes on the wire now."""
        (fileno,) = self.terminal.filenos()
        assert select.select([fileno], [], [], 5.0)[0]
        self.terminal.serve(fileno)

    def pass_ns(self, span_ns: int) -> None:
        self._clock.advance_to(self._clock.now_ns() + span_ns)
        self.terminal.flush()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.terminal.close()


class Client:
    """A program that opens the device file."""

    def __init__(self, server: Server) -> None:
        self.file = os.open(server.terminal.path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.file)

    def has_bytes(self, timeout_s: float = 0.0) -> bool:
        return bool(select.select([self.file], [], [], timeout_s)[0])

    def close(self) -> None:
        os.close(self.file)


def test_an_answer_takes_its_time_on_the_wire(server: Server) -> None:
    """Two bytes there, a millisecond, four bytes back; not a moment sooner."""
    client = Client(server)
    os.write(client.file, BATTERY)
    server.take()
    whole_ns = 6 * BYTE_NS + NS_PER_MS
    for part_ns in (2 * BYTE_NS, whole_ns - 2 * BYTE_NS - 1):
        server.pass_ns(part_ns)
        assert not client.has_bytes()
    server.pass_ns(1)
    assert client.has_bytes(5.0)
    assert os.read(client.file, 100)[:2] == b"\x00\x94"
    client.close()


def test_the_terminal_says_when_it_has_something_to_do(server: Server) -> None:
    """The end of the request, then the end of the answer, then nothing."""
    assert server.terminal.next_ns() is None
    client = Client(server)
    os.write(client.file, BATTERY)
    server.take()
    assert server.terminal.next_ns() == 2 * BYTE_NS
    server.pass_ns(2 * BYTE_NS)
    assert server.terminal.next_ns() == 6 * BYTE_NS + NS_PER_MS
    server.pass_ns(4 * BYTE_NS + NS_PER_MS)
    assert server.terminal.next_ns() is None
    client.close()


def test_clients_come_and_go(server: Server) -> None:
    """The chip keeps its state while nobody has the file open."""
    for _ in range(3):
        client = Client(server)
        os.write(client.file, BATTERY)
        server.take()
        for _ in range(3):
            server.pass_ns(2 * NS_PER_MS)
        assert client.has_bytes(5.0)
        assert len(os.read(client.file, 100)) == 4
        client.close()


def test_a_client_that_does_not_read_loses_bytes_and_stops_nobody(server: Server) -> None:
    """The terminal's buffer is finite; what found no room is counted."""
    client = Client(server)
    for _ in range(3_000):
        os.write(client.file, bytes.fromhex("8015") * 8)
        server.take()
        server.pass_ns(40 * NS_PER_MS)
        if server.terminal.lost_bytes:
            break
    assert server.terminal.lost_bytes > 0
    client.close()


def test_a_client_that_floods_waits_as_on_a_real_port(server: Server) -> None:
    """What it writes beyond the transmit buffer stays with it, and goes on as the wire empties."""
    client = Client(server)
    os.set_blocking(client.file, False)
    for _ in range(100):
        with suppress(BlockingIOError):
            os.write(client.file, BATTERY * 500)
        if not server.terminal.filenos():
            break
        server.take()
    assert server.terminal.filenos() == ()
    assert server.line.unsent_bytes <= 2 * 4096
    server.pass_ns(8192 * BYTE_NS)
    assert server.terminal.filenos() != ()
    client.close()


def test_a_client_that_asks_for_more_than_the_line_can_answer_loses_answers(server: Server) -> None:
    """Two bytes ask for fifty; what waits to be answered has an end, and the loss is counted."""
    for _ in range(20):
        server.line.send(bytes.fromhex("8015") * 256)
        server.pass_ns(512 * BYTE_NS)
    assert server.line.dropped_bytes > 0
    server.pass_ns(4096 * 60 * BYTE_NS)
    assert server.terminal.next_ns() is None
