"""The control port of a live rover: whom it turns away hears why, and keeps nobody waiting."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from types import MappingProxyType

import pytest

from ground.errors import GroundError
from sil.live import connection
from sil.live.control import ask
from sil.live.ports import CONTROL, MAX_CLIENTS, RADIOS, Ports
from sil.live.server import MAX_LINE_BYTES, LiveServer

pytestmark = pytest.mark.process

FREE = MappingProxyType(dict.fromkeys((CONTROL, *RADIOS), 0))
TOO_LONG = b"error: line longer than 4096 bytes\n"
TOO_MANY = b"error: too many clients\n"


@pytest.fixture
def server() -> Iterator[LiveServer]:
    """Answers each line with its length."""
    made = LiveServer(
        ports=Ports("127.0.0.1", FREE),
        uplink=lambda *_: None,
        queued_bytes=lambda _: 0,
        control=lambda line: str(len(line)),
    )
    yield made
    made.close()


def connected(server: LiveServer) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.ports[CONTROL]), 5.0)
    server.wait(1.0)
    return client


def said(server: LiveServer, data: bytes, client: socket.socket) -> bytes:
    """All that a client hears which sends this first; it comes to an end, and not by a reset."""
    heard = bytearray()

    def talk() -> None:
        client.sendall(data)
        while part := client.recv(1 << 16):
            heard.extend(part)
        client.close()

    thread = threading.Thread(target=talk)
    thread.start()
    end_s = time.monotonic() + 20.0
    while thread.is_alive() and time.monotonic() < end_s:
        server.wait(0.01)
    thread.join(0.1)
    return bytes(heard)


@pytest.mark.parametrize(
    "data",
    [
        b"x" * (MAX_LINE_BYTES + 1) + b"\n",
        b'inject {"device":"' + b"a" * 100_000 + b'"}\nstatus\n',
        b"x" * 3_000_000,
    ],
)
def test_a_line_too_long_is_told(server: LiveServer, data: bytes) -> None:
    """Whether it ends or not; lines before it are answered, those behind it are not."""
    assert said(server, data, connected(server)) == TOO_LONG
    assert said(server, b"four\n" + data, connected(server)) == b"4\n" + TOO_LONG


def test_the_longest_line_is_taken(server: LiveServer) -> None:
    """One byte less is no error."""
    client = connected(server)
    client.sendall(b"x" * MAX_LINE_BYTES + b"\n")
    for _ in range(3):
        server.wait(0.05)

    assert client.recv(100) == b"4096\n"
    client.close()


def test_a_client_too_many_is_told(server: LiveServer) -> None:
    """Also with 300 that stay although they were told; a place that becomes free is taken again."""
    clients = [connected(server) for _ in range(300)]
    answers: list[str] = []

    def operator() -> None:
        try:
            answers.append(ask("127.0.0.1", server.ports[CONTROL], "status"))
        except GroundError as error:
            answers.append(str(error))

    for _ in range(2):
        thread = threading.Thread(target=operator)
        thread.start()
        while thread.is_alive():
            server.wait(0.01)
        clients[0].close()
        server.wait(0.1)

    assert answers == ["too many clients", "6"]
    assert all(client.recv(100) == TOO_MANY for client in clients[MAX_CLIENTS:])
    for client in clients:
        client.close()


def test_the_latest_who_were_told_are_waited_for(server: LiveServer) -> None:
    """As many as have a place, so that those who stay cost no more than that."""
    clients = [connected(server) for _ in range(2 * MAX_CLIENTS)]
    assert len(server._clients) == 2 * MAX_CLIENTS
    clients += [connected(server) for _ in range(5)]
    assert len(server._clients) == 2 * MAX_CLIENTS
    for client in clients:
        client.close()


def test_who_does_not_go_is_put_out(server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither silence nor endless talk holds a turn of the server up, or keeps a place beyond its time."""
    monkeypatch.setattr(connection, "LEAVE_S", 0.2)
    silent, talking = connected(server), connected(server)
    for client in (silent, talking):
        client.sendall(b"x" * (MAX_LINE_BYTES + 1))
        client.setblocking(False)
    end_s = time.monotonic() + 10.0
    while server._clients and time.monotonic() < end_s:
        with contextlib.suppress(OSError):
            talking.send(b"x" * 1000)
        start_s = time.monotonic()
        server.wait(0.01)
        assert time.monotonic() - start_s < 1.0

    assert not server._clients
    assert silent.recv(100) == TOO_LONG
    for client in (silent, talking):
        client.close()
