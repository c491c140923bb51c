"""The desk rover in three processes: emulated chips, flight, and this one as its supervisor and its ground."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Final

from ground.station import Received
from ground.verification import CommandRecord
from sil.live.desk import LinkDesk
from sil.live.link_url import parse_link
from sil.live.pipes import LINK_RADIO, open_link
from telemetry_defs.formats import DecodedTm
from tests.process.wired_rover import Shown, rahi

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 60.0


class Emulator:
    """`rahi emulate rover desk` in a folder of its own, on free ports."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder / "desk"
        self._process = rahi(folder, "emulate", "rover", "desk", "--dir", str(self.folder), "--port", "0", *words)
        shown = Shown(self._process)
        shown.wait_for("Ctrl-C ends")
        found = re.search(r"control (\d+), local (\d+)", shown.text())
        assert found is not None
        self.local_port = int(found[2])
        self._control = socket.create_connection(("127.0.0.1", int(found[1])), PATIENCE_S)
        self._answers = self._control.makefile("rb")

    def status(self) -> Any:
        """What the true rover does now."""
        self._control.sendall(b"status\n")
        return json.loads(self._answers.readline())

    def wheels_rad_s(self) -> float:
        """The fastest wheel's speed."""
        return max(map(abs, self.status()["wheels_rad_s"].values()))

    def speed_at(self, t_s: float) -> float:
        """The fastest wheel's speed when its world's clock has come to `t_s`."""
        while self.status()["t_s"] < t_s:
            time.sleep(0.005)
        return self.wheels_rad_s()

    def motors_line(self) -> bool:
        """Level of the line that enables the motors."""
        level: bool = self.status()["lines"]["lines"]["23"]
        return level

    def kill(self) -> None:
        """As if the desk had lost its power."""
        self._process.kill()
        self._let_go()

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        self._process.send_signal(signal.SIGINT)
        self._let_go()
        return self._process.returncode

    def _let_go(self) -> None:
        self._process.communicate(timeout=PATIENCE_S)
        self._answers.close()
        self._control.close()


class Supervisor:
    """Takes the notifications of flight as systemd would, on a thread: a full socket would be a failed watchdog."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._said: Queue[str] = Queue()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def wait_for(self, assignment: str, within_s: float) -> None:
        """Until flight says so."""
        end_s = time.monotonic() + within_s
        while self._said.get(timeout=max(0.001, end_s - time.monotonic())) != assignment:
            pass

    def close(self) -> None:
        """Listen no more."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(b"", str(self.path))
        self._thread.join(PATIENCE_S)
        self._socket.close()

    def _run(self) -> None:
        while message := self._socket.recv(4096).decode():
            for assignment in message.split("\n"):
                self._said.put(assignment)


class FlightProcess:
    """`python -m flight` on the rover file that the emulator has written."""

    def __init__(self, emulator: Emulator, supervisor: Supervisor, *words: str) -> None:
        self._said = (emulator.folder / "said").open("w+")
        self.process = subprocess.Popen(
            flight_words(emulator, *words),
            cwd=ROOT,
            env={**os.environ, "NOTIFY_SOCKET": str(supervisor.path)},
            stderr=self._said,
            stdout=subprocess.DEVNULL,
        )
        with suppress(OSError):  # the tests beside this one take nothing from it
            os.setpriority(os.PRIO_PROCESS, self.process.pid, -10)

    def said(self) -> str:
        """Its journal so far."""
        self._said.seek(0)
        return self._said.read()

    def end(self, number: signal.Signals) -> int:
        """Send this signal and wait; the exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def close(self) -> None:
        """Whatever has happened, it is gone afterwards."""
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self._said.close()


class Ground:
    """A station at the local radio."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        link = open_link(parse_link(f"tcp://127.0.0.1:{emulator.local_port}"))
        self.desk = LinkDesk({LINK_RADIO: link}, counters=folder / "state")
        self.packets: list[DecodedTm] = []
        self.desk.station.on_packet(self._keep)

    def until(self, met: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
        """Hear telemetry until this holds."""
        end_s = time.monotonic() + within_s
        while not met():
            assert time.monotonic() < end_s, f"{what}; heard {sorted({tm.name for tm in self.packets})}"
            self.desk.poll(0.02)

    def heard(self, name: str) -> Callable[[], bool]:
        """Whether a packet of this name has come."""
        return lambda: bool(self.of(name))

    def of(self, name: str) -> list[DecodedTm]:
        """All packets of this name."""
        return [tm for tm in self.packets if tm.name == name]

    def send(self, name: str, **args: object) -> CommandRecord:
        """One telecommand, without waiting."""
        return self.desk.station.send_command(name, args, self.desk.now_ns(), LINK_RADIO)

    def do(self, name: str, **args: object) -> None:
        """One telecommand, to its good end."""
        record = self.send(name, **args)
        self.until(lambda: record.finished, f"{name} ends")
        assert record.completed, (name, record.reports, record.code_name, record.detail)

    def drive(self, x_m: float, turning: Callable[[], bool] | None = None) -> None:
        """Drive there, or until the wheels turn; a busy machine makes late chips, so up to six times."""
        for _ in range(6):
            record = self.send("mobility.drive_to", x_m=x_m, y_m=0.0, speed_m_s=0.05, timeout_s=60.0)
            self.until(lambda: record.finished or (turning is not None and turning()), "the drive")  # noqa: B023 - used at once
            if record.completed or not record.finished:
                return
            self.for_s(1.0)
        raise AssertionError([tm.fields for tm in self.of("mobility.motion_ended")])

    def for_s(self, span_s: float) -> None:
        """Hear telemetry for so long."""
        end_s = time.monotonic() + span_s
        while time.monotonic() < end_s:
            self.desk.poll(0.02)

    def close(self) -> None:
        """Hang up."""
        self.desk.close()

    def _keep(self, packet: Received) -> None:
        if packet.decoded is not None:
            self.packets.append(packet.decoded)


def flight_words(emulator: Emulator, *words: str) -> list[str]:
    """A command line of flight."""
    return [sys.executable, "-m", "flight", "--config", str(emulator.folder / "rover.toml"), *words]


def run_flight(emulator: Emulator, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        flight_words(emulator, *words),
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
