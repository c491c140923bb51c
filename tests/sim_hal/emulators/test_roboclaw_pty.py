"""The emulator behind a pseudo-terminal: bytes take their time, clients come and go."""

from __future__ import annotations

import os
import select
import tty
from collections.abc import Iterator

import pytest

from hal.api.clock import NS_PER_MS
from sim_hal.emulators.pty_server import PtyServer
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from tests.fakes.context import FakeClock

pytestmark = pytest.mark.process

BYTE_NS = 86_805
BATTERY = bytes.fromhex("8018")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[PtyServer]:
    with PtyServer(RoboclawBus([RoboclawUnit(0x80)]), 115_200, clock) as found:
        yield found


class Client:
    """A program that opens the device file."""

    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.file)

    def has_bytes(self, timeout_s: float = 0.0) -> bool:
        return bool(select.select([self.file], [], [], timeout_s)[0])

    def close(self) -> None:
        os.close(self.file)


def test_an_answer_takes_its_time_on_the_wire(server: PtyServer, clock: FakeClock) -> None:
    """Two bytes there, a millisecond, four bytes back; not a moment sooner."""
    client = Client(server.path)
    os.write(client.file, BATTERY)
    server.poll(5.0)
    whole_ns = 6 * BYTE_NS + NS_PER_MS
    for part_ns in (2 * BYTE_NS, whole_ns - 2 * BYTE_NS - 1):
        clock.sleep_until_ns(clock.now_ns() + part_ns)
        server.poll(0.0)
        assert not client.has_bytes()
    clock.sleep_until_ns(clock.now_ns() + 1)
    server.poll(0.0)
    assert client.has_bytes(5.0)
    assert os.read(client.file, 100)[:2] == b"\x00\x94"
    client.close()


def test_clients_come_and_go(server: PtyServer, clock: FakeClock) -> None:
    """The chip keeps its state while nobody has the file open."""
    for _ in range(3):
        client = Client(server.path)
        os.write(client.file, BATTERY)
        server.poll(5.0)
        for _ in range(3):
            clock.sleep_until_ns(clock.now_ns() + 2 * NS_PER_MS)
            server.poll(0.0)
        assert client.has_bytes(5.0)
        assert len(os.read(client.file, 100)) == 4
        client.close()
        server.poll(0.0)


def test_a_client_that_does_not_read_loses_bytes_and_stops_nobody(server: PtyServer, clock: FakeClock) -> None:
    """The terminal's buffer is finite; the server counts what found no room."""
    client = Client(server.path)
    for _ in range(3_000):
        os.write(client.file, bytes.fromhex("8015") * 8)
        server.poll(5.0)
        clock.sleep_until_ns(clock.now_ns() + 40 * NS_PER_MS)
        server.poll(0.0)
        if server.lost_bytes:
            break
    assert server.lost_bytes > 0
    client.close()
