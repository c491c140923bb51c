"""Real serial ports over pseudo-terminals and sockets: bytes, deadlines, and every way of being gone."""

from __future__ import annotations

import errno
import os
import socket
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.buses.api import BusLost, BusTimeout, SerialBus
from hal.buses.serial_port import SerialPort, open_serial, reason_of
from hal.buses.url import parse_url

pytestmark = pytest.mark.process


class RealClock:
    """Implements `Clock`; `skipped_ns` lets a test pass a back-off without waiting for it."""

    def __init__(self) -> None:
        self.skipped_ns = 0

    def now_ns(self) -> int:
        return time.monotonic_ns() + self.skipped_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        time.sleep(max(0, deadline_ns - self.now_ns()) / NS_PER_S)


class Cable:
    """A pseudo-terminal behind a name that can be unplugged and plugged in again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master = -1
        self.plug()

    def plug(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))

    def unplug(self) -> None:
        if self.master >= 0:
            os.close(self.master)
            os.close(self._slave)
            self.master = -1
            self.path.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        return f"serial://{self.path}?baud=57600"


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path / "ttyUSB0")
    yield cable
    cable.unplug()


@pytest.fixture
def clock() -> RealClock:
    return RealClock()


def opened(url: str, clock: RealClock) -> SerialPort:
    port = open_serial("uart", parse_url(url), clock)
    assert isinstance(port, SerialPort)
    return port


def soon(clock: RealClock, ms: float = 2_000.0) -> int:
    return clock.now_ns() + round(ms * NS_PER_MS)


ALL_BYTES = bytes(range(256))


def test_every_byte_passes_both_ways(cable: Cable, clock: RealClock) -> None:
    """Raw: no end of line, no flow control, no signal character."""
    port: SerialBus = opened(cable.url, clock)
    assert port.byte_ns == 173_611
    port.write(ALL_BYTES)
    assert os.read(cable.master, 1000) == ALL_BYTES
    os.write(cable.master, ALL_BYTES)
    assert port.read(100, soon(clock)) + port.read(156, soon(clock)) == ALL_BYTES


def test_a_read_ends_at_its_deadline_or_when_it_is_full(cable: Cable, clock: RealClock) -> None:
    """With what there is; a deadline that has passed takes what has come."""
    port = opened(cable.url, clock)
    os.write(cable.master, b"abc")
    start_ns = clock.now_ns()
    assert port.read(3, start_ns + 10 * NS_PER_S) == b"abc"
    assert clock.now_ns() - start_ns < NS_PER_S
    os.write(cable.master, b"de")
    start_ns = clock.now_ns()
    assert port.read(3, start_ns + 30 * NS_PER_MS) == b"de"
    assert clock.now_ns() - start_ns >= 30 * NS_PER_MS
    assert port.read(3, 0) == b""
    os.write(cable.master, b"f")
    while not (data := port.read(3, 0)):
        assert clock.now_ns() - start_ns < 5 * NS_PER_S
    assert data == b"f"


def test_dropped_bytes_are_counted(cable: Cable, clock: RealClock) -> None:
    """And gone."""
    port = opened(cable.url, clock)
    os.write(cable.master, b"stale")
    assert port.read(1, soon(clock)) == b"s"
    assert port.drop_input() == 4
    assert port.drop_input() == 0


def test_a_port_is_opened_by_one_program_only(cable: Cable, clock: RealClock) -> None:
    """The second one is told; after the first has closed it may."""
    port = opened(cable.url, clock)
    with pytest.raises(BusLost, match="uart: in use by another program"):
        opened(cable.url, clock).write(b"x")
    port.close()
    opened(cable.url, clock).close()


def test_a_port_that_is_not_there_is_told(tmp_path: Path, clock: RealClock) -> None:
    """By the name of its bus, at the first use: a rover flies with half its hardware."""
    port = opened(f"serial://{tmp_path}/ttyUSB7", clock)
    with pytest.raises(BusLost, match="uart: no such device"):
        port.read(1, 0)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.EACCES, "permission denied"),
        (errno.EBUSY, "in use"),
        (errno.EIO, "unplugged"),
        (errno.EINVAL, "Invalid argument"),
    ],
)
def test_reasons_are_an_operator_s_words(number: int, text: str) -> None:
    """What the system says in numbers."""
    assert text in reason_of(OSError(number, os.strerror(number)))


def test_unplugged_is_lost_at_once_and_comes_back(cable: Cable, clock: RealClock) -> None:
    """While it is gone no call waits; plugged in again it works after the back-off."""
    port = opened(cable.url, clock)
    cable.unplug()
    with pytest.raises(BusLost, match="unplugged"):
        port.read(1, soon(clock))
    start_ns = clock.now_ns()
    for call in (lambda: port.read(1, soon(clock)), lambda: port.write(b"x"), port.drop_input):
        with pytest.raises(BusLost):
            call()
    clock.skipped_ns += NS_PER_S
    with pytest.raises(BusLost, match="no such device"):
        port.write(b"x")
    assert clock.now_ns() - start_ns - NS_PER_S < NS_PER_S
    cable.plug()
    clock.skipped_ns += 2 * NS_PER_S
    port.write(b"again")
    assert os.read(cable.master, 100) == b"again"


def test_writing_to_an_unplugged_port_is_lost(cable: Cable, clock: RealClock) -> None:
    """Whichever call notices first."""
    port = opened(cable.url, clock)
    cable.unplug()
    with pytest.raises(BusLost):
        port.write(b"x")


def test_a_write_that_nobody_takes_is_a_timeout(cable: Cable, clock: RealClock) -> None:
    """The kernel's buffer is full: 20 ms, then an error, and the port is still good."""
    port = opened(cable.url, clock)
    start_ns = clock.now_ns()
    with pytest.raises(BusTimeout, match="bytes were not taken"):
        port.write(bytes(1_000_000))
    assert clock.now_ns() - start_ns < NS_PER_S
    while os.read(cable.master, 65_536):
        if port_has_room(port):
            break


def port_has_room(port: SerialPort) -> bool:
    try:
        port.write(b"x")
    except BusTimeout:
        return False
    return True


def test_a_tcp_connection_stands_for_a_line(clock: RealClock) -> None:
    """Bytes both ways; a server that ends is lost, one that is back is connected to again."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        port = opened(f"socket://127.0.0.1:{number}?baud=115200", clock)
        other, _ = server.accept()
        port.write(b"ping")
        assert other.recv(100) == b"ping"
        other.sendall(b"pong")
        assert port.read(4, soon(clock)) == b"pong"
        other.close()
        with pytest.raises(BusLost, match="closed"):
            port.read(1, soon(clock))
        clock.skipped_ns += NS_PER_S
        port.write(b"hello")
        other, _ = server.accept()
        assert other.recv(100) == b"hello"
        other.close()
        port.close()


def test_nobody_listening_is_told(clock: RealClock) -> None:
    """At the first use."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    with pytest.raises(BusLost, match="nobody listens"):
        opened(f"socket://127.0.0.1:{number}", clock).write(b"x")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("serial://ttyAMA0", "expected a device"),
        ("serial:///dev/ttyAMA0?baud=fast", "whole number"),
        ("serial:///dev/ttyAMA0?parity=e", "unknown key 'parity'"),
        ("socket://127.0.0.1", "expected an address"),
        ("socket://127.0.0.1:99/path", "expected an address"),
    ],
)
def test_a_wrong_url_is_refused_in_one_line(url: str, text: str, clock: RealClock) -> None:
    """Before anything is opened."""
    with pytest.raises(ValueError, match=text):
        opened(url, clock)
