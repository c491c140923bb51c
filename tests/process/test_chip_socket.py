"""Emulated chips behind a real socket: the port that drivers use, real drivers over it, and hostile clients."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.errors import NotReady
from hal.api.wiring import LineWiring, MonitorWiring, SwitchesWiring
from hal.buses.api import BusLost, BusNak, BusTimeout
from hal.buses.emu import EmuGpio, EmuI2c, open_emu_gpio, open_emu_i2c
from hal.buses.emu_protocol import encode_transfer, frame
from hal.buses.url import parse_url
from hal.drivers.gpio_switches import GpioSwitches
from hal.drivers.power_monitors import Ina260Monitor
from sim_hal.buses.gpio import GpioPins
from sim_hal.buses.i2c import I2cWires
from sim_hal.emulators.ina260 import Ina260Chip
from sim_hal.emulators.socket_server import ChipServer, InstantI2c
from sim_hal.emulators.tmp117 import Tmp117Chip

pytestmark = pytest.mark.process

DEADLINE_S = 20.0


class WallClock:
    """Real time from the start of the test."""

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        return time.monotonic_ns() - self._start_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        time.sleep(max(0, deadline_ns - self.now_ns()) / NS_PER_S)


class Bench:
    """A server on a thread of its own, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "chips.sock"
        self.clock = WallClock()
        self.wires = I2cWires("main", 400_000)
        self.wires.chips[0x48] = Tmp117Chip(lambda: 20.0)
        self.wires.chips[0x45] = Ina260Chip(lambda: 14.8, lambda: 1.25)
        self.pins = GpioPins("lines")
        self.pins.connect(23, False, lambda high: None)
        self.server: ChipServer | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.start()

    def start(self) -> None:
        self._stop.clear()
        buses = {"main": InstantI2c(self.wires, self.clock.now_ns)}
        server = self.server = ChipServer(self.path, buses, {"lines": self.pins})
        self._thread = threading.Thread(target=self._run, args=(server,))
        self._thread.start()

    def _run(self, server: ChipServer) -> None:
        while not self._stop.is_set():
            server.poll(0.01)
        server.close()

    def stop(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join(DEADLINE_S)
            self._thread = None

    def i2c(self, query: str = "bus=main&timeout_ms=1000") -> EmuI2c:
        return open_emu_i2c("i2c1", parse_url(f"emu://{self.path}?{query}"), self.clock)

    def gpio(self) -> EmuGpio:
        return open_emu_gpio("gpio", parse_url(f"emu://{self.path}?bus=lines&timeout_ms=1000"), self.clock)

    def until(self, what: str, true: object) -> None:
        """Wait for something that the server does by and by."""
        end_s = time.monotonic() + DEADLINE_S
        while not true():  # type: ignore[operator]  # a question
            assert time.monotonic() < end_s, what
            time.sleep(0.002)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.stop()


def test_transfers_go_there_and_back(bench: Bench) -> None:
    """Bytes as from the chip; nobody at another address."""
    bus = bench.i2c()
    assert bus.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    assert bus.transfer(0x48, b"\x01\x04\x20", 0) == b""
    assert bus.transfer(0x48, b"\x01", 2) == b"\x04\x20"
    with pytest.raises(BusNak, match="i2c1: no answer at 0x10"):
        bus.transfer(0x10, b"\x00", 1)
    bench.wires.stuck = True
    with pytest.raises(BusTimeout, match="held down"):
        bus.transfer(0x48, b"\x0f", 2)
    bench.wires.stuck = False
    assert bus.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    bus.close()


def test_a_bus_that_the_server_does_not_have_is_named(bench: Bench) -> None:
    """With those that it has."""
    bus = bench.i2c("bus=other&timeout_ms=1000")
    with pytest.raises(BusLost, match=r"no bus 'other' here \(have main\)"):
        bus.transfer(0x48, b"\x0f", 2)
    bus.close()


def test_the_socket_is_its_owners_alone(bench: Bench) -> None:
    """Nobody else may move a rover."""
    assert bench.path.stat().st_mode & 0o777 == 0o600


def test_a_real_driver_reads_a_real_value_over_it(bench: Bench) -> None:
    """An INA260 from set-up to its first conversion, in real time."""
    bus = bench.i2c()
    monitor = Ina260Monitor(bus, MonitorWiring(bus="i2c1", address=0x45), bench.clock)
    with pytest.raises(NotReady):
        monitor.read()
    bench.clock.sleep_until_ns(bench.clock.now_ns() + 320 * NS_PER_MS)
    reading = monitor.read()
    assert (reading.bus_voltage_v, reading.battery_current_a) == pytest.approx((14.8, 1.25))
    bus.close()


def test_lines_follow_and_float_back_when_their_driver_dies(bench: Bench) -> None:
    """Switches over the socket; a connection that ends is a computer without power."""
    gpio = bench.gpio()
    wiring = SwitchesWiring(bus="gpio", max_hold_s=60.0, lines={"motors": LineWiring(line=23)})
    bank = GpioSwitches(gpio, wiring, bench.clock, "loads")
    bank.set("motors", True, 30 * NS_PER_S)
    assert bank.is_on("motors")
    assert bench.pins.level(23)
    gpio.close()
    bench.until("the line floats back", lambda: not bench.pins.level(23))


def test_another_client_does_not_release_lines(bench: Bench) -> None:
    """They go back with the last one that drove any."""
    first, second = bench.gpio(), bench.gpio()
    first.claim(23, True)
    second.claim(24, True)
    second.close()
    reader = bench.i2c()
    for _ in range(3):  # by then the server has seen the other one go
        reader.transfer(0x48, b"\x0f", 2)
    assert first.get(23)
    for port in (first, reader):
        port.close()


def test_a_dead_server_is_a_lost_bus_until_it_is_back(bench: Bench) -> None:
    """Lost at once, left alone for a while, found again without being opened anew."""
    bus = bench.i2c()
    bus.transfer(0x48, b"\x0f", 2)
    bench.stop()
    with pytest.raises(BusLost):
        bus.transfer(0x48, b"\x0f", 2)
    start_ns = bench.clock.now_ns()
    with pytest.raises(BusLost, match="next try in"):
        bus.transfer(0x48, b"\x0f", 2)
    assert bench.clock.now_ns() - start_ns < NS_PER_S
    bench.start()
    bench.clock.sleep_until_ns(bench.clock.now_ns() + 300 * NS_PER_MS)
    assert bus.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    bus.close()


def test_a_server_that_hangs_costs_one_timeout(tmp_path: Path) -> None:
    """It accepts and says nothing; afterwards the connection is given up, so that a late answer confuses nobody."""
    path = tmp_path / "deaf.sock"
    clock = WallClock()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        bus = open_emu_i2c("i2c1", parse_url(f"emu://{path}?bus=main&timeout_ms=30"), clock)
        start_ns = clock.now_ns()
        with pytest.raises(BusTimeout, match="no answer within 30 ms"):
            bus.transfer(0x48, b"\x0f", 2)
        assert clock.now_ns() - start_ns >= 30 * NS_PER_MS
        with pytest.raises(BusLost, match="next try in"):
            bus.transfer(0x48, b"\x0f", 2)


@pytest.mark.parametrize("answer", [b"\x00\x00", b"\xff\xff", b"\x00\x01\x09", b"\x00\x01\x00\x00\x01\x00"])
def test_a_server_that_talks_nonsense_is_lost(tmp_path: Path, answer: bytes) -> None:
    """No length, one too long, no status, two answers for one."""
    path = tmp_path / "odd.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        bus = open_emu_i2c("i2c1", parse_url(f"emu://{path}?bus=main&timeout_ms=1000"), WallClock())

        def talk() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(100)
                line.sendall(answer)

        thread = threading.Thread(target=talk)
        thread.start()
        with pytest.raises(BusLost):
            bus.transfer(0x48, b"\x0f", 2)
        thread.join(DEADLINE_S)


def test_hostile_bytes_drop_their_client_and_nobody_else(bench: Bench) -> None:
    """Random bytes, lengths that no frame has, kinds that are none; a good client goes on meanwhile."""
    bus = bench.i2c()
    attacks = [b"\xff\xff", b"\x00\x00", frame(b"\x09\x04main"), frame(b"\x01"), frame(b"\x01\x04main\x48\xff\xff")]
    attacks += [frame(b"\x03\x02\xff\xfe\x00\x01"), os.urandom(4000)]
    assert bench.server is not None
    for count, attack in enumerate(attacks, 1):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(DEADLINE_S)
            line.connect(str(bench.path))
            line.sendall(attack)
            with contextlib.suppress(ConnectionResetError):  # closed with bytes of ours unread
                assert line.recv(100) == b""
        assert bench.server.dropped == count
        assert bus.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    bus.close()


def test_a_client_that_never_reads_is_dropped(bench: Bench) -> None:
    """Its answers are not hoarded."""
    requests = frame(encode_transfer(b"main", 0x48, b"\x0f", 2000)) * 200_000
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(DEADLINE_S)
        line.connect(str(bench.path))
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            line.sendall(requests)
    assert bench.server is not None
    assert bench.server.dropped == 1


def test_one_client_too_many_is_turned_away(bench: Bench) -> None:
    """The seventeenth."""
    buses = [bench.i2c() for _ in range(17)]
    for bus in buses[:16]:
        assert bus.transfer(0x48, b"\x0f", 2) == b"\x01\x17"
    with pytest.raises(BusLost):
        buses[16].transfer(0x48, b"\x0f", 2)
    for bus in buses:
        bus.close()


def test_a_path_in_use_is_refused_and_a_dead_one_taken_over(bench: Bench, tmp_path: Path) -> None:
    """Two servers would fight; what a killed one left is no obstacle; a file of another kind is not removed."""
    with pytest.raises(OSError, match="in use"):
        ChipServer(bench.path, {}, {})
    dead = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.bind(str(dead))
    ChipServer(dead, {}, {}).close()
    assert not dead.exists()
    precious = tmp_path / "precious"
    precious.write_text("kept")
    with pytest.raises(OSError, match="in use"):
        ChipServer(precious, {}, {})
    assert precious.read_text() == "kept"


@pytest.mark.parametrize(
    "text", ["emu:///s.sock", "emu:///s.sock?bus=", "emu://host/s?bus=a", "emu:///?bus=a", "emu:///s?bus=a&x=1",
             f"emu:///{'s' * 120}?bus=a", "emu:///s?bus=a&timeout_ms=0"]
)  # fmt: skip
def test_urls_that_name_no_socket(text: str) -> None:
    """Said with the URL."""
    for opener in (open_emu_i2c, open_emu_gpio):
        with pytest.raises(ValueError, match="emu:"):
            opener("main", parse_url(text), WallClock())
