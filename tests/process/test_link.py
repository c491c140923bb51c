"""`--link`: the operator's commands over a serial port and over TCP, with a real simulated rover at the other end."""

import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from sil.cli.app import run
from sil.live.link_url import parse_link
from sil.live.pipes import open_link
from tests.process.wired_rover import End, PtyEnd, Shown, TcpEnd, WiredRover, rahi

pytestmark = pytest.mark.process

TCGETS2 = 0x802C542A
"""Of Linux: settings with rates as numbers (asm-generic/ioctls.h, termbits.h)."""
KNOWN = r"\r[A-Z]+ +x_m -?\d.*report_hk: completed"


@pytest.fixture(params=[PtyEnd, TcpEnd])
def end(request: pytest.FixtureRequest) -> Iterator[End]:
    made: End = request.param()
    yield made
    made.unplug()


@pytest.fixture
def port() -> Iterator[PtyEnd]:
    made = PtyEnd()
    yield made
    made.unplug()


def test_send_shows_each_verification_report(end: End, tmp_path: Path) -> None:
    """As over `rahi live`: accepted, started, completed, exit code 0."""
    rover = WiredRover(end)
    sending = rahi(tmp_path, "send", "system.ping", "--link", end.url)
    rover.run(lambda: sending.poll() is not None)
    out, errors = sending.communicate(timeout=20)
    assert (sending.returncode, errors) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["sent", "accepted", "started", "completed"]


def test_send_without_waiting_still_lets_the_frame_leave(end: End, tmp_path: Path) -> None:
    """The rover carries it out although nobody listens for the answer."""
    rover = WiredRover(end)
    sending = rahi(tmp_path, "send", "system.ping", "--no-wait", "--link", end.url)
    rover.run(lambda: any(packet[7:9] == b"\x01\x07" for packet in rover.packets))  # TM[1,7], completed
    out, _ = sending.communicate(timeout=20)
    assert (sending.returncode, out) == (0, "sent system.ping\n")


def test_watch_prints_what_comes_down(end: End, tmp_path: Path) -> None:
    """One JSON object a packet; a pulled cable is told in one line, and ends it as a rover that hung up does."""
    rover = WiredRover(end)
    watching = rahi(tmp_path, "watch", "--json", "--link", end.url)
    shown = Shown(watching)
    rover.run(lambda: len(shown.lines()) >= 3)
    end.unplug()
    code, errors = shown.end()
    packets = [json.loads(line) for line in shown.lines()]
    assert {packet["radio"] for packet in packets} == {"local"}
    assert code == 0
    assert re.fullmatch(re.escape(end.url) + ": the (port is gone|other end hung up).*\n", errors), errors


def test_drive_knows_mode_and_pose_at_once(end: End, tmp_path: Path) -> None:
    """Two requests up, two reports down, and q ends."""
    keys, terminal = pty.openpty()
    rover = WiredRover(end)
    driving = rahi(tmp_path, "drive", "--link", end.url, stdin=terminal)
    shown = Shown(driving)

    def ended() -> bool:
        if re.search(KNOWN, shown.text()):
            os.write(keys, b"q")
        return driving.poll() is not None

    rover.run(ended)
    code, _ = shown.end()
    os.close(keys)
    os.close(terminal)
    assert code == 0
    assert re.search(KNOWN, shown.text()), shown.text()


def test_an_unplugged_cable_ends_a_send_with_1(end: End, tmp_path: Path) -> None:
    """Sent, no answer, gone: one line that says so."""
    sending = rahi(tmp_path, "send", "system.ping", "--link", end.url)
    shown = Shown(sending)
    shown.wait_for("sent ")
    end.unplug()
    code, errors = shown.end()
    assert code == 1
    assert errors.startswith(f"hung up   system.ping is sent ({end.url}: the ")
    assert len(errors.splitlines()) == 1


# ---- links that cannot be opened ---------------------------------------------------------------------------------


def _refused(url: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["watch", "--link", url]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    return captured.err.removeprefix("rahi: ").strip()


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_a_busy_port_is_told(port: PtyEnd, capsys: pytest.CaptureFixture[str]) -> None:
    """Two programs that read one port would each get half of the bytes."""
    holder = open_link(parse_link(port.url))
    assert _refused(port.url, capsys) == f"{port.url}: in use by another program"
    holder.close()
    open_link(parse_link(port.url)).close()


def test_a_device_that_is_not_there_or_no_port_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the URL as it is understood, and the reason."""
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert _refused(f"serial://{tmp_path}/ttyUSB7", capsys) == f"serial://{tmp_path}/ttyUSB7?baud=57600: no such device"
    assert _refused(f"serial://{file}?baud=9600", capsys) == f"serial://{file}?baud=9600: not a serial port"
    assert _refused(f"serial://{tmp_path}", capsys) == f"serial://{tmp_path}?baud=57600: not a serial port"


def test_a_server_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody listens, or there is no such host."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    assert _refused(f"tcp://127.0.0.1:{number}", capsys) == f"tcp://127.0.0.1:{number}: Connection refused"
    assert _refused("tcp://no-such-host.invalid:1", capsys).startswith("tcp://no-such-host.invalid:1: ")


def test_a_port_runs_at_the_rate_of_the_url(port: PtyEnd) -> None:
    """Also at one that has no name in termios; 8N1, no flow control, no character is special."""
    for baud in (9600, 57_600, 250_000):
        link = open_link(parse_link(f"serial://{port.path}?baud={baud}"))
        settings = struct.unpack("4I20s2I", fcntl.ioctl(link.fileno(), TCGETS2, bytes(44)))
        link.close()
        iflag, oflag, cflag, lflag, _, speed_in, speed_out = settings
        assert (speed_in, speed_out) == (baud, baud)
        assert cflag & (termios.CSIZE | termios.PARENB | termios.CSTOPB | termios.CRTSCTS) == termios.CS8
        assert not iflag & (termios.IXON | termios.IXOFF | termios.ICRNL | termios.ISTRIP)
        assert not oflag & termios.OPOST
        assert not lflag & (termios.ICANON | termios.ECHO | termios.ISIG)


def test_ctrl_c_ends_a_watch(port: PtyEnd, tmp_path: Path) -> None:
    """With 0, and the port is free again."""
    rover = WiredRover(port)
    watching = rahi(tmp_path, "watch", "--link", port.url)
    shown = Shown(watching)
    rover.run(lambda: bool(shown.lines()))
    watching.send_signal(signal.SIGINT)
    assert shown.end() == (0, "")
    open_link(parse_link(port.url)).close()
