"""`rahi emulate CHIP` as another program meets it: terminals, sockets, and a modem's air."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import pytest
from basicmicro import Basicmicro

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.errors import DeviceError
from hal.api.wiring import ImuWiring, MonitorWiring, SensorWiring
from hal.buses.emu import EmuI2c, open_emu_gpio, open_emu_i2c
from hal.buses.serial_port import SerialPort, open_serial
from hal.buses.url import parse_url
from hal.drivers.bno055 import Bno055
from hal.drivers.power_monitors import Ina260Monitor
from hal.drivers.temperature_sensors import Tmp117Sensors
from sil.cli.app import run
from tests.process.test_chips_over_a_port import RealClock
from tests.process.wired_rover import Shown, rahi, wait_for

pytestmark = pytest.mark.process

T = TypeVar("T")
CLOCK = RealClock()
PAUSE_NS = 50 * NS_PER_MS
Served = Callable[..., Shown]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Starts an emulator and waits until it serves; at the end it must go in peace."""
    running: list[tuple[subprocess.Popen[str], Shown]] = []

    def start(*words: str) -> Shown:
        process = rahi(tmp_path, "emulate", *words)
        shown = Shown(process)
        running.append((process, shown))
        shown.wait_for("Ctrl-C ends")
        return shown

    yield start
    for process, _ in running:
        process.send_signal(signal.SIGINT)
    for _, shown in running:
        assert shown.end() == (0, "")


def serial_at(path: Path | str, baud: int) -> closing[SerialPort]:
    bus = open_serial("line", parse_url(f"serial://{path}?baud={baud}"), CLOCK)
    assert isinstance(bus, SerialPort)
    return closing(bus)


def i2c_at(path: Path) -> closing[EmuI2c]:
    return closing(open_emu_i2c("main", parse_url(f"emu://{path}?bus=main&timeout_ms=1000"), CLOCK))


def asked(ask: Callable[[], T]) -> T:
    """Its first answer; a chip that is being set up is asked again."""
    found: list[T] = []

    def answered() -> bool:
        with suppress(DeviceError):
            found.append(ask())
        CLOCK.sleep_until_ns(CLOCK.now_ns() + PAUSE_NS)
        return bool(found)

    wait_for(answered)
    return found[0]


def test_the_vendors_library_finds_both_motor_controllers(served: Served, tmp_path: Path) -> None:
    """At their addresses, with the version that was asked for, by the link."""
    link = tmp_path / "motors"
    served(
        "roboclaw",
        "--address",
        "0x80",
        "--address",
        "0x83",
        "--firmware",
        "USB Roboclaw 2x15a v4.3.9",
        "--link",
        str(link),
    )
    vendor = Basicmicro(str(link), 115_200)
    assert vendor.Open()
    for address in (0x80, 0x83):
        assert "2x15a v4.3.9" in vendor.ReadVersion(address)[1]
    assert vendor.SpeedM1(0x83, 1_000)
    wait_for(lambda: vendor.ReadSpeedM1(0x83)[1] > 900)
    assert vendor.ReadSpeedM1(0x80)[1] == 0
    vendor.close()


def test_an_old_motor_controller_says_so(served: Served, tmp_path: Path) -> None:
    """Its version, 16 bits of status, and silence to command 78, which reads both encoders."""
    link = tmp_path / "motors"
    served("roboclaw", "--old", "--link", str(link))
    answers = []
    with serial_at(link, 115_200) as bus:
        for command in (21, 90, 78):
            bus.write(bytes((0x80, command)))
            answers.append(bus.read(60, CLOCK.now_ns() + 300 * NS_PER_MS))
    assert answers[0].startswith(b"USB Roboclaw 2x7a v4.1.34\n\0")
    assert [len(answer) for answer in answers[1:]] == [4, 0]


def test_an_inertial_unit_lies_still_and_level(served: Served) -> None:
    """Read by the driver, over the path that is printed."""
    found = re.search(r"BNO055 on (/dev/\S+);", served("bno055", "--seed", "3").text())
    assert found is not None
    with serial_at(found[1], 115_200) as bus:
        reading = asked(Bno055(bus, ImuWiring(bus="imu"), CLOCK, lambda: True).read)
    assert reading.accel_m_s2 == pytest.approx((0.0, 0.0, 9.80665), abs=0.1)
    assert reading.gyro_rad_s == pytest.approx((0.0, 0.0, 0.0), abs=0.02)


def test_a_modem_carries_bytes_between_its_line_and_its_air(served: Served, tmp_path: Path) -> None:
    """Both ways, and nothing goes faster than the air."""
    link = tmp_path / "modem"
    found = re.search(r"tcp://127.0.0.1:(\d+)", served("sik", "--link", str(link)).text())
    assert found is not None
    data = bytes(range(256)) * 8
    address = ("127.0.0.1", int(found[1]))
    with serial_at(link, 57_600) as bus, socket.create_connection(address, 10.0) as air:
        start_s = time.monotonic()
        air.sendall(data)
        assert bus.read(len(data), CLOCK.now_ns() + 20 * NS_PER_S) == data
        assert time.monotonic() - start_s > len(data) * 8 / 64_000
        bus.write(b"to the ground")
        heard = b""
        while len(heard) < 13:
            heard += air.recv(100)
    assert heard == b"to the ground"


def test_sensors_on_a_socket_read_what_was_asked_for(served: Served, tmp_path: Path) -> None:
    """Volts, amperes and degrees through the drivers."""
    power, heat = tmp_path / "power.sock", tmp_path / "heat.sock"
    served("ina260", "--address", "0x45", "--volts", "12.5", "--amps", "-2.25", "--socket", str(power))
    served("tmp117", "--address", "0x48", "--address", "0x4b", "--degrees", "-31.5", "--socket", str(heat))
    with i2c_at(power) as bus:
        reading = asked(Ina260Monitor(bus, MonitorWiring(bus="main", address=0x45), CLOCK).read)
    assert (reading.bus_voltage_v, reading.battery_current_a) == pytest.approx((12.5, -2.25), abs=0.02)
    places = [SensorWiring(bus="main", address=0x48, measures=("web",))]
    places.append(SensorWiring(bus="main", address=0x4B, measures=("shell",)))
    with i2c_at(heat) as bus:
        warmth = asked(Tmp117Sensors([(bus, place) for place in places], CLOCK).read)
    known = [value for value in warmth.temperature_c if value is not None]
    assert known == pytest.approx([-31.5, -31.5], abs=0.1)


def test_servo_pulses_and_levels_are_printed_as_they_change(served: Served, tmp_path: Path) -> None:
    """Count 307 of 4096 on channel 2 at 50 Hz; lines that go back when their driver has gone."""
    servo, lines = tmp_path / "servo.sock", tmp_path / "lines.sock"
    shown = served("pca9685", "--socket", str(servo))
    with i2c_at(servo) as bus:
        for written in (b"\xfe\x79", b"\x00\x20", b"\x0e\x00\x00\x33\x01"):
            bus.transfer(0x40, written, 0)
    wait_for(lambda: "channel 2 1498 us" in shown.text())
    shown = served("gpio", "--pull-up", "5", "--socket", str(lines))
    gpio = open_emu_gpio("lines", parse_url(f"emu://{lines}?bus=lines&timeout_ms=1000"), CLOCK)
    gpio.claim(23, True)
    gpio.claim(5, False)
    wait_for(lambda: "line 23 high" in shown.text() and "line 5 low" in shown.text())
    gpio.close()
    wait_for(lambda: "line 23 low" in shown.text() and "line 5 high" in shown.text())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("roboclaw", "--address", "0x88"), "'0x88': expected addresses from 0x80 to 0x87, each once"),
        (("roboclaw", "--address", "0x80", "--address", "128"), "'128': expected addresses from 0x80 to 0x87"),
        (("roboclaw", "--firmware", "x" * 47), "expected 1 to 46 printable ASCII characters"),
        (("bno055", "--baud", "5"), "--baud = 5: expected a whole number from 1200 to 4000000"),
        (("bno055", "--link", "/"), "/: cannot be made a link to the terminal"),
        (("sik", "--rssi", "5"), "--rssi = 5: expected a number from -120 to 0"),
        (("sik", "--port", "1"), "--port 1"),
        (("ina260",), "Missing option '--socket'"),
        (("ina260", "--socket", "/proc/none/x"), "/proc/none/x: cannot be made a socket"),
        (("tmp117", "--degrees", "nan", "--socket", "s"), "--degrees = nan: expected a number from -273.15 to 200"),
        (("gpio", "--pull-up", "58", "--socket", "s"), "--pull-up = 58: expected a whole number from 0 to 57"),
        (("gpio", "--bus", "", "--socket", "s"), "expected 1 to 40 printable"),
        (("pca9685", "--address", "0x40", "--address", "0x41", "--socket", "s"), "one PCA9685 has one address"),
        (("rover", "nope"), "nope: no such rover"),
        (("rover", "desk", "--world", "nowhere"), "nowhere"),
    ],
)
def test_bad_options_are_refused_in_one_line(
    words: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(tmp_path)
    if words == ("sik", "--port", "1"):
        taken = socket.create_server(("127.0.0.1", 0))
        request.addfinalizer(taken.close)
        words, said = ("sik", "--port", str(taken.getsockname()[1])), "cannot be listened on"
    extra = ("--port", "0", "--dir", str(tmp_path)) if words[0] == "rover" else ()
    assert run(["emulate", *words, *extra]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
