"""The places of a live radio's port: who has gone does not keep one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import MappingProxyType

import pytest

from sil.live.ports import CONTROL, MAX_CLIENTS, RADIOS, Ports
from sil.live.server import MAX_QUEUED_BYTES, LiveServer

pytestmark = pytest.mark.process

FREE = MappingProxyType(dict.fromkeys((CONTROL, *RADIOS), 0))


@pytest.fixture
def full() -> Iterator[LiveServer]:
    """A server whose radios have as much to send as they take: their clients are not read."""
    made = LiveServer(
        ports=Ports("127.0.0.1", FREE),
        uplink=lambda *_: None,
        queued_bytes=lambda _: MAX_QUEUED_BYTES + 1,
        control=lambda line: line,
    )
    yield made
    made.close()


def connected(server: LiveServer) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.ports["local"]), 5.0)
    server.wait(1.0)
    return client


def hears(server: LiveServer, client: socket.socket) -> bool:
    server.broadcast("local", b"\x02x\x00")
    for _ in range(3):
        server.wait(0.05)
    client.settimeout(5.0)
    try:
        return client.recv(10) == b"\x02x\x00"
    except ConnectionError:
        return False


def test_a_client_that_has_gone_leaves_its_place_behind_a_full_uplink(full: LiveServer) -> None:
    """Whether it hung up with something unread or not; those who live keep theirs, and no more than there are."""
    clients = [connected(full) for _ in range(MAX_CLIENTS)]
    refused = connected(full)
    assert not hears(full, refused)
    clients[3].sendall(b"\x02a\x00\x02b")
    clients[3].close()
    late = connected(full)
    assert hears(full, late)
    one_more = connected(full)
    assert not hears(full, one_more)
    assert all(client.recv(10) for client in clients if client.fileno() >= 0)
    for client in (*clients, refused, late, one_more):
        client.close()
