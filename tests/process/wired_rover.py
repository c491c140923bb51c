"""A simulated rover whose local radio ends on a pseudo-terminal or a TCP port of this machine."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import socket
import subprocess
import sys
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from sil.live.session import open_ended
from sil.loader import load_scenario
from sil.mission import Mission
from telemetry_defs.framing import FrameDecoder

CYCLE_S = 0.004
"""Wall time for each 0.1 s of the rover's."""
DEADLINE_S = 60.0


class End(Protocol):
    """The rover's end of the cable; never blocks."""

    url: str

    def wait(self, timeout_s: float) -> bytes:
        """What has come within this time, nothing if nothing has."""
        ...

    def send(self, data: bytes) -> int:
        """Send what there is room for."""
        ...

    def unplug(self) -> None:
        """Gone."""
        ...


class PtyEnd:
    """A pseudo-terminal stands in for a USB serial port."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)  # until somebody sets the port up, nothing is echoed
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.url = f"serial://{self.path}?baud=57600"

    def wait(self, timeout_s: float) -> bytes:
        if self._master < 0 or not select.select([self._master], [], [], timeout_s)[0]:
            return b""
        return os.read(self._master, 1 << 16)

    def send(self, data: bytes) -> int:
        return len(data) if self._master < 0 else os.write(self._master, data)

    def unplug(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            os.close(self._slave)
        self._master = -1


class TcpEnd:
    """A serial port behind a server, such as ser2net."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._connected: socket.socket | None = None
        self.url = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"

    def wait(self, timeout_s: float) -> bytes:
        if self._connected is None and self._listening.fileno() >= 0:
            with contextlib.suppress(BlockingIOError):
                self._connected, _ = self._listening.accept()
                self._connected.setblocking(False)
        heard = [] if self._connected is None else [self._connected]
        if not select.select(heard, [], [], timeout_s)[0] or self._connected is None:
            return b""
        with contextlib.suppress(ConnectionError):
            return self._connected.recv(1 << 16)
        return b""

    def send(self, data: bytes) -> int:
        if self._connected is None:
            raise BlockingIOError
        with contextlib.suppress(ConnectionError):
            return self._connected.send(data)
        return len(data)

    def unplug(self) -> None:
        if self._listening.fileno() < 0:
            return
        self.wait(0.0)  # who has come is hung up on, not refused
        if self._connected is not None:
            self._connected.close()
            self._connected = None
        self._listening.close()


class WiredRover:
    """A mission on flat ground and the cable to its radio.

    Attributes:
        sent: all bytes that left by the cable.
    """

    def __init__(self, end: End) -> None:
        self.end = end
        # Without telecommands of its own: its station would use the counts of ours.
        self.mission = Mission(msgspec.structs.replace(open_ended(load_scenario("hello")), command=()))
        self.sent = b""
        self._unsent = b""
        self.mission.simulation.links["local"].on_downlink(self._down)

    @property
    def packets(self) -> list[bytes]:
        """What a station at the other end must have got."""
        return FrameDecoder().feed(self.sent)

    def run(self, until: Callable[[], bool]) -> None:
        """Live until then, some 25 times as fast as the wall clock; afterwards the cable is empty."""
        end_s = time.monotonic() + DEADLINE_S

        def pace(_now_ns: int) -> None:
            self.pump(CYCLE_S)
            if until():
                self.mission.end()
            assert time.monotonic() < end_s, "what the test waits for did not happen"

        try:
            self.mission.run(pace)
        finally:
            self.mission.archive.close()
        while self._unsent and time.monotonic() < end_s:
            self.pump(CYCLE_S)

    def pump(self, timeout_s: float) -> None:
        """Bytes up and down."""
        if data := self.end.wait(timeout_s):
            self.mission.uplink("local", data)
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                self._unsent = self._unsent[self.end.send(self._unsent) :]

    def _down(self, _t_ns: int, data: bytes) -> None:
        self.sent += data
        self._unsent += data


def rahi(folder: Path, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
    """Start a `rahi` command in a process of its own, its counters in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "sil.cli", *arguments],
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "120"},
        text=True,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class Shown:
    """What a command has printed so far; looking never waits, so that the rover can live meanwhile."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process = process
        self._file = process.stdout
        self._data = b""
        os.set_blocking(self._file.fileno(), False)

    def text(self) -> str:
        """All of it."""
        with contextlib.suppress(BlockingIOError):
            while not self._file.closed and (data := os.read(self._file.fileno(), 1 << 16)):
                self._data += data
        return self._data.decode()

    def end(self) -> tuple[int, str]:
        """Wait for the end of the command; its exit code and what it complained of."""
        code = self._process.wait(DEADLINE_S)
        self.text()
        _, errors = self._process.communicate()
        return code, errors

    def lines(self) -> list[str]:
        """Those that are whole."""
        return self.text().split("\n")[:-1]

    def wait_for(self, text: str) -> None:
        """Until this has been printed."""
        wait_for(lambda: text in self.text())


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, or the test fails."""
    end_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end_s, "what the test waits for did not happen"
        time.sleep(0.01)
